"""Written authorisations (授权委托书) on the roll, and the delivery of ballot papers (送达)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, func, insert, select

from ledger.errors import Problem, Refused, refuse
from ledger.people import Actor
from ledger.resolutions.allowed import require_owners
from ledger.resolutions.ballots import open_state
from ledger.resolutions.roll import voters_of_units
from ledger.resolutions.texts import document_problems
from ledger.store.tables import vote_delivery, vote_proxy
from ledger.trust.act import Act
from ledger.trust.lock import lock_trust

_LONGEST = 60


@dataclass(frozen=True, slots=True)
class Proxy:
    """Who may vote for a voter. ``unit``: any of the voter's; names are private. ``until``: the last day."""

    unit: str
    giver: str
    holder: str
    until: date
    document: str


def record_proxy(conn: Connection, trust_id: int, number: str, proxy: Proxy, actor: Actor, act: Act) -> int:
    """Put an authorisation on the roll and return its number; of one voter the newest counts.

    The scan of the written authorisation is needed. Raises :class:`~ledger.errors.Refused`.
    """
    require_owners(actor, "resolution.proxy")
    lock_trust(conn, trust_id)
    open_state(conn, trust_id, number, "登记委托")
    voter = voters_of_units(conn, trust_id, number, [proxy.unit]).get(proxy.unit)
    problems = document_problems(conn, trust_id, [proxy.document], "委托书")
    if voter is None:
        problems.append(Problem("unknown_unit", f"名册上没有房号“{proxy.unit}”", "房号"))
    if not proxy.document:
        problems.append(Problem("no_document", "请上传书面委托书的扫描件", "委托书"))
    for text, where in ((proxy.giver, "委托人"), (proxy.holder, "受托人")):
        if not 0 < len(text.strip()) <= _LONGEST:
            problems.append(Problem("empty_field", f"请填写{where}，不超过 {_LONGEST} 个字", where))
    if proxy.until < act.today:
        problems.append(Problem("bad_days", "委托的截止日已经过了", "委托截止日"))
    if problems or voter is None:
        raise Refused(problems)
    return _write(conn, trust_id, number, voter, proxy, True, actor, act)


def revoke_proxy(conn: Connection, trust_id: int, number: str, unit: str, actor: Actor, act: Act) -> None:
    """Take an authorisation off the roll; ballots cast by it stay. Raises :class:`~ledger.errors.Refused`."""
    require_owners(actor, "resolution.proxy")
    lock_trust(conn, trust_id)
    open_state(conn, trust_id, number, "撤销委托")
    voter = voters_of_units(conn, trust_id, number, [unit]).get(unit)
    held = proxies_of(conn, trust_id, number, [voter] if voter is not None else [])
    if voter is None or voter not in held:
        raise refuse("no_proxy", f"“{unit}”没有登记过有效的委托", "房号")
    _, old = held[voter]
    _write(conn, trust_id, number, voter, old, False, actor, act)


def proxies_of(
    conn: Connection, trust_id: int, number: str, voters: Sequence[int] | None = None
) -> dict[int, tuple[int, Proxy]]:
    """Number and contents of the authorisation in force of each voter, or of some; one query."""
    p = vote_proxy.c
    query = select(vote_proxy).where(p.trust_id == trust_id, p.number == number).order_by(p.proxy_no)
    if voters is not None:
        query = query.where(p.voter.in_(voters))
    newest = {row.voter: row for row in conn.execute(query)}
    return {
        voter: (row.proxy_no, Proxy("", row.giver, row.holder, row.until_day, row.document))
        for voter, row in newest.items()
        if row.granted
    }


def record_deliveries(
    conn: Connection,
    trust_id: int,
    number: str,
    units: Sequence[str],
    delivered_on: date,
    how: str,
    document: str,
    actor: Actor,
    act: Act,
) -> int:
    """Note that ballot papers were delivered to the owners of these homes; returns how many are new.

    Matters only where the community's rules let silence follow the majority. Raises
    :class:`~ledger.errors.Refused`.
    """
    require_owners(actor, "resolution.proxy")
    lock_trust(conn, trust_id)
    _, roll = open_state(conn, trust_id, number, "登记送达")
    known = voters_of_units(conn, trust_id, number, units)
    problems = document_problems(conn, trust_id, [document], "送达凭据")
    problems += _delivery_problems([unit for unit in units if unit not in known], how, delivered_on, act)
    if act.now >= roll.closes_at:
        problems.append(Problem("vote_over", "表决已经截止，不能再登记送达", "送达"))
    if roll.rules.silence == "majority" and not document:
        problems.append(
            Problem("no_document", "没有投票的要随多数计，请上传签收单等送达凭据的扫描件", "送达凭据")
        )
    if problems:
        raise Refused(problems)
    new = sorted(set(known.values()) - delivered_to(conn, trust_id, number))
    rows = [
        {
            "trust_id": trust_id,
            "number": number,
            "voter": voter,
            "delivered_on": delivered_on,
            "how": how.strip(),
            "document": document,
            "signature": actor.signature,
            "recorded_at": act.now,
        }
        for voter in new
    ]
    if rows:
        conn.execute(insert(vote_delivery), rows)
    return len(rows)


def _delivery_problems(unknown: Sequence[str], how: str, delivered_on: date, act: Act) -> list[Problem]:
    problems = [Problem("unknown_unit", f"名册上没有房号“{unit}”", "房号") for unit in unknown]
    if not how.strip():
        problems.append(Problem("empty_field", "请填写怎样送达，如当面签收、挂号信", "送达方式"))
    if delivered_on > act.today:
        problems.append(Problem("not_yet", "送达日期还没到", "送达日期"))
    return problems


def delivered_to(conn: Connection, trust_id: int, number: str) -> set[int]:
    """The voters whose ballot papers were delivered."""
    query = select(vote_delivery.c.voter).where(
        vote_delivery.c.trust_id == trust_id, vote_delivery.c.number == number
    )
    return set(conn.execute(query).scalars())


def _write(
    conn: Connection,
    trust_id: int,
    number: str,
    voter: int,
    proxy: Proxy,
    granted: bool,
    actor: Actor,
    act: Act,
) -> int:
    last = conn.execute(
        select(func.coalesce(func.max(vote_proxy.c.proxy_no), 0)).where(
            vote_proxy.c.trust_id == trust_id, vote_proxy.c.number == number
        )
    ).scalar_one()
    conn.execute(
        insert(vote_proxy).values(
            trust_id=trust_id,
            number=number,
            proxy_no=int(last) + 1,
            voter=voter,
            giver=proxy.giver.strip(),
            holder=proxy.holder.strip(),
            until_day=proxy.until,
            document=proxy.document,
            granted=granted,
            person=actor.person,
            signature=actor.signature,
            recorded_at=act.now,
        )
    )
    return int(last) + 1
