"""The public site over a small community, once per engine and session for the tests that only read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import pytest
from litestar.testing import TestClient

from disclosure.app import Application, create_app
from disclosure.config import Config
from ledger.store.engine import open_engine
from tests.public.community import NOW, Community, build_community, clock_at
from tests.servers import Databases, Kind, PostgresServer
from tests.serving import serving

PUBLIC_URL = "https://mingzhang.example"


@dataclass(frozen=True)
class Site:
    """A running site, its settings and the community it shows."""

    client: TestClient
    app: Application
    config: Config
    community: Community


@dataclass(frozen=True)
class Books:
    """A community without a site."""

    config: Config
    community: Community


@contextmanager
def open_books(databases: Databases, kind: Kind, folder: Path) -> Iterator[Books]:
    with databases.database(kind) as database, ExitStack() as stack:
        engine = open_engine(database.url)
        stack.callback(engine.dispose)
        yield Books(Config(folder, database.url, PUBLIC_URL), build_community(engine, folder))


@contextmanager
def open_site(databases: Databases, kind: Kind, folder: Path) -> Iterator[Site]:
    with open_books(databases, kind, folder) as books:
        app = create_app(books.config, now=clock_at(NOW))
        with TestClient(app) as client:
            yield Site(client, app, books.config, books.community)


@pytest.fixture(scope="session")
def sqlite_site(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with open_site(databases, "sqlite", tmp_path_factory.mktemp("site")) as opened:
        yield opened


@pytest.fixture(scope="session")
def postgresql_site(
    postgres_server: PostgresServer, databases: Databases, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    with open_site(databases, "postgresql", tmp_path_factory.mktemp("site")) as opened:
        yield opened


@pytest.fixture
def site(db_kind: Kind, request: pytest.FixtureRequest) -> Site:
    """The shared site of this engine. Do not write to its books."""
    return cast(Site, request.getfixturevalue(f"{db_kind}_site"))


@pytest.fixture
def own_site(db_kind: Kind, databases: Databases, tmp_path: Path) -> Iterator[Site]:
    """A site of this test's own, to write to."""
    with open_site(databases, db_kind, tmp_path) as opened:
        yield opened


@pytest.fixture
def own_books(db_kind: Kind, databases: Databases, tmp_path: Path) -> Iterator[Books]:
    """Books of this test's own, not served yet."""
    with open_books(databases, db_kind, tmp_path) as opened:
        yield opened


@pytest.fixture
def address(site: Site) -> Iterator[str]:
    """The site on a real port, for browsers."""
    app = create_app(site.config, now=clock_at(NOW))
    with serving(app) as where:
        yield where
