"""`assembly`: a trust of the test's own whose owners vote, in a database shared by the tests of this folder.

A test that damages its database asks for `engine` instead.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from itertools import count

import psycopg
import pytest
from sqlalchemy import Engine

from ledger.store.engine import open_engine
from tests.resolutions.assembly import Assembly, assemble
from tests.servers import Databases, Kind

_trusts = count(2001)


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
def new_assembly(shared_engine: Callable[[Kind], Engine], db_kind: Kind) -> Callable[..., Assembly]:
    """Founds trusts: `new_assembly(unowned=["3-302"])`."""
    return lambda **named: assemble(shared_engine(db_kind), next(_trusts), **named)


@pytest.fixture
def assembly(new_assembly: Callable[..., Assembly]) -> Assembly:
    return new_assembly()
