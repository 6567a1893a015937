"""Corrections (会计基础工作规范 51(五)): the original is never touched, a new entry puts it right.

Same year, any error: a red-letter entry (红字) with the original's lines negated on the same sides,
and, to put something else in its place, a blue-letter entry (蓝字). Same year, only amounts wrong: one
entry with the differences, increases in blue, decreases in red. An earlier year: its income and
expense are already carried to the result, so the difference goes through 3201 in blue letters.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date

import msgspec
from sqlalchemy import Connection, exists, select

from ledger.budget.available import PROBLEMS, taken_by
from ledger.errors import Refused, refuse
from ledger.journal.draft import Detail, Draft, Line, discreet
from ledger.journal.head import lock_head
from ledger.journal.post import Intent, Posted, known_keys, read_facts, write_intents
from ledger.journal.read import Stored, find_seq, read_entries, read_entry
from ledger.journal.rules import check
from ledger.journal.text_rules import can_be_kept
from ledger.store.tables import entry
from ledger.trust.act import Act
from ledger.trust.setup import Setup, load_setup

PRIOR_YEAR_RESULT = "3201"
MAINTENANCE_PER_UNIT = "3001"
MAINTENANCE_UNDISTRIBUTED = "3101"
_WITHOUT_HOUSEHOLDS = {"A": (PRIOR_YEAR_RESULT,), "M": (MAINTENANCE_UNDISTRIBUTED,)}
_TAILS = ("red", "blue", "difference", "prior-year")
"""What a correction appends to the key of the request, one for each entry it may post."""

_Key = tuple[str, str, str, tuple[tuple[str, str], ...]]


def reverse(
    conn: Connection,
    trust_id: int,
    ref: str,
    *,
    on: date,
    reason: str,
    preparer: str,
    reviewer: str,
    key: str,
    act: Act,
) -> Posted:
    """Cancel an entry of the same year by red letters: the same lines, negated, on the same sides.

    Once per entry and never of a reversal. Raises :class:`~ledger.errors.Refused`; for an entry of an
    earlier year use :func:`amend`.
    """
    lock_head(conn, trust_id)
    original = read_entry(conn, trust_id, find_seq(conn, trust_id, ref))
    if not _reversed_with(conn, trust_id, original, key):
        _refuse_if_settled(conn, trust_id, original)
        if differences := _differences_so_far(conn, trust_id, original):
            refs = "、".join(stored.ref for stored in differences)
            raise refuse("amended_before", f"{ref} 已按差额订正过，请先红字冲销差额凭证 {refs}", "冲销")
    if original.draft.date.year != on.year:
        raise refuse(
            "prior_year",
            f"{ref} 是 {original.draft.date.year} 年的凭证，年度已过，不能红字冲销；请用“订正”，差额经 3201 以前年度结余调整",
            "业务日期",
        )
    _refuse_too_early(original, on)
    red = _red(original, on=on, reason=reason, preparer=preparer, reviewer=reviewer, key=key)
    return write_intents(conn, trust_id, [red], act, internal=True)[0]


def amend(conn: Connection, trust_id: int, ref: str, corrected: Draft, act: Act) -> list[Posted]:
    """Put ``corrected`` in the place of a wrong entry, the way the accounting rules ask for it.

    ``corrected`` is the entry as it should have been (its own event, documents and references), dated on
    the day of correction. Returns the entries posted: the differences; or the red and the blue one; or
    the one through 3201. Raises :class:`~ledger.errors.Refused`.
    """
    head = lock_head(conn, trust_id)
    setup = load_setup(conn, trust_id, head.setup_version)
    original = read_entry(conn, trust_id, find_seq(conn, trust_id, ref))
    keys = [f"{corrected.key}:{tail}" for tail in _TAILS] if can_be_kept(corrected) else []
    posted = known_keys(conn, trust_id, keys)
    if not posted:
        _refuse_if_settled(conn, trust_id, original)
        _refuse_too_early(original, corrected.date)
        if original.draft.event in ("E26c", "E26d"):
            raise refuse("amendment_of_amendment", f"{ref} 是订正用的差额凭证，请订正原凭证", "订正")
    if corrected.book != original.draft.book:
        raise refuse("wrong_book", "订正不能把凭证换到另一个账套；请红字冲销后在另一账套重新入账", "账套")
    if not posted:  # a retry must give the first answer, whatever has happened since
        facts = read_facts(conn, setup, head, [corrected], act, internal=False)
        given_back = taken_by(
            stored.draft for stored in (original, *_differences_so_far(conn, trust_id, original))
        )
        facts = replace(facts, taken={line: -fen for line, fen in given_back.items()})
        problems = check(corrected, facts)
        if (
            original.draft.date.year != corrected.date.year
        ):  # goes through 3201: takes from no line of this year
            problems = [problem for problem in problems if problem.code not in PROBLEMS]
        if problems:
            raise Refused(problems)
    until = min((place.seq for place, _ in posted.values()), default=None)
    earlier = _differences_so_far(conn, trust_id, original, until)
    intents = _intents(setup, original, corrected, earlier)
    if posted and set(posted) != {intent.draft.key for intent in intents}:
        places = "、".join(place.ref for place, _ in posted.values())
        raise refuse(
            "key_conflict",
            f"防重复编号“{corrected.key}”已用于{places}，但内容不同；请核对是否重复订正",
            "防重复编号",
        )
    return write_intents(conn, trust_id, intents, act, internal=True)


def _intents(setup: Setup, original: Stored, corrected: Draft, earlier: list[Stored]) -> list[Intent]:
    invoices = {number for stored in (original, *earlier) for number in stored.draft.invoices}
    plain = msgspec.structs.replace(
        corrected,
        documents=tuple(d for d in corrected.documents if d.kind != "invoice" or d.number not in invoices),
    )
    if original.draft.date.year != corrected.date.year:
        return [_through_prior_year(setup, original, plain, earlier)]
    if _only_amounts_differ(original, corrected, earlier):
        return [_difference(original, plain, earlier)]
    if earlier:
        refs = "、".join(stored.ref for stored in earlier)
        raise refuse(
            "amended_before",
            f"{original.ref} 已按差额订正过，科目有误请先红字冲销差额凭证 {refs}",
            "订正",
        )
    return [_red_of(original, corrected), _blue(original, corrected)]


def standing(conn: Connection, trust_id: int, ref: str) -> list[Stored]:
    """An entry and the differences that amended it and stand: together, what the books say now.

    Raises :class:`~ledger.errors.Refused` if it was put right through 3201 already.
    """
    original = read_entry(conn, trust_id, find_seq(conn, trust_id, ref))
    return [original, *_differences_so_far(conn, trust_id, original)]


def _refuse_too_early(original: Stored, on: date) -> None:
    if on < original.draft.date:
        raise refuse(
            "before_original",
            f"更正的业务日期 {on} 早于原凭证 {original.ref} 的 {original.draft.date}，请改为那天或以后",
            "业务日期",
        )


def _reversed_with(conn: Connection, trust_id: int, original: Stored, key: str) -> bool:
    """Whether this very request has been carried out already."""
    row = conn.execute(
        select(entry.c.idempotency_key).where(entry.c.trust_id == trust_id, entry.c.reverses == original.seq)
    ).first()
    return row is not None and row.idempotency_key == key


def _refuse_if_settled(conn: Connection, trust_id: int, original: Stored) -> None:
    """A red-letter entry stays; an entry is cancelled once."""
    if original.reverses is not None:
        raise refuse(
            "reversal_of_reversal",
            f"{original.ref} 本身是红字凭证，不能再冲销；如冲错了，请重新录入正确的凭证",
        )
    row = conn.execute(
        select(entry.c.seq).where(entry.c.trust_id == trust_id, entry.c.reverses == original.seq)
    ).first()
    if row is not None:
        raise refuse("already_reversed", f"{original.ref} 已经被红字冲销过，每张凭证只能冲销一次")


def _differences_so_far(
    conn: Connection, trust_id: int, original: Stored, until: int | None = None
) -> list[Stored]:
    """Entries that amended this one and stand; with ``until``, as of that place in the log."""
    undone = entry.alias()
    query = select(entry.c.seq).where(
        entry.c.trust_id == trust_id,
        entry.c.amends == original.seq,
        entry.c.event.in_(("E26c", "E26d")),
        ~exists().where(
            undone.c.trust_id == trust_id,
            undone.c.reverses == entry.c.seq,
            *([] if until is None else [undone.c.seq < until]),
        ),
    )
    if until is not None:
        query = query.where(entry.c.seq < until)
    earlier = read_entries(conn, trust_id, list(conn.execute(query.order_by(entry.c.seq)).scalars()))
    for stored in earlier:
        if stored.draft.event == "E26d":
            raise refuse(
                "amended_before",
                f"{original.ref} 已由 {stored.ref} 作过以前年度更正；请先红字冲销 {stored.ref}，再重新订正",
                "订正",
            )
    return earlier


# -- the entries -------------------------------------------------------------------------------------


def _title(verb: str, original: Stored, reason: str = "") -> str:
    day = original.draft.date
    tail = f"：{reason}" if reason else ""
    return f"{verb}{day.year}年{day.month}月{day.day}日{original.ref}号凭证{tail}"


def _red(original: Stored, *, on: date, reason: str, preparer: str, reviewer: str, key: str) -> Intent:
    draft = original.draft
    red = msgspec.structs.replace(
        draft,
        date=on,
        original_date=None,
        event="E26a",
        summary=_title("注销", original, reason),
        lines=tuple(_negated(line) for line in draft.lines),
        documents=(),
        preparer=preparer,
        reviewer=reviewer,
        key=key,
    )
    return Intent(discreet(red), reverses=original.seq, reverses_ref=original.ref)


def _red_of(original: Stored, corrected: Draft) -> Intent:
    return _red(
        original,
        on=corrected.date,
        reason="",
        preparer=corrected.preparer,
        reviewer=corrected.reviewer,
        key=f"{corrected.key}:red",
    )


def _blue(original: Stored, corrected: Draft) -> Intent:
    blue = msgspec.structs.replace(
        corrected,
        event="E26b",
        summary=_title("订正", original, corrected.summary),
        key=f"{corrected.key}:blue",
    )
    return Intent(discreet(blue), amends=original.seq, amends_ref=original.ref)


def _difference(original: Stored, corrected: Draft, earlier: list[Stored]) -> Intent:
    before = _by_key(line for stored in (original, *earlier) for line in stored.draft.lines)
    after = _by_key(corrected.lines)
    lines = [
        _line_of(key, after[key][0] - before[key][0], _detail_changes(before[key][1], after[key][1]))
        for key in after
        if after[key][0] != before[key][0]
    ]
    if not lines:
        raise refuse(
            "nothing_to_amend",
            f"{original.ref} 的科目和金额与订正后相同，没有差额；摘要或附件有误请红字冲销后重新入账",
            "分录",
        )
    return _amending(original, corrected, "E26c", "difference", lines)


def _through_prior_year(setup: Setup, original: Stored, corrected: Draft, earlier: list[Stored]) -> Intent:
    nets: dict[_Key, int] = defaultdict(int)
    parts: dict[_Key, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for factor, lines in (
        (-1, [line for stored in (original, *earlier) for line in stored.draft.lines]),
        (1, corrected.lines),
    ):
        for line in lines:
            key = _prior_year_key(setup, corrected.book, line)
            nets[key] += factor * line.signed
            for detail in line.details if key[0] not in _WITHOUT_HOUSEHOLDS[corrected.book] else ():
                parts[key][detail.unit] += factor * (detail.amount if line.side == "D" else -detail.amount)
    lines_out = [line for key, net in nets.items() for line in _blue_lines(key, net, parts[key])]
    if not lines_out:
        raise refuse(
            "no_effect",
            "更正只在以前年度的收支科目之间调整，不影响结余，不需要入账；请在报表说明中更正",
            "分录",
        )
    return _amending(original, corrected, "E26d", "prior-year", lines_out)


def _blue_lines(key: _Key, net: int, parts: Mapping[str, int]) -> Iterator[Line]:
    """A net in blue letters: what households gain on one side, what they lose on the other."""
    account, fund, _, dims = key
    for side, sign in (("D", 1), ("C", -1)):
        group = {unit: sign * part for unit, part in parts.items() if sign * part > 0}
        if group:
            yield _line_of((account, fund, side, dims), sum(group.values()), group)
    rest = net - sum(parts.values())
    if rest:
        yield _line_of((account, fund, "D" if rest > 0 else "C", dims), abs(rest), {})


def _amending(original: Stored, corrected: Draft, event: str, tail: str, lines: list[Line]) -> Intent:
    draft = msgspec.structs.replace(
        corrected,
        event=event,
        summary=_title("订正", original, corrected.summary),
        lines=tuple(lines),
        key=f"{corrected.key}:{tail}",
    )
    return Intent(discreet(draft), amends=original.seq, amends_ref=original.ref)


# -- lines -------------------------------------------------------------------------------------------


def _negated(line: Line) -> Line:
    details = tuple(Detail(d.unit, -d.amount, d.basis) for d in line.details)
    return msgspec.structs.replace(line, amount=-line.amount, details=details)


def _key(line: Line) -> _Key:
    return line.account, line.fund, line.side, tuple(sorted(line.dimensions().items()))


def _only_amounts_differ(original: Stored, corrected: Draft, earlier: list[Stored]) -> bool:
    """Same accounts, sides and dimensions; and no line that keeps its total while households change."""
    before, after = [_key(x) for x in original.draft.lines], [_key(x) for x in corrected.lines]
    if sorted(before) != sorted(after) or len(set(before)) != len(before):
        return False
    then = _by_key(line for stored in (original, *earlier) for line in stored.draft.lines)
    now = _by_key(corrected.lines)
    return all(then[k][0] != now[k][0] or not _detail_changes(then[k][1], now[k][1]) for k in now)


def _by_key(lines: Iterable[Line]) -> dict[_Key, tuple[int, dict[str, int]]]:
    """Amount and per-unit parts by account, fund, side and dimensions."""
    found: dict[_Key, tuple[int, dict[str, int]]] = {}
    for line in lines:
        key = _key(line)
        amount, units = found.get(key, (0, defaultdict(int)))
        for detail in line.details:
            units[detail.unit] += detail.amount
        found[key] = (amount + line.amount, units)
    return found


def _detail_changes(before: dict[str, int], after: dict[str, int]) -> dict[str, int]:
    units = [*after, *(unit for unit in before if unit not in after)]
    changes = {unit: after.get(unit, 0) - before.get(unit, 0) for unit in units}
    return {unit: change for unit, change in changes.items() if change}


def _line_of(key: _Key, amount: int, details: dict[str, int]) -> Line:
    account, fund, side, dims = key
    parts = tuple(Detail(unit, part, "订正") for unit, part in details.items())
    return Line(account, fund, side, amount, **dict(dims), details=parts)  # type: ignore[arg-type]


def _prior_year_key(setup: Setup, book: str, line: Line) -> _Key:
    """Where a line of a closed year is put right: income and expense go to the accumulated result."""
    dims = tuple(sorted(line.dimensions().items()))
    if setup.chart[book, line.account].class_ not in ("I", "E"):
        return line.account, line.fund, "", dims
    if book == "A":
        return PRIOR_YEAR_RESULT, line.fund, "", ()
    if line.details or line.unit:
        return MAINTENANCE_PER_UNIT, line.fund, "", tuple(d for d in dims if d[0] == "unit")
    return MAINTENANCE_UNDISTRIBUTED, line.fund, "", ()
