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

import msgspec
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
_NET_ASSETS = (_RESULT_OF_YEAR, _PRIOR_YEARS)
_PROJECTS = "F5"
_PER_HOUSEHOLD = ("4001", "5001", "5101")
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

    May be repeated: it carries what is left to carry, and nothing when all is carried. Raises
    :class:`~ledger.errors.Refused` before the year is over, or when the year before is not carried yet.
    """
    head = lock_head(conn, trust_id)
    intents = [
        Intent(
            msgspec.structs.replace(
                draft, preparer=preparer, reviewer=reviewer, key=f"{draft.key}:{head.tree.size}"
            )
        )
        for draft in closing_drafts(conn, trust_id, book, year, act.today)
    ]
    return write_intents(conn, trust_id, intents, act, internal=True) if intents else []


def closing_drafts(
    conn: Connection, trust_id: int, book: Literal["A", "M"], year: int, today: date
) -> list[Draft]:
    """The closing entries a year still needs, unsigned, to look at before they are posted.

    Raises :class:`~ledger.errors.Refused` as :func:`close_year_entries` does.
    """
    ends_on = date(year, 12, 31)
    if ends_on > today:
        raise refuse("year_not_over", f"{year} 年还没过完，不能年结", "年度")
    chart = load_chart(conn, trust_id)
    clock = resolve_clock(conn, trust_id, today=today, as_of=ends_on)
    year_before = Clock(date(year - 1, 12, 31), clock.known_at, clock.everything)
    if any(key[0] not in _NET_ASSETS for key in _open_lines(conn, trust_id, chart, book, year_before)):
        raise refuse("year_order", f"{year - 1} 年的收支还没有结转，请先做 {year - 1} 年的年结", "年度")
    entries = _book_a(conn, trust_id, chart, clock) if book == "A" else _book_m(conn, trust_id, chart, clock)
    return [
        Draft(
            book=book,
            date=ends_on,
            event=event,
            summary=f"{year}年年末{summary}",
            lines=tuple(sorted(lines, key=lambda line: line.side == "C")),  # debits first
            preparer="",
            reviewer="",
            key=f"year-close:{book}:{year}:{name}",
        )
        for event, summary, name, lines in entries
        if lines
    ]


_Entry = tuple[str, str, str, list[Line]]


def _book_a(conn: Connection, trust_id: int, chart: Chart, clock: Clock) -> Iterable[_Entry]:
    by_key = _open_lines(conn, trust_id, chart, "A", clock)
    for fund, info in FUNDS.items():
        of_fund = {key: net for key, net in by_key.items() if key[1] == fund}
        for event, class_, summary, name in (
            ("E28a", "I", "结转收入", "income"),
            ("E28b", "E", "结转支出", "expense"),
        ):
            nets = {key: net for key, net in of_fund.items() if _class(chart, key) == class_}
            lines = [_closing(key, net) for key, net in nets.items()]
            lines += _carried(nets, _RESULT_OF_YEAR, fund)
            yield event, f"{summary}（{info.name}）", f"{name}:{fund}", lines
        yield (
            "E28c",
            f"结转结余（{info.name}）",
            f"result:{fund}",
            _result_lines(of_fund, fund, info.result_account),
        )


def _carried(nets: Mapping[_Key, int], account: str, fund: str) -> list[Line]:
    """The other side of emptying accounts: what they held, each special project's by itself."""
    by_project: dict[str, int] = defaultdict(int)
    for key, net in nets.items():
        by_project[_project(key[2])] += net
    return [line for project, net in by_project.items() for line in _lines(account, fund, project, net)]


def _result_lines(of_fund: Mapping[_Key, int], fund: str, result_account: str) -> list[Line]:
    """Empty 3101, with all that was just carried there, and 3201 into the fund's net assets."""
    of_year = {key: net for key, net in of_fund.items() if key[0] != _PRIOR_YEARS}
    of_earlier = {key: net for key, net in of_fund.items() if key[0] == _PRIOR_YEARS}
    emptied = [
        *_carried({key: -net for key, net in of_year.items()}, _RESULT_OF_YEAR, fund),
        *(_closing(key, net) for key, net in of_earlier.items()),
    ]
    return [*emptied, *_carried(of_fund, result_account, fund)]


def _book_m(conn: Connection, trust_id: int, chart: Chart, clock: Clock) -> Iterable[_Entry]:
    for event, account, summary, name in (
        ("E23d", "5001", "结转维修支出到户", "use"),
        ("E23d", "5101", "结转返还支出到户", "refund"),
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
        if _class(chart, key) in ("I", "E") and key[0] not in _PER_HOUSEHOLD
    ]
    lines += _lines("3101", "M", "", -sum(line.signed for line in lines))
    yield "E23f", "结转收益", "yield", lines


_Key = tuple[str, str, tuple[tuple[str, str], ...]]


def _project(dims: tuple[tuple[str, str], ...]) -> str:
    """The special project a line belongs to: their money is not mixed when it is carried."""
    return dict(dims).get("project", "")


def _open_lines(conn: Connection, trust_id: int, chart: Chart, book: str, clock: Clock) -> dict[_Key, int]:
    """Balances of what is to be carried, by fund and dimensions; lines posted in total for many
    households stay in total."""
    columns = [posting.c[name] for name in _DIMENSIONS]
    codes = [
        a.code
        for a in chart.of_book(book)
        if a.leaf and (a.class_ in ("I", "E") or (book == "A" and a.code in _NET_ASSETS))
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
        keep = {*chart[book, account].dimensions, *(["project"] if fund == _PROJECTS else [])} - {"unit"}
        named = tuple((n, v) for n, v in zip(_DIMENSIONS, dims, strict=True) if v and n in keep)
        nets[account, fund, named] += int(amount) if side == "D" else -int(amount)
    return {key: net for key, net in sorted(nets.items()) if net}


def _class(chart: Chart, key: _Key) -> str:
    book = "M" if key[1] == "M" else "A"
    return chart[book, key[0]].class_


def _closing(key: _Key, net: int) -> Line:
    """The line that empties an account, on the side opposite to its balance."""
    account, fund, dims = key
    return Line(account, fund, "C" if net > 0 else "D", abs(net), **dict(dims))  # type: ignore[arg-type]


def _lines(account: str, fund: str, project: str, signed: int) -> list[Line]:
    """One line, debit if ``signed`` is positive; none for nothing."""
    side: Literal["D", "C"] = "D" if signed > 0 else "C"
    return [Line(account, fund, side, abs(signed), project=project)] if signed else []


def _per_unit(account: str, parts: Mapping[str, int]) -> list[Line]:
    """Empty an account kept per household into the households' sub-accounts 3001.

    What households have in debit and in credit goes in separate lines, so that the account may be nil
    in total while households still are not.
    """
    lines = []
    for sign, emptied, filled in ((1, "C", "D"), (-1, "D", "C")):
        details = tuple(
            Detail(unit, sign * part, "年末结转") for unit, part in sorted(parts.items()) if sign * part > 0
        )
        total = sum(detail.amount for detail in details)
        if total:
            lines.append(Line(account, "M", emptied, total, details=details))  # type: ignore[arg-type]
            lines.append(Line("3001", "M", filled, total, details=details))  # type: ignore[arg-type]
    return lines
