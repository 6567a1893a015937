"""What turnout and count of a vote read on PostgreSQL grows with its ballots, before their tables were ever analysed."""

from __future__ import annotations

import pytest
from sqlalchemy import Connection, Engine, text

from ledger.resolutions.ballots import newest_ballots
from ledger.resolutions.turnout import participation
from ledger.store.engine import writing
from tests.resolutions.assembly import assemble
from tests.resolutions.crowd import Vote, settle, vote_all

pytestmark = pytest.mark.db("postgresql")

OWNERS = 1_000
BLOCKS_AN_OWNER = 20
"""The turnout needs 12: three look-ups in each of two queries. Reading all ballots for each owner takes 33."""


def blocks(conn: Connection) -> int:
    """Blocks of ballots and their indexes that were looked at, ever."""
    query = (
        "SELECT heap_blks_hit + heap_blks_read + idx_blks_hit + idx_blks_read FROM pg_statio_user_tables "
        "WHERE relname = 'ballot'"
    )
    return int(conn.scalar(text(query)) or 0)


def test_nobodys_ballot_is_found_by_reading_all(engine: Engine) -> None:
    assembly = assemble(engine)
    with writing(engine) as conn:
        settle(conn, assembly.trust_id, OWNERS)
    number = assembly.opened()
    votes: list[tuple[str, Vote]] = []
    for n in range(1, OWNERS + 1):
        voter = assembly.voter(number, f"9-{n:06d}")
        votes.append((f"q{n:06d}", (voter, "agree", assembly.codes[voter])))
    vote_all(engine, assembly.trust_id, number, votes)
    for ask in (newest_ballots, participation):
        with writing(engine) as conn:
            conn.execute(text("SELECT pg_stat_force_next_flush()"))
        with writing(engine) as conn:
            before = blocks(conn)
        with writing(engine) as conn:
            ask(conn, assembly.trust_id, number)
            conn.execute(text("SELECT pg_stat_force_next_flush()"))
        with writing(engine) as conn:
            read = blocks(conn) - before
        assert 0 < read < BLOCKS_AN_OWNER * OWNERS, ask.__name__
