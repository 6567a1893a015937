"""The demo community, made once."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from disclosure.config import Config
from disclosure.demo.run import run_demo
from ledger.log.keys import load_signer
from ledger.log.store import origin_of
from ledger.store.engine import open_engine, reading
from ledger.store.migrate import migrate
from ledger.store.tables import trust

TODAY = date(2026, 11, 22)


class Demo:
    """A demo community and where it keeps its files."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.config = Config(
            folder, f"sqlite:///{folder / 'demo.sqlite3'}", "https://books.example", demo=True
        )
        migrate(self.config.database_url)
        self.engine: Engine = open_engine(self.config.database_url)
        self.said: list[str] = []
        self.slug = run_demo(self.engine, self.config, today=TODAY, say=self.said.append)
        with reading(self.engine) as conn:
            self.trust_id = conn.execute(
                select(trust.c.trust_id).where(trust.c.slug == self.slug)
            ).scalar_one()
            origin = origin_of(conn, self.trust_id)
        self.verifier = load_signer(self.config.key_path(self.slug), origin).verifier


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    made = Demo(tmp_path_factory.mktemp("demo"))
    yield made
    made.engine.dispose()
