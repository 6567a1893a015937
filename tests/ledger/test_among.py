"""Many values as one parameter give the rows that ``IN`` gives, on both engines."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, literal, select, union_all

from ledger.store.among import among
from ledger.store.engine import reading

_HELD = (-1, 0, 7, 2**53 + 1)
_TABLE = union_all(*(select(literal(number).label("n")) for number in _HELD)).subquery()


def test_as_in_would(engine: Engine) -> None:
    with reading(engine) as conn:

        @given(st.lists(st.sampled_from([-1, 0, 3, 7, 2**53 + 1, 2**63 - 1])))
        def same(wanted: list[int]) -> None:
            found = conn.scalars(select(_TABLE.c.n).where(among(_TABLE.c.n, wanted)))
            assert set(found) == set(_HELD) & set(wanted)

        same()
