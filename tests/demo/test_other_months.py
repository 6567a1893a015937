"""The demo can be made on any day: one that begins in December has two Januaries, and owes and pays in one month."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from sqlalchemy import select

from disclosure.config import Config
from disclosure.demo.run import demo_exists, run_demo
from ledger.evaluation.rounds import read_states
from ledger.store.engine import open_engine, reading
from ledger.store.migrate import migrate
from ledger.store.tables import entry, trust


def test_a_demo_of_new_years_day(tmp_path: Path) -> None:
    config = Config(tmp_path, f"sqlite:///{tmp_path / 'demo.sqlite3'}", "https://books.example", demo=True)
    migrate(config.database_url)
    engine = open_engine(config.database_url)
    slug = run_demo(engine, config, today=date(2027, 1, 1), say=lambda _: None)
    assert demo_exists(engine)
    with reading(engine) as conn:
        trust_id = conn.execute(select(trust.c.trust_id).where(trust.c.slug == slug)).scalar_one()
        given = conn.execute(
            select(entry.c.fiscal_year).where(entry.c.trust_id == trust_id, entry.c.event == "E23g")
        ).scalars()
        assert sorted(given) == [2026, 2027]
        assert [state.stage for state in read_states(conn, trust_id)] == [
            "final",
            "final",
            "survey",
            "self",
        ]
    engine.dispose()
