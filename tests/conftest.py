"""What every test may ask for: databases on both engines, a query recorder, a browser.

    def test_something(engine): ...                  an empty, migrated database; runs once per engine
    @pytest.mark.db("postgresql")                    only on that engine
    pytest --db sqlite                               leave the other engine out, for a quick look

Hypothesis: HYPOTHESIS_PROFILE=default, ci or thorough.
"""

import os
import shutil
import signal
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Any, cast

import pytest
from hypothesis import settings
from sqlalchemy import Engine, event

from tests.servers import KINDS, Database, Databases, Kind, PostgresServer, folder_in_memory

if TYPE_CHECKING:
    from playwright.sync_api import Browser

# The same examples each time, so that what passes here passes elsewhere; "thorough" looks for new ones.
settings.register_profile("default", max_examples=60, deadline=None, derandomize=True)
settings.register_profile("ci", max_examples=200, deadline=None, derandomize=True, print_blob=True)
settings.register_profile("thorough", max_examples=5000, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))


# --- Which engine -------------------------------------------------------------------------------------------


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--db", choices=KINDS, help="run the tests that use a database on this engine only (default: both)"
    )


def pytest_configure(config: pytest.Config) -> None:
    if memory := folder_in_memory():
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(memory))  # the parent of all temporary folders
    config.addinivalue_line("markers", "db(*kinds): run this test on these database engines only")
    # Being told to stop is no reason to leave a server's folder behind: end as on Ctrl-C.
    signal.signal(signal.SIGTERM, signal.default_int_handler)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """A file's tests stay together, and so do those of folders whose files share what is dear to make."""
    from xdist.scheduler import LoadFileScheduling

    class Together(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file = str(super()._split_scope(nodeid))
            return next(
                (folder for folder in ("tests/demo/", "tests/face/") if file.startswith(folder)), file
            )

    return Together(config, log)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "db_kind" in metafunc.fixturenames:
        marker = metafunc.definition.get_closest_marker("db")
        metafunc.parametrize("db_kind", marker.args if marker else KINDS, indirect=True)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    wanted = config.getoption("db")
    if wanted is None:
        return
    unwanted = [item for item in items if _kind_of(item) not in (None, wanted)]
    if unwanted:
        config.hook.pytest_deselected(items=unwanted)
        items[:] = [item for item in items if item not in unwanted]


def _kind_of(item: pytest.Item) -> str | None:
    """The engine a collected test is for, if it uses a database at all."""
    params = item.callspec.params if hasattr(item, "callspec") else {}
    if "db_kind" in params:
        return cast(str, params["db_kind"])
    return "postgresql" if "postgres_server" in getattr(item, "fixturenames", ()) else None


@pytest.fixture
def db_kind(request: pytest.FixtureRequest) -> Kind:
    """The engine this run of the test is on: "sqlite" or "postgresql"."""
    return cast(Kind, request.param)


# --- Databases ----------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """A PostgreSQL server of the tests' own, on a Unix socket only."""
    # No test pulls the plug of this server, so nothing of it has to reach a disk.
    with PostgresServer(
        folder_in_memory(), fsync="off", full_page_writes="off", synchronous_commit="off"
    ) as server:
        yield server


@pytest.fixture(scope="session")
def databases(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Databases:
    """Makes databases, for fixtures of a wider scope: `with databases.database("sqlite") as db: ...`"""
    from ledger.store.migrate import migrate

    return Databases(
        tmp_path_factory.mktemp("databases"),
        server=lambda: cast(PostgresServer, request.getfixturevalue("postgres_server")),
        migrate=migrate,
    )


@pytest.fixture
def database(databases: Databases, db_kind: Kind) -> Iterator[Database]:
    """An empty, migrated database of this test's own."""
    with databases.database(db_kind) as fresh:
        yield fresh


@pytest.fixture
def database_url(database: Database) -> str:
    """Its address, as the application logs in: on PostgreSQL without the owner's rights."""
    return database.url


@pytest.fixture
def owner_url(database: Database) -> str:
    """The owner's address of the same database, as the migrations log in; on SQLite the same address."""
    return database.owner_url


@pytest.fixture
def bare_database(databases: Databases, db_kind: Kind) -> Iterator[Database]:
    """A database without anything in it, for tests of the migrations themselves."""
    with databases.database(db_kind, migrated=False) as bare:
        yield bare


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """The application's own engine on this test's database."""
    from ledger.store.engine import open_engine

    engine = open_engine(database_url)
    yield engine
    engine.dispose()


# --- Counting queries ---------------------------------------------------------------------------------------


class Queries(list[str]):
    """The statements sent to the database, in order; transaction control and settings are left out."""

    def expect_at_most(self, limit: int) -> None:
        """Fail, showing the statements, if there were more than `limit`."""
        if len(self) > limit:
            shown = "\n".join(f"{number:4}  {' '.join(text.split())}" for number, text in enumerate(self, 1))
            pytest.fail(f"{len(self)} queries, expected at most {limit}:\n{shown}", pytrace=False)


_NOT_QUERIES = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "PRAGMA", "SET")


@pytest.fixture
def count_queries() -> Callable[[Engine], AbstractContextManager[Queries]]:
    """Record what an engine is asked.

    with count_queries(engine) as queries:
        list_bills(...)
    queries.expect_at_most(3)

    A query per row shows when the same call over more rows sends more statements: compare `len(queries)`.
    """

    @contextmanager
    def record(engine: Engine) -> Iterator[Queries]:
        queries = Queries()

        def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
            if not statement.lstrip().upper().startswith(_NOT_QUERIES):
                queries.append(statement)

        event.listen(engine, "before_cursor_execute", note)
        try:
            yield queries
        finally:
            event.remove(engine, "before_cursor_execute", note)

    return record


# --- A browser ----------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def browser() -> "Iterator[Browser]":
    """Debian's Chromium, driven by Playwright; make a page with `browser.new_page()` and close it."""
    program = shutil.which("chromium")
    if program is None:
        pytest.fail("No chromium found. `make test` installs it.", pytrace=False)
    from playwright.sync_api import expect, sync_playwright

    from tests.browsing import PATIENCE

    expect.set_options(timeout=PATIENCE)  # for a condition, however busy the machine is
    arguments = [
        "--disable-gpu",
        "--disable-quic",
        "--disable-dev-shm-usage",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
    ]
    if os.geteuid() == 0:
        arguments.append("--no-sandbox")  # Chromium's sandbox cannot be had as root
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=arguments)
        yield chromium
        chromium.close()
