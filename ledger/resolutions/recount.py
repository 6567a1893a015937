"""Count again (重新计票), for whoever has the roll: hash of the roll, every seal against the log, the tally.

One value holds what is needed; it comes from the database or from the auditor's file, and the leaves from
the database or from a copy of the public log. The same checks run over both.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Connection, select

from ledger.log.store import read_leaves
from ledger.records import places_of
from ledger.resolutions.closing import read_result
from ledger.resolutions.drafting import PEOPLE_MATTER
from ledger.resolutions.proxies import delivered_to
from ledger.resolutions.records import ballot_commitment, ballot_text
from ledger.resolutions.results import Result, ResultItem, result_items
from ledger.resolutions.roll import RollRow, roll_of, roll_root, roll_rows
from ledger.resolutions.rules import Rules
from ledger.resolutions.state import read_state
from ledger.resolutions.tally import tally
from ledger.resolutions.value import Item
from ledger.store.tables import ballot as ballot_table

Leaves = Callable[[Sequence[int]], Mapping[int, bytes]]
"""Leaves of the log by place; what is not there is left out."""
_FORMAT = "mingzhang.audit.v1"
_MOST_SHOWN = 50
_ITEM_FIELDS = ("title", "matter", "text", "kind", "seats")
_CHUNK = 2_000
_BALLOT_KIND = b"mingzhang.ballot.v1"


class AuditBallot(msgspec.Struct, frozen=True):
    """A ballot with its salt in hex."""

    no: int
    voter: int
    channel: str
    choices: tuple[str, ...]
    salt: str
    commitment: str
    seq: int


class AuditFile(msgspec.Struct, frozen=True):
    """Everything a recount needs besides the log. Private: it says who chose what."""

    format: str
    trust: str
    number: str
    items: tuple[Item, ...]
    rules: Rules
    root: str
    voters: int
    area: int
    roll: tuple[RollRow, ...]
    ballots: tuple[AuditBallot, ...]
    delivered: tuple[int, ...]
    opened_seq: int
    result: Result | None
    result_seq: int


@dataclass(frozen=True, slots=True)
class Recount:
    """What a recount found. ``problems`` empty: everything agrees."""

    number: str
    voters: int
    ballots: int
    voted: int
    published: bool
    items: tuple[ResultItem, ...]
    problems: tuple[str, ...]

    @property
    def agrees(self) -> bool:
        """Whether nothing was found."""
        return not self.problems


def recount(conn: Connection, trust_id: int, number: str) -> Recount:
    """Count a vote again from the rows and compare with the log. Raises Unanswerable, or ValueError if it
    was never opened."""
    return check_audit(collect(conn, trust_id, "", number), database_leaves(conn, trust_id))


def collect(conn: Connection, trust_id: int, slug: str, number: str) -> AuditFile:
    """What the database has of a vote: the auditor's file as a value. Five queries."""
    state, roll = read_state(conn, trust_id, number), roll_of(conn, trust_id, number)
    b = ballot_table.c
    rows = conn.execute(
        select(ballot_table).where(b.trust_id == trust_id, b.number == number).order_by(b.ballot_no)
    )
    places = {
        kind: places_of(conn, trust_id, kind, [number]).get(number, -1)
        for kind in ("resolution_opened", "result")
    }
    return AuditFile(
        format=_FORMAT,
        trust=slug,
        number=number,
        items=state.draft.items,
        rules=roll.rules,
        root=roll.root,
        voters=roll.total.people,
        area=roll.total.area,
        roll=tuple(roll_rows(conn, trust_id, number)),
        ballots=tuple(
            AuditBallot(
                row.ballot_no,
                row.voter,
                row.channel,
                msgspec.json.decode(row.choices, type=tuple[str, ...]),
                bytes(row.salt).hex(),
                row.commitment,
                row.seq,
            )
            for row in rows
        ),
        delivered=tuple(sorted(delivered_to(conn, trust_id, number))),
        opened_seq=places["resolution_opened"],
        result=read_result(conn, trust_id, number),
        result_seq=places["result"],
    )


def audit_bytes(audit: AuditFile) -> bytes:
    """The auditor's file. It is private and stays with the auditor."""
    return msgspec.json.encode(audit)


def read_audit_file(data: bytes) -> AuditFile:
    """Raises ValueError for anything else."""
    try:
        audit = msgspec.json.decode(data, type=AuditFile)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise ValueError("这不是表决审计文件，或文件不完整") from error
    if audit.format != _FORMAT:
        raise ValueError(f"不认识的文件格式“{audit.format}”")
    return audit


def database_leaves(conn: Connection, trust_id: int) -> Leaves:
    """Leaves from the database: a range at a time."""

    def read(places: Sequence[int]) -> Mapping[int, bytes]:
        if not places:
            return {}
        first, last = min(places), max(places)
        bodies = read_leaves(conn, trust_id, first, last + 1)
        wanted = set(places)
        return {seq: body for seq, body in enumerate(bodies, start=first) if seq in wanted}

    return read


def check_audit(audit: AuditFile, leaves: Leaves) -> Recount:
    """Every check there is; says what does not agree, never stops at the first."""
    problems: list[str] = []
    _check_roll(audit, leaves, problems)
    _check_ballots(audit, leaves, problems)
    _check_dropped(audit, leaves, problems)
    areas = {row.voter: row.area for row in audit.roll}
    cast: dict[int, tuple[str, ...]] = {}
    for one in sorted(audit.ballots, key=lambda ballot: ballot.no):
        if one.voter in areas:
            cast[one.voter] = one.choices
    items = result_items(audit.items, tally(audit.items, audit.rules, areas, cast, audit.delivered))
    _check_result(audit, leaves, items, len(cast), problems)
    return Recount(
        number=audit.number,
        voters=len(audit.roll),
        ballots=len(audit.ballots),
        voted=len(cast),
        published=audit.result_seq >= 0,
        items=items,
        problems=tuple(problems[:_MOST_SHOWN]),
    )


