"""Year close: carry income and expense to the result, and the result to the fund's net assets.

Book A: income and expense → 3101 → 3001, 3002 or 3003 by fund; 3201 goes the same way. Book M (cash
basis): contributions and uses to each household's sub-account 3001, other income to 3101, from where
it is distributed to households by event E23g.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Literal

from sqlalchemy import Connection, func, select

from ledger.balances import balances_by, resolve_clock
from ledger.balances.clock import Clock
from ledger.chart import FUNDS, Chart, load_chart
from ledger.errors import refuse
from ledger.journal.draft import Detail, Draft, Line
from ledger.journal.head import lock_head
from ledger.journal.post import Intent, Posted, write_intents
from ledger.store.tables import posting
from ledger.trust.act import Act

_RESULT_OF_YEAR = "3101"
_PRIOR_YEARS = "3201"
_DIMENSIONS = ("unit", "vendor", "contract", "project", "party", "site", "counter_fund")


def close_year_entries(
    conn: Connection,
    trust_id: int,
    book: Literal["A", "M"],
    year: int,
    *,
    preparer: str,
    reviewer: str,
    act: Act,
) -> list[Posted]:
    """Post the closing entries of a year, dated 31 December; December can then be closed.

    Idempotent by year. Raises :class:`~ledger.errors.Refused` before the year is over.
    """
    ends_on = date(year, 12, 31)
    if ends_on > act.today:
        raise refuse("year_not_over", f"{year} 年还没过完，不能年结", "年度")
    lock_head(conn, trust_id)
    chart = load_chart(conn, trust_id)
    clock = resolve_clock(conn, trust_id, today=act.today, as_of=ends_on)
    entries = _book_a(conn, trust_id, chart, clock) if book == "A" else _book_m(conn, trust_id, chart, clock)
    intents = [
        Intent(
            Draft(
                book=book,
                date=ends_on,
                event=event,
                summary=f"{year}年年末{summary}",
                lines=tuple(lines),
                preparer=preparer,
                reviewer=reviewer,
                key=f"year-close:{book}:{year}:{name}",
            )
        )
        for event, summary, name, lines in entries
        if lines
    ]
    return write_intents(conn, trust_id, intents, act, internal=True) if intents else []


_Entry = tuple[str, str, str, list[Line]]


def _book_a(conn: Connection, trust_id: int, chart: Chart, clock: Clock) -> Iterable[_Entry]:
    by_key = _open_lines(conn, trust_id, chart, "A", clock)
    result: dict[str, int] = defaultdict(int)
    for event, class_, summary, name in (
        ("E28a", "I", "结转收入", "income"),
        ("E28b", "E", "结转支出", "expense"),
    ):
        for fund in FUNDS:
            lines = [
                _closing(key, net)
                for key, net in by_key.items()
                if key[1] == fund and _class(chart, key) == class_
            ]
            total = sum(line.signed for line in lines)
            result[fund] += total
            if lines:
                yield (
                    event,
                    f"{summary}（{FUNDS[fund].name}）",
                    f"{name}:{fund}",
                    [*lines, *_balancing(_RESULT_OF_YEAR, fund, total)],
                )
    for fund, info in FUNDS.items():
        prior = sum(net for key, net in by_key.items() if key[0] == _PRIOR_YEARS and key[1] == fund)
        yearly = -result[fund]
        lines = [
            _plain(account, fund, -net)
            for account, net in ((_RESULT_OF_YEAR, yearly), (_PRIOR_YEARS, prior))
            if net
        ]
        lines += _balancing(info.result_account, fund, sum(line.signed for line in lines))
        if lines:
            yield "E28c", f"结转结余（{info.name}）", f"result:{fund}", lines


def _book_m(conn: Connection, trust_id: int, chart: Chart, clock: Clock) -> Iterable[_Entry]:
    for event, account, summary, name in (
        ("E23d", "5001", "结转维修支出到户", "use"),
        ("E23e", "4001", "结转交存到户", "contribution"),
    ):
        parts = {
            unit: totals.balance
            for unit, totals in balances_by(conn, trust_id, "M", account, "unit", clock).items()
        }
        yield event, summary, name, _per_unit(account, parts)
    by_key = _open_lines(conn, trust_id, chart, "M", clock)
    lines = [
        _closing(key, net)
        for key, net in by_key.items()
        if _class(chart, key) in ("I", "E") and key[0] not in ("4001", "5001")
    ]
    yield (
        "E23f",
        "结转收益",
        "yield",
        [*lines, *_balancing("3101", "M", sum(line.signed for line in lines))] if lines else [],
    )


_Key = tuple[str, str, tuple[tuple[str, str], ...]]


def _open_lines(conn: Connection, trust_id: int, chart: Chart, book: str, clock: Clock) -> dict[_Key, int]:
    """Balances of income, expense and prior-year accounts by fund and dimensions; lines posted in
    total for many households stay in total."""
    columns = [posting.c[name] for name in _DIMENSIONS]
    codes = [
        a.code for a in chart.of_book(book) if a.leaf and (a.class_ in ("I", "E") or a.code == _PRIOR_YEARS)
    ]
    rows = conn.execute(
        select(posting.c.account, posting.c.fund, posting.c.side, func.sum(posting.c.amount), *columns)
        .where(
            posting.c.trust_id == trust_id,
            posting.c.book == book,
            posting.c.account.in_(codes),
            posting.c.business_date <= clock.as_of,
        )
        .group_by(posting.c.account, posting.c.fund, posting.c.side, *columns)
    )
    nets: dict[_Key, int] = defaultdict(int)
    for account, fund, side, amount, *dims in rows:
        keep = chart[book, account].dimensions
        named = tuple(
            (n, v) for n, v in zip(_DIMENSIONS, dims, strict=True) if v and n in keep and n != "unit"
        )
        nets[account, fund, named] += int(amount) if side == "D" else -int(amount)
    return {key: net for key, net in sorted(nets.items()) if net}


def _class(chart: Chart, key: _Key) -> str:
    book = "M" if key[1] == "M" else "A"
    return chart[book, key[0]].class_


def _closing(key: _Key, net: int) -> Line:
    """The line that empties an account, on the side opposite to its balance."""
    account, fund, dims = key
    return Line(account, fund, "C" if net > 0 else "D", abs(net), **dict(dims))  # type: ignore[arg-type]


def _plain(account: str, fund: str, signed: int) -> Line:
    return Line(account, fund, "D" if signed > 0 else "C", abs(signed))


def _balancing(account: str, fund: str, signed: int) -> list[Line]:
    return [_plain(account, fund, -signed)] if signed else []


def _per_unit(account: str, parts: Mapping[str, int]) -> list[Line]:
    """Empty an account kept per household into the households' sub-accounts 3001."""
    total = sum(parts.values())
    if not total:
        return []
    sign: Literal[1, -1] = 1 if total > 0 else -1
    details = tuple(Detail(unit, sign * part, "年末结转") for unit, part in sorted(parts.items()) if part)
    emptied, filled = ("C", "D") if total > 0 else ("D", "C")
    return [
        Line(account, "M", emptied, abs(total), details=details),  # type: ignore[arg-type]
        Line("3001", "M", filled, abs(total), details=details),  # type: ignore[arg-type]
    ]
