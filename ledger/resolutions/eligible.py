"""May this person cast this voter's ballot now? One prepared query: on the last evening thousands ask."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import BindParameter, Connection, Row, and_, bindparam, exists, func, or_, select

from ledger.errors import Problem, Refused, refuse
from ledger.people import Actor, Role
from ledger.people.invitations import hash_code
from ledger.resolutions.codes import TRIES, WITHIN, WrongCode
from ledger.resolutions.grouping import OWNERS
from ledger.resolutions.rules import Rules
from ledger.resolutions.state import CLOSE, state_in
from ledger.resolutions.value import Draft, Item
from ledger.store.tables import (
    resolution,
    resolution_step,
    role_grant,
    roll,
    roll_entry,
    roll_unit,
    vote_code,
    vote_code_try,
)
from ledger.trust.act import Act

_T: BindParameter[int] = bindparam("t")
_N: BindParameter[str] = bindparam("n")
_V: BindParameter[int] = bindparam("v")
_P: BindParameter[str] = bindparam("p")
_NEWEST_DRAFT = (
    select(resolution.c.body)
    .where(resolution.c.trust_id == _T, resolution.c.number == _N)
    .order_by(resolution.c.version.desc())
    .limit(1)
    .scalar_subquery()
)
_CLOSED = exists().where(
    resolution_step.c.trust_id == _T, resolution_step.c.number == _N, resolution_step.c.step == CLOSE
)
_CODE = (
    select(vote_code.c.code_hash)
    .where(vote_code.c.trust_id == _T, vote_code.c.number == _N, vote_code.c.voter == _V)
    .order_by(vote_code.c.issue.desc())
    .limit(1)
    .scalar_subquery()
)
_TRIES = (
    select(func.count())
    .select_from(vote_code_try)
    .where(
        vote_code_try.c.trust_id == _T,
        vote_code_try.c.number == _N,
        vote_code_try.c.person == _P,
        vote_code_try.c.at > bindparam("since"),
    )
    .scalar_subquery()
)
_LATER = role_grant.alias("later")
_OWNS = exists(
    select(role_grant.c.unit)
    .join(
        roll_unit,
        and_(
            roll_unit.c.trust_id == role_grant.c.trust_id,
            roll_unit.c.number == _N,
            roll_unit.c.unit == role_grant.c.unit,
            roll_unit.c.voter == _V,
        ),
    )
    .where(
        role_grant.c.trust_id == _T,
        role_grant.c.person == _P,
        role_grant.c.role == Role.RESIDENT.value,
        role_grant.c.granted,
        role_grant.c.from_day <= bindparam("day"),
        or_(role_grant.c.until_day.is_(None), role_grant.c.until_day >= bindparam("day")),
        ~exists().where(
            *(_LATER.c[key] == role_grant.c[key] for key in ("trust_id", "person", "role", "unit")),
            _LATER.c.version > role_grant.c.version,
        ),
    )
)
"""Whether the person's account belongs, as an owner's, to one of the voter's homes on the day."""
_PAPER = (
    select(
        roll.c.closes_at,
        roll.c.rules,
        roll_entry.c.kind,
        roll_entry.c.owners,
        _NEWEST_DRAFT.label("body"),
        _CLOSED.label("closed"),
        _CODE.label("code_hash"),
        _TRIES.label("tries"),
        _OWNS.label("owns"),
    )
    .select_from(roll)
    .outerjoin(
        roll_entry,
        and_(roll_entry.c.trust_id == _T, roll_entry.c.number == _N, roll_entry.c.voter == _V),
    )
    .where(roll.c.trust_id == _T, roll.c.number == _N)
)


def eligible_items(
    conn: Connection, trust_id: int, number: str, voter: int, code: str, actor: Actor, act: Act
) -> tuple[Item, ...]:
    """The items of the question, if the person may answer for this voter now, online.

    They own one of the voter's homes (a tenant's account won't do) and have the code of the notice letter.
    Raises :class:`~ledger.errors.Refused`; :class:`~ledger.resolutions.codes.WrongCode` for a wrong code.
    """
    row = _paper(conn, trust_id, number, voter, actor, act)
    rules = msgspec.json.decode(row.rules, type=Rules)
    if act.now >= row.closes_at:
        raise refuse("vote_over", "表决已经截止，不能再投票", "截止时间")
    if not rules.online:
        raise refuse("paper_only", "本小区的规则只收纸质选票，请填写通知书所附的选票", "投票方式")
    if row.kind is None or not row.owns:
        raise _stranger()
    if row.kind == OWNERS and rules.co_owned == "all" and len(row.owners.split()) > 1:
        raise refuse(
            "all_must_sign",
            "按本小区的规则，共有的房屋须全体共有人在纸质选票上签字，不能网上投票",
            "投票方式",
        )
    _check_code(row, code)
    return msgspec.json.decode(row.body, type=Draft).items


def refuse_wrong_code(
    conn: Connection, trust_id: int, number: str, voter: int, code: str, actor: Actor, act: Act
) -> None:
    """Raise :class:`~ledger.resolutions.codes.WrongCode` unless the person owns a home of this voter and has
    its code; refuse after too many wrong ones."""
    row = _paper(conn, trust_id, number, voter, actor, act)
    if row.kind is None or not row.owns:
        raise _stranger()
    _check_code(row, code)


def _paper(conn: Connection, trust_id: int, number: str, voter: int, actor: Actor, act: Act) -> Row[Any]:
    asked = {"t": trust_id, "n": number, "v": voter, "p": actor.person, "since": act.now - WITHIN}
    row = conn.execute(_PAPER, {**asked, "day": act.today}).first()
    if row is None:
        state_in(conn, trust_id, number, ("open",), "投票")  # says why there is nothing to vote on
    if row is None or row.closed:
        raise refuse("vote_over", "表决已经截止，不能再投票", "截止时间")
    return row


def _check_code(row: Row[Any], code: str) -> None:
    where = "表决码"
    if row.tries >= TRIES:
        raise refuse("too_many_tries", "表决码输错次数太多，请过一小时再试，或改用纸质选票", where)
    if row.code_hash is None:
        raise refuse("no_code_yet", "还没有发出您的表决码，请等通知书送达，或向业主委员会领取", where)
    if hash_code(code) != row.code_hash:
        message = "表决码不对。请照通知书上的十六位码填写；补发过通知书的，以最近一封为准"
        raise WrongCode([Problem("wrong_code", message, where)])


def _stranger() -> Refused:
    return refuse(
        "not_on_roll",
        "您的账号没有绑定这位表决人的房屋，不能替他投票。业主请用自己的账号；租户不参加表决",
        "表决人",
    )
