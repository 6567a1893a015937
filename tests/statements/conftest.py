"""A year that is lived once per engine for the tests that only publish; and one of a test's own."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import cast

import pytest
from sqlalchemy import make_url

from ledger.store.engine import open_engine
from tests.ledger.books import Books
from tests.servers import Database, Databases, Kind
from tests.statements.year import Year, live


@contextmanager
def lived(databases: Databases, kind: Kind, folder: Path) -> Iterator[Year]:
    with databases.database(kind) as database:
        engine = open_engine(database.url)
        try:
            yield live(engine, folder, database)
        finally:
            engine.dispose()


@pytest.fixture(scope="session")
def sqlite_year(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Year]:
    with lived(databases, "sqlite", tmp_path_factory.mktemp("year")) as year:
        yield year


@pytest.fixture(scope="session")
def postgresql_year(
    postgres_server: object, databases: Databases, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Year]:
    with lived(databases, "postgresql", tmp_path_factory.mktemp("year")) as year:
        yield year


@pytest.fixture
def year(db_kind: Kind, request: pytest.FixtureRequest) -> Year:
    """The shared year. Publish what you like; post nothing."""
    return cast(Year, request.getfixturevalue(f"{db_kind}_year"))


@pytest.fixture
def own_year(
    db_kind: Kind, databases: Databases, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[Year]:
    """A year of the test's own, to post to. On SQLite the shared one is copied instead of lived again."""
    if db_kind != "sqlite":
        with lived(databases, db_kind, tmp_path) as year:
            yield year
        return
    shared = cast(Year, request.getfixturevalue("sqlite_lived"))
    with databases.database("sqlite") as database:
        assert shared.database is not None
        _copy(shared.database, database)
        engine = open_engine(database.url)
        yield Year(Books(engine, shared.books.trust_id), shared.signer, database, dict(shared.refs))
        engine.dispose()


@pytest.fixture(scope="session")
def sqlite_lived(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Year]:
    """As it was lived: nothing is published in it."""
    with lived(databases, "sqlite", tmp_path_factory.mktemp("lived")) as year:
        yield year


def _copy(source: Database, target: Database) -> None:
    one, other = (sqlite3.connect(str(make_url(item.owner_url).database)) for item in (source, target))
    with closing(one), closing(other):
        one.backup(other)