def _check_roll(audit: AuditFile, leaves: Leaves, problems: list[str]) -> None:
    if roll_root(audit.number, audit.roll) != audit.root:
        problems.append("名册与冻结时的哈希不符：名册被改过，或给出的名册不全")
    if (len(audit.roll), sum(row.area for row in audit.roll)) != (audit.voters, audit.area):
        problems.append("名册的人数或面积合计与冻结时不符")
    units = [unit.unit for row in audit.roll for unit in row.units]
    if len(set(units)) < len(units):
        problems.append("名册里有房屋出现两次")
    value = _value(leaves([audit.opened_seq]).get(audit.opened_seq), "resolution_opened")
    if value is None:
        problems.append("公开日志里没有表决开始的记录")
        return
    said = value.get("roll", {})
    if (said.get("root"), said.get("voters"), said.get("area")) != (audit.root, audit.voters, audit.area):
        problems.append("名册的哈希或合计与公开日志里的不同")
    if value.get("rules") != msgspec.to_builtins(audit.rules):
        problems.append("计票规则与公开日志里的不同")
    said_items = [
        {name: item.get(name) for name in ("no", *_ITEM_FIELDS, "candidates")}
        for item in value.get("items", ())
    ]
    sealed = [len(item.get("sealed_candidates", ())) for item in value.get("items", ())]
    if (said_items, sealed) != _published_items(audit.items):
        problems.append("表决项与公开日志里的不同")


def _published_items(items: Sequence[Item]) -> tuple[list[dict[str, Any]], list[int]]:
    """What the opening's leaf says of the items; of candidates whose names are sealed only how many."""
    said, sealed = [], []
    for no, item in enumerate(items, start=1):
        hidden = item.matter == PEOPLE_MATTER
        fields = {name: getattr(item, name) for name in _ITEM_FIELDS}
        said.append({"no": no, **fields, "candidates": None if hidden else list(item.candidates)})
        sealed.append(len(item.candidates) if hidden else 0)
    return said, sealed


def _check_dropped(audit: AuditFile, leaves: Leaves, problems: list[str]) -> None:
    """Every ballot the log has of this vote must be in the file: none may be left out of the count."""
    listed = {one.seq for one in audit.ballots}
    for seq, body in _during(audit, leaves, problems):
        if seq in listed or _BALLOT_KIND not in body:
            continue
        value = _value(body, "ballot")
        if value is not None and value.get("resolution") == audit.number:
            problems.append(f"公开日志里有选票不在名单里：日志第 {seq} 条")


def _during(audit: AuditFile, leaves: Leaves, problems: list[str]) -> Iterator[tuple[int, bytes]]:
    """The log between opening and result; up to its end where no result is published."""
    start, end = audit.opened_seq + 1, audit.result_seq
    while end < 0 or start < end:
        stop = start + _CHUNK if end < 0 else min(start + _CHUNK, end)
        found = leaves(range(start, stop))
        yield from sorted(found.items())
        if len(found) < stop - start:
            if end >= 0:
                problems.append("公开日志在表决开始与结果之间有缺失，无法确认选票都在名单里")
            return
        start = stop


def _check_ballots(audit: AuditFile, leaves: Leaves, problems: list[str]) -> None:
    known = {row.voter for row in audit.roll}
    found = leaves([one.seq for one in audit.ballots])
    for place, one in enumerate(audit.ballots, start=1):
        name = f"第 {one.no} 号选票"
        if one.no != place:
            problems.append(f"选票编号不连续，缺第 {place} 号")
            return
        if one.voter not in known:
            problems.append(f"{name}的表决人不在名册上")
        text = ballot_text(audit.number, one.no, one.voter, one.choices)
        if ballot_commitment(bytes.fromhex(one.salt), text) != one.commitment:
            problems.append(f"{name}的内容与封存的不符：选择被改过")
        value = _value(found.get(one.seq), "ballot")
        said = {"resolution": audit.number, "ballot": one.no, "commitment": one.commitment}
        if value != said:
            problems.append(f"{name}在公开日志里找不到，或与日志不符")


def _check_result(
    audit: AuditFile, leaves: Leaves, items: Sequence[ResultItem], voted: int, problems: list[str]
) -> None:
    result = audit.result
    if result is None:
        return
    if tuple(result.items) != tuple(items):
        problems.append("重新计票的结果与登记的结果不同")
    if (result.ballots, result.voted) != (len(audit.ballots), voted):
        problems.append("选票张数与登记的结果不同")
    if result.roll_root != audit.root:
        problems.append("结果所写的名册哈希与名册不符")
    if any(one.seq >= result.log_size for one in audit.ballots):
        problems.append("有选票是在计票以后才写进日志的")
    if audit.result_seq >= 0:
        value = _value(leaves([audit.result_seq]).get(audit.result_seq), "result")
        if value != result.to_value():
            problems.append("公开日志里的结果与登记的结果不同")


def _value(body: bytes | None, kind: str) -> dict[str, Any] | None:
    """The value of a record's leaf, None unless it is of this kind."""
    if body is None:
        return None
    leaf = msgspec.json.decode(body)
    value: dict[str, Any] | None = leaf["value"] if leaf.get("kind") == f"mingzhang.{kind}.v1" else None
    return value
