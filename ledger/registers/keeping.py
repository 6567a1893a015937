"""Keep a line of a register, put a newer version in its place, or strike it out; nothing is ever changed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import msgspec
from sqlalchemy import Connection, func, insert, select

from ledger.errors import Problem, Refused
from ledger.people import Actor, require
from ledger.registers.checks import body_problems, private_problems
from ledger.registers.read import rows_of, versions_of
from ledger.registers.value import REGISTERS, Body, Equipment, Paper, register_of
from ledger.resolutions.texts import document_problems, text_problems
from ledger.store.tables import register_row
from ledger.trust.act import Act
from ledger.trust.lock import lock_trust


@dataclass(frozen=True, slots=True)
class _Line:
    register: str
    no: int
    version: int
    on: date
    body: Body
    document: str
    standing: bool = True
    note: str = ""


def keep_row(
    conn: Connection,
    trust_id: int,
    body: Body,
    on: date,
    actor: Actor,
    act: Act,
    *,
    document: str = "",
    no: int = 0,
) -> int:
    """Add a line that holds from ``on`` (or speaks of that day), with its evidence, and return its number; with
    ``no`` it takes the place of that line.

    Raises :class:`~ledger.errors.Refused` with all problems.
    """
    name = register_of(body)
    require(actor, REGISTERS[name].action)
    lock_trust(conn, trust_id)
    problems = [*body_problems(body, on), *private_problems(conn, trust_id, body)]
    problems += _day_problems(on, act)
    problems += document_problems(conn, trust_id, [document], "凭据")
    problems += _others_problems(conn, trust_id, name, body, no)
    version = 1
    if no:
        version = versions_of(conn, trust_id, name, no)[-1].version + 1
    if problems:
        raise Refused(problems)
    number = no or _next(conn, trust_id, name)
    _write(conn, trust_id, _Line(name, number, version, on, body, document), actor, act)
    return number


def strike_row(
    conn: Connection, trust_id: int, register: str, no: int, why: str, actor: Actor, act: Act
) -> None:
    """Strike out a line that was wrong or holds no more. Raises :class:`~ledger.errors.Refused`."""
    newest = versions_of(conn, trust_id, register, no)[-1]
    require(actor, REGISTERS[register].action)
    lock_trust(conn, trust_id)
    problems = list(text_problems(why, "原因", longest=200))
    if not newest.standing:
        problems.append(Problem("nothing_changed", "这一行已经划去", "台账"))
    if problems:
        raise Refused(problems)
    on = newest.on if REGISTERS[register].events else max(newest.on, act.today)
    line = _Line(
        register, no, newest.version + 1, on, newest.body, newest.document, standing=False, note=why.strip()
    )
    _write(conn, trust_id, line, actor, act)


def _day_problems(on: date, act: Act) -> Iterator[Problem]:
    if on > act.today:
        yield Problem("in_future", f"日期不能晚于今天（{act.today}）", "日期")


def _others_problems(conn: Connection, trust_id: int, name: str, body: Body, no: int) -> Iterator[Problem]:
    if body.key:
        for row in rows_of(conn, trust_id, type(body)):
            if row.no != no and row.body.key == body.key:
                yield Problem("twice", f"“{body.title}”已在第 {row.no} 行，请在那一行更新", "台账")
    if isinstance(body, Paper):
        known = {row.no for row in rows_of(conn, trust_id, Equipment)}
        if body.equipment not in known:
            yield Problem("unknown_equipment", f"没有第 {body.equipment} 号设施，请先登记设施", "设施")


def _next(conn: Connection, trust_id: int, name: str) -> int:
    r = register_row.c
    query = select(func.coalesce(func.max(r.no), 0)).where(r.trust_id == trust_id, r.register == name)
    return int(conn.execute(query).scalar_one()) + 1


def _write(conn: Connection, trust_id: int, line: _Line, actor: Actor, act: Act) -> None:
    conn.execute(
        insert(register_row).values(
            trust_id=trust_id,
            register=line.register,
            no=line.no,
            version=line.version,
            acted_on=line.on,
            body=msgspec.json.encode(line.body, order="sorted").decode(),
            document=line.document,
            standing=line.standing,
            note=line.note,
            person=actor.person,
            signature=actor.signature,
            recorded_at=act.now,
        )
    )
