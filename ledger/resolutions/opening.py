"""Open the vote: the roll is frozen and its hash published with the question and the rules."""

from __future__ import annotations

from datetime import datetime, time, timedelta

import msgspec
from sqlalchemy import Connection, insert

from ledger.errors import Problem, Refused, refuse
from ledger.journal.sealing import SALT_BYTES
from ledger.people import Actor
from ledger.records import publish_record
from ledger.resolutions.allowed import require_owners
from ledger.resolutions.grouping import NewRoll, build_roll
from ledger.resolutions.records import opening_value
from ledger.resolutions.roll import Roll, RollRow, RollUnit, roll_root
from ledger.resolutions.rules import rules_told
from ledger.resolutions.state import NOTICE, OPEN, State, add_step, state_in
from ledger.store.tables import roll as roll_table
from ledger.store.tables import roll_entry, roll_unit
from ledger.trust.act import BEIJING, Act
from ledger.trust.lock import lock_trust

_SHOWN = 20


def open_vote(
    conn: Connection, trust_id: int, number: str, actor: Actor, act: Act, *, include_unknown: bool = False
) -> Roll:
    """Freeze the roll as of today and the rules as of the notice, and let ballots come in until the end of the last day announced.

    Units nobody is on record for are refused, with what to do; or, with ``include_unknown``, are voters
    of their own, who count in the whole and vote on paper. Raises :class:`~ledger.errors.Refused`.
    """
    require_owners(actor, "resolution.open")
    lock_trust(conn, trust_id)
    state = state_in(conn, trust_id, number, ("noticed",), "开始表决")
    _refuse_wrong_day(state, act)
    rules = rules_told(conn, trust_id, state.done(NOTICE).acted_at)
    new = build_roll(conn, trust_id, act.today, rules, include_unknown=include_unknown)
    _refuse_missing(new)
    rows = [
        RollRow(
            voter.voter,
            voter.kind,
            voter.owners,
            tuple(
                RollUnit(u.unit, u.building, u.use_kind, u.area)
                for u in sorted(voter.units, key=lambda unit: unit.unit)
            ),
            act.entropy(SALT_BYTES).hex(),
        )
        for voter in new.voters
    ]
    roll = Roll(number, act.now, _closes_at(state), rules, new.total, new.units, roll_root(number, rows))
    _write(conn, trust_id, roll, rows)
    add_step(conn, trust_id, number, OPEN, actor, act)
    publish_record(conn, trust_id, "resolution_opened", number, opening_value(state, roll), act)
    return roll


def _refuse_wrong_day(state: State, act: Act) -> None:
    notice = state.told
    if act.today < notice.opens_on:
        raise refuse(
            "too_early",
            f"通知里写的是 {notice.opens_on} 开始表决，最早那天才能开始",
            "开始日期",
        )
    if act.today > notice.closes_on:
        raise refuse(
            "too_late",
            f"通知里写的截止日 {notice.closes_on} 已经过了，请撤回后重新拟订、重新通知",
            "截止日期",
        )


def _refuse_missing(new: NewRoll) -> None:
    if new.missing:
        shown = "、".join(new.missing[:_SHOWN]) + ("等" if len(new.missing) > _SHOWN else "")
        raise Refused(
            [
                Problem(
                    "no_owner",
                    f"有 {len(new.missing)} 套房屋没有登记业主：{shown}。请先登记业主；一时查不到的，可以选"
                    "“业主不明的也列入名册”，它们计入总面积和总人数，凭产权证明用纸质选票投票",
                    "名册",
                )
            ]
        )
    if not new.voters:
        raise refuse("no_units", "小区还没有登记房屋，无法冻结名册", "名册")


def _closes_at(state: State) -> datetime:
    """The first moment after the last day, Chinese time."""
    return datetime.combine(state.told.closes_on + timedelta(days=1), time(), BEIJING)


def _write(conn: Connection, trust_id: int, roll: Roll, rows: list[RollRow]) -> None:
    conn.execute(
        insert(roll_table).values(
            trust_id=trust_id,
            number=roll.number,
            opened_at=roll.opened_at,
            closes_at=roll.closes_at,
            rules=msgspec.json.encode(roll.rules).decode(),
            voters=roll.total.people,
            units=roll.units,
            area=roll.total.area,
            root=roll.root,
        )
    )
    conn.execute(
        insert(roll_entry),
        [
            {
                "trust_id": trust_id,
                "number": roll.number,
                "voter": row.voter,
                "kind": row.kind,
                "owners": " ".join(row.owners),
                "units": len(row.units),
                "area": row.area,
                "salt": bytes.fromhex(row.salt),
            }
            for row in rows
        ],
    )
    conn.execute(insert(roll_unit), _unit_rows(trust_id, roll.number, rows))


def _unit_rows(trust_id: int, number: str, rows: list[RollRow]) -> list[dict[str, object]]:
    return [
        {
            "trust_id": trust_id,
            "number": number,
            "unit": unit.unit,
            "voter": row.voter,
            "building": unit.building,
            "use_kind": unit.use,
            "area": unit.area,
        }
        for row in rows
        for unit in row.units
    ]
