"""`books`: a trust of the test's own, in a database shared by the tests of this folder, on both engines.

A test that damages its database, or counts what is in it, asks for `engine` instead.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from itertools import count

import psycopg
import pytest
from sqlalchemy import Engine

from ledger.store.engine import open_engine
from tests.ledger.books import Books, open_books
from tests.servers import Databases, Kind

_trusts = count(1001)


@pytest.fixture(scope="session")
def shared_engine(databases: Databases) -> Iterator[Callable[[Kind], Engine]]:
    """One migrated database an engine for the whole session."""
    engines: dict[Kind, Engine] = {}
    opened = ExitStack()

    def engine_of(kind: Kind) -> Engine:
        if kind not in engines:
            engines[kind] = open_engine(opened.enter_context(databases.database(kind)).url)
        return engines[kind]

    yield engine_of
    for engine in engines.values():
        engine.dispose()
    with suppress(psycopg.OperationalError):  # the server may be gone already, and the database with it
        opened.close()


@pytest.fixture
def new_books(shared_engine: Callable[[Kind], Engine], db_kind: Kind) -> Callable[..., Books]:
    """Opens trusts, with settings as keyword arguments: `new_books(co_sign_above=0)`."""
    return lambda **settings: open_books(shared_engine(db_kind), next(_trusts), **settings)


@pytest.fixture
def books(new_books: Callable[..., Books]) -> Books:
    return new_books()
