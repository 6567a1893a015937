"""What PostgreSQL plans for batches: a session keeps plans, and some that it made are bad ones by then."""

from __future__ import annotations

import pytest
from sqlalchemy import Connection, select, text

from ledger.journal import post, post_many
from ledger.store.engine import writing
from ledger.store.tables import entry
from tests.ledger.books import Books, act, petty

pytestmark = pytest.mark.db("postgresql")

BATCH = 9_000
BLOCKS_AN_ENTRY = 20
"""At most 11 are needed (``pk_entry``); reading all entries so far for each new one takes 40 on average."""


def blocks(conn: Connection) -> dict[str, int]:
    """Blocks of each index of the books that were looked at, ever."""
    query = text(
        "SELECT indexrelname AS name, idx_blks_hit + idx_blks_read AS blocks FROM pg_statio_user_indexes "
        "WHERE relname IN ('entry', 'posting', 'leaf')"
    )
    return {row.name: row.blocks for row in conn.execute(query)}


@pytest.mark.parametrize("before", [0, 1], ids=["in a new session", "after a single entry"])
def test_no_entry_of_a_batch_reads_those_before_it(books: Books, before: int) -> None:
    for _ in range(before):
        with writing(books.engine) as conn:
            post(conn, books.trust_id, petty(), act())
            conn.execute(text("SELECT pg_stat_force_next_flush()"))
    with writing(books.engine) as conn:
        earlier = blocks(conn)
    with writing(books.engine) as conn:
        post_many(conn, books.trust_id, [petty() for _ in range(BATCH)], act())
        conn.execute(text("SELECT pg_stat_force_next_flush()"))
    with writing(books.engine) as conn:
        an_entry = {name: (touched - earlier[name]) / BATCH for name, touched in blocks(conn).items()}
    assert an_entry["pk_entry"] > 1, "what was counted is this batch"
    assert max(an_entry.values()) < BLOCKS_AN_ENTRY, an_entry


@pytest.mark.parametrize(("values", "kept"), [(20, True), (2_000, False)])
def test_a_statement_of_many_values_gets_no_plan_for_any_values(
    books: Books, values: int, kept: bool
) -> None:
    query = select(entry.c.seq).where(entry.c.trust_id == books.trust_id, entry.c.seq.in_(range(values)))
    with writing(books.engine) as conn:
        for _ in range(12):
            assert conn.scalars(query).all() == []
        known = conn.scalars(text("SELECT statement FROM pg_prepared_statements")).all()
    assert any(statement.count("$") == values + 1 for statement in known) is kept


def test_a_statement_of_many_values_streams(books: Books) -> None:
    query = select(entry.c.seq).where(entry.c.trust_id == books.trust_id, entry.c.seq.in_(range(2_000)))
    with writing(books.engine) as conn:
        post(conn, books.trust_id, petty(), act())
        assert conn.execution_options(yield_per=10).scalars(query).all() == [0]
