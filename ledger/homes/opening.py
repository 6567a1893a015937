"""The opening of a sealed part (开封): what a household needs to check that *its* charge is in a published total.

The public leaf of a month's charge has one line with the total, the number of households and the RFC 6962 root
over their parts, each sealed with a salt of its own. Whoever is shown a part, its salt and the path to the root
can compute that the root holds exactly this home, this amount and this reckoning; about the others it says
nothing. A line about one home alone carries a commitment to its number, which is opened the same way.
See :mod:`ledger.journal.sealing`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial

from sqlalchemy import Connection

from ledger.errors import Unanswerable
from ledger.homes.scope import Home
from ledger.journal.draft import Line
from ledger.journal.read import Stored, find_seq, read_entry
from ledger.journal.sealing import commitment, detail_leaf, field_salt
from ledger.log.tree import HASH_SIZE, Frontier, NodeId, inclusion_proof, leaf_hash


@dataclass(frozen=True, slots=True)
class PartOpening:
    """A home's part of line ``line_no``: leaf ``detail_no - 1`` of a tree of ``count``. Hashes are hex."""

    line_no: int
    detail_no: int
    count: int
    account: str
    fund: str
    total: int
    unit: str
    amount: int
    basis: str
    salt: str
    path: str
    proof: tuple[str, ...]
    root: str


@dataclass(frozen=True, slots=True)
class UnitOpening:
    """The home a whole line is about, with the commitment the leaf has for it (hex)."""

    line_no: int
    account: str
    fund: str
    amount: int
    unit: str
    salt: str
    path: str
    commitment: str


@dataclass(frozen=True, slots=True)
class Opening:
    """All of an entry that is about homes of one's own."""

    ref: str
    seq: int
    summary: str
    parts: tuple[PartOpening, ...]
    units: tuple[UnitOpening, ...]


def open_entry(conn: Connection, trust_id: int, ref: str, homes: Sequence[Home]) -> Opening:
    """Open what an entry says about these homes on their owner's days.

    Raises :class:`~ledger.errors.Unanswerable` for an entry about none of them, and once its salt was
    destroyed.
    """
    stored = read_entry(conn, trust_id, find_seq(conn, trust_id, ref))
    by_unit = {home.unit: home for home in homes}
    parts = tuple(_parts(stored, by_unit))
    units = tuple(_units(stored, by_unit))
    if not parts and not units:
        raise Unanswerable("not_your_entry", f"{ref} 里没有您家的一份")
    return Opening(stored.ref, stored.seq, stored.draft.summary, parts, units)


def _salt(stored: Stored) -> bytes:
    if stored.salt is None:
        raise Unanswerable("salt_gone", f"{stored.ref} 的随机数已经销毁，不能再开封核对")
    return stored.salt


def _parts(stored: Stored, homes: Mapping[str, Home]) -> list[PartOpening]:
    """The same part stands on both sides of an entry: the first one is enough."""
    found: dict[tuple[str, int, str], PartOpening] = {}
    for line_no, line in enumerate(stored.draft.lines, start=1):
        mine = [
            no
            for no, part in enumerate(line.details, start=1)
            if part.unit in homes
            and homes[part.unit].owns(_day(stored), part.basis)
            and (part.unit, part.amount, part.basis) not in found
        ]
        if mine:
            rows, root = _tree(_salt(stored), line_no, line)
            for no in mine:
                part = line.details[no - 1]
                found[part.unit, part.amount, part.basis] = _part(stored, line_no, no, rows, root)
    return list(found.values())


def _part(stored: Stored, line_no: int, no: int, rows: Sequence[bytes], root: bytes) -> PartOpening:
    line, path = stored.draft.lines[line_no - 1], f"lines.{line_no}.details.{no}"
    detail = line.details[no - 1]
    return PartOpening(
        line_no=line_no,
        detail_no=no,
        count=len(rows),
        account=line.account,
        fund=line.fund,
        total=line.amount,
        unit=detail.unit,
        amount=detail.amount,
        basis=detail.basis,
        salt=field_salt(_salt(stored), path).hex(),
        path=path,
        proof=tuple(item.hex() for item in inclusion_proof(no - 1, len(rows), partial(_nodes, rows))),
        root=root.hex(),
    )


def _units(stored: Stored, homes: Mapping[str, Home]) -> list[UnitOpening]:
    found = []
    for line_no, line in enumerate(stored.draft.lines, start=1):
        if line.unit in homes and homes[line.unit].owns(_day(stored)):
            path = f"lines.{line_no}.unit"
            salt = _salt(stored)
            found.append(
                UnitOpening(
                    line_no=line_no,
                    account=line.account,
                    fund=line.fund,
                    amount=line.amount,
                    unit=line.unit,
                    salt=field_salt(salt, path).hex(),
                    path=path,
                    commitment=commitment(salt, path, line.unit),
                )
            )
    return found


def _day(stored: Stored) -> date:
    return stored.draft.original_date or stored.draft.date


def _tree(salt: bytes, line_no: int, line: Line) -> tuple[list[bytes], bytes]:
    """The rows of the tree over a line's parts, as the log's store keeps them, and its root."""
    tree = Frontier()
    rows = [
        tree.append(leaf_hash(detail_leaf(salt, line_no, no, detail)))
        for no, detail in enumerate(line.details, start=1)
    ]
    return rows, tree.root()


def _nodes(rows: Sequence[bytes], nodes: Sequence[NodeId]) -> list[bytes]:
    return [rows[node.row][node.offset : node.offset + HASH_SIZE] for node in nodes]
