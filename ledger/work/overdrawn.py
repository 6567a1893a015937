"""What is paid out, given back or used up must be there: nobody gets a debt paid or a deposit back twice.

The builders of work look at the balance too, each for its own business. Here it is asked for all of them at
once, when work is prepared (with what other work on its way takes) and again when its last step posts: by then
a debt may be paid through another page, or its entry cancelled by red letters.

A voucher typed line by line is left to those who agree to it: so a real over-payment can be put in the books.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

import msgspec
from sqlalchemy import Connection, case, func, select

from ledger.errors import Problem, Refused
from ledger.events import load_events
from ledger.journal import Draft
from ledger.money import format_yuan
from ledger.store.tables import posting, work_status
from ledger.store.tables import work as work_table
from ledger.trust.setup import Setup
from ledger.work.value import OPEN, Work

_HELD = {
    "101204": "fund",
    "220201": "vendor",
    "220202": "vendor",
    "220301": "unit",
    "220302": "unit",
    "224101": "unit",
    "224102": "unit",
    "224105": "party",
    "224106": "party",
    "2242": "party",
}
"""Accounts of book A that may not be drawn below nought, and whom they are kept by."""
VOUCHER = "voucher"
_NAMES_A_QUERY = 500
_decode = msgspec.json.Decoder(Work).decode
_Place = tuple[str, str, str]
"""Account, fund, and the vendor, household … it is kept by."""


def refuse_overdrawn(conn: Connection, setup: Setup, work: Work, *, others: bool = False) -> None:
    """Refuse work, posted a moment ago in this transaction, that took more than there was.

    ``others``: what other work on its way takes is gone already. Raises :class:`~ledger.errors.Refused`.
    """
    taken = _taken(work.drafts)
    if not taken or work.kind == VOUCHER or work.amends:
        return
    left = _left(conn, setup.trust_id, taken)
    if others:
        left.subtract({place: fen for place, fen in _waiting(conn, setup.trust_id).items() if place in taken})
    problems = [
        Problem(
            "overdrawn",
            f"比账上多付（冲）了 {format_yuan(-left[place])} 元：可能另一张单据已办理或正在办理，或原凭证已红字冲销；"
            "请核对后改金额，或退回本单据",
            f"{setup.chart['A', place[0]].name} {place[2]}",
        )
        for place in sorted(taken)
        if left[place] < 0
    ]
    if problems:
        raise Refused(problems)


def _taken(drafts: Iterable[Draft]) -> Counter[_Place]:
    """Fen that the drafts take, by place."""
    found: Counter[_Place] = Counter()
    for draft in drafts:
        event = load_events().get(draft.event)
        if draft.book != "A" or event is None or event.opening:
            continue
        for line in draft.lines:
            by = _HELD.get(line.account)
            if by is None or line.side != ("C" if line.account[0] == "1" else "D"):
                continue
            for name, fen in _parts(line.details, getattr(line, by), line.amount):
                found[line.account, line.fund, name] += fen
    return found


def _parts(details: Iterable[object], name: str, fen: int) -> Iterator[tuple[str, int]]:
    parts = [(d.unit, d.amount) for d in details]  # type: ignore[attr-defined]
    yield from parts or [(name, fen)]


def _left(conn: Connection, trust_id: int, places: Iterable[_Place]) -> Counter[_Place]:
    """What is left in the books; a query for each kind of name."""
    from ledger.billing.unit_rows import unit_rows  # billing uses this package

    left: Counter[_Place] = Counter()
    names: dict[str, set[str]] = {}
    for account, _, name in places:
        names.setdefault(_HELD[account], set()).add(name)
    for by, wanted in names.items():
        accounts = [account for account, kept_by in _HELD.items() if kept_by == by]
        some = sorted(wanted) if len(wanted) <= _NAMES_A_QUERY else None
        if by == "unit":
            rows = unit_rows(trust_id, accounts, some).subquery().c
            query = select(rows.account, rows.fund, rows.unit)
        else:
            rows = posting.c
            query = select(rows.account, rows.fund, rows[by]).where(
                rows.trust_id == trust_id, rows.book == "A", rows.account.in_(accounts)
            )
            if some is not None:
                query = query.where(rows[by].in_(some))
        credit = case((rows.side == "C", rows.amount), else_=-rows.amount)
        for account, fund, name, fen in conn.execute(
            query.add_columns(func.sum(credit)).group_by(rows.account, rows.fund, rows[by])
        ):
            left[account, fund, name] += -int(fen) if account[0] == "1" else int(fen)
    return left


def _waiting(conn: Connection, trust_id: int) -> Counter[_Place]:
    return _taken(open_drafts(conn, trust_id))


def open_drafts(conn: Connection, trust_id: int) -> Iterator[Draft]:
    """The entries of work on its way; not of what takes from no account: charges and corrections."""
    payloads = conn.execute(
        select(work_table.c.payload)
        .join(
            work_status,
            (work_status.c.trust_id == work_table.c.trust_id) & (work_status.c.no == work_table.c.no),
        )
        .where(
            work_table.c.trust_id == trust_id,
            work_status.c.waiting_for.in_(OPEN),
            work_table.c.kind.not_in(("charge", "amendment", "reversal")),
        )
    ).scalars()
    return (draft for payload in payloads for draft in _decode(payload).drafts)
