"""A community to evaluate, on each engine; and one on SQLite whose rounds everybody sees."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from ledger.store.engine import open_engine
from tests.evaluation.rounds import Community, open_community
from tests.evaluation.shown import Shown, shown_site
from tests.servers import Databases


@pytest.fixture
def community(engine: Engine, tmp_path: Path) -> Community:
    return open_community(engine, tmp_path)


@pytest.fixture(scope="package")
def shown(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shown]:
    """The site over five rounds. Write nothing to its books that another test could miss."""
    with databases.database("sqlite") as database:
        engine = open_engine(database.url)
        with shown_site(engine, database.url, tmp_path_factory.mktemp("shown")) as site:
            yield site
        engine.dispose()
