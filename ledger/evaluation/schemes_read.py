"""The schemes that many rounds keep, each read once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, and_, case, func, or_, select
from sqlalchemy.sql.elements import ColumnElement

from ledger.evaluation.scheme import Scheme, decode_scheme
from ledger.evaluation.schemes_kept import OWN
from ledger.store.tables import evaluation_round

_AT_ONCE = 200
_Key = tuple[str, int, int, int]


def scheme_columns(conn: Connection) -> tuple[ColumnElement[Any], ...]:
    """What a query of rounds selects from ``evaluation_round`` to tell their schemes apart, beside ``trust_id`` and
    ``round``."""
    r = evaluation_round.c
    size = func.octet_length if conn.dialect.name == "postgresql" else func.length  # without reading the text
    own = case((r.scope == OWN, r.trust_id), else_=0)
    return r.scope, r.version.label("scheme"), own.label("own"), size(r.scheme).label("size")


def with_schemes(conn: Connection, rows: Sequence[Any]) -> list[tuple[Any, Scheme]]:
    """Rows of rounds, each with the scheme it keeps; one query for every two hundred different ones."""
    kept: dict[_Key, Any] = {_key(row): row for row in rows}
    schemes = _schemes(conn, kept)
    return [(row, schemes[_key(row)]) for row in rows]


def _key(row: Any) -> _Key:
    """Rounds with the same key keep the same scheme; the length tells editions of the default one apart."""
    return row.scope, row.scheme, row.own, row.size


def _schemes(conn: Connection, kept: Mapping[_Key, Any]) -> dict[_Key, Scheme]:
    """Each read from one of the rounds that keep it."""
    r = evaluation_round.c
    ones = [and_(r.trust_id == row.trust_id, r.round == row.round) for row in kept.values()]
    of: dict[tuple[int, int], Scheme] = {}
    for start in range(0, len(ones), _AT_ONCE):
        query = select(r.trust_id, r.round, r.scheme).where(or_(*ones[start : start + _AT_ONCE]))
        of |= {(row.trust_id, row.round): decode_scheme(row.scheme) for row in conn.execute(query)}
    return {key: of[row.trust_id, row.round] for key, row in kept.items()}
