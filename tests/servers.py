"""Servers and databases that the tests start themselves.

`PostgresServer` runs a private PostgreSQL from the system's binaries: in a temporary folder, on a Unix socket
only, with the server's default durability unless told otherwise. `Databases` hands out freshly migrated, empty
databases on either engine; each engine migrates one template, and every database after that is a copy of it.

Nothing here knows pytest, so benchmarks may use it too.
"""

import contextlib
import itertools
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Self
from urllib.parse import quote

import psycopg
from psycopg import sql

Kind = Literal["sqlite", "postgresql"]
KINDS: tuple[Kind, ...] = ("sqlite", "postgresql")

SUPERUSER = "postgres"
OWNER = "mz_owner"  # owns the databases and runs the migrations; no superuser
APP_GROUP = "mingzhang_app"  # made by the migrations: holds the application's grants
APP_LOGIN = "mz_app_login"  # what the application logs in as: a member of the group, nothing more


ROOM_NEEDED = 6 * 2**30
"""Bytes that must be free before tests keep their files in memory."""


def folder_in_memory() -> Path | None:
    """A folder in memory, if this machine has one with room to spare: creating databases is quick there."""
    folder = Path("/dev/shm")
    if not (folder.is_dir() and os.access(folder, os.W_OK)):
        return None
    facts = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    available = next((int(line.split()[1]) * 1024 for line in facts if line.startswith("MemAvailable:")), 0)
    enough = min(shutil.disk_usage(folder).free, available) > ROOM_NEEDED
    return folder if enough else None


class ServerError(RuntimeError):
    """A server could not be found or started."""


def postgres_binaries() -> Path:
    """The folder with `initdb` and `postgres`, newest version first."""
    debian = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"),
        key=lambda folder: int(folder.parent.name) if folder.parent.name.isdecimal() else 0,
        reverse=True,
    )
    asked = []
    if pg_config := shutil.which("pg_config"):
        answer = subprocess.run([pg_config, "--bindir"], capture_output=True, text=True, check=False)
        asked = [Path(answer.stdout.strip())] if answer.stdout.strip() else []
    on_path = [Path(program).parent for program in [shutil.which("initdb")] if program]
    for folder in [*debian, *asked, *on_path]:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    raise ServerError(
        "No PostgreSQL server found (initdb, postgres). `make test` installs it; "
        "to run the tests on SQLite alone: pytest --db sqlite"
    )


class PostgresServer:
    """A PostgreSQL server of our own, from `start` to `stop`."""

    def __init__(self, parent: Path | None = None, **settings: str) -> None:
        """`parent` is where it keeps its files, `settings` are server settings: `shared_buffers="256MB"`."""
        self.binaries = postgres_binaries()
        # Short, as a socket's path is limited to 107 bytes; readable by the server's own user.
        self.folder = Path(tempfile.mkdtemp(prefix="mz-pg-", dir=parent or "/tmp"))
        self._settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.folder),
            "max_connections": "100",
            **settings,
        }
        self._process: subprocess.Popen[bytes] | None = None
        # PostgreSQL refuses to run as root.
        self._user = SUPERUSER if os.geteuid() == 0 else None

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Create the cluster, start the server, and create the two roles that the tests log in as."""
        self.folder.chmod(0o755)
        if self._user:
            try:
                account = pwd.getpwnam(self._user)
            except KeyError:
                raise ServerError(
                    f"PostgreSQL cannot run as root, and there is no user {self._user!r}"
                ) from None
            os.chown(self.folder, account.pw_uid, account.pw_gid)
        data = self.folder / "data"
        self._run_initdb(data)
        options = [part for name, value in self._settings.items() for part in ("-c", f"{name}={value}")]
        with (self.folder / "log").open("wb") as log:
            self._process = subprocess.Popen(
                self._command("postgres", "-D", str(data), *options),
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                cwd=self.folder,
                start_new_session=True,  # an interrupt in the terminal is for the tests; they stop the server
            )
        self._wait_until_ready()
        with self.superuser() as connection:
            connection.execute(
                sql.SQL("CREATE ROLE {} LOGIN NOSUPERUSER CREATEROLE CREATEDB").format(sql.Identifier(OWNER))
            )
            connection.execute(sql.SQL("CREATE ROLE {} LOGIN NOSUPERUSER").format(sql.Identifier(APP_LOGIN)))

    def stop(self) -> None:
        """Stop the server and remove everything it wrote."""
        if self._process is not None:
            for stop_signal, patience in ((signal.SIGINT, 20), (signal.SIGQUIT, 10), (signal.SIGKILL, 10)):
                self._process.send_signal(stop_signal)
                with contextlib.suppress(subprocess.TimeoutExpired):
                    self._process.wait(patience)
                    break
            self._process = None
        shutil.rmtree(self.folder, ignore_errors=True)

    def url(self, dbname: str, user: str = APP_LOGIN) -> str:
        """The SQLAlchemy address of a database on this server."""
        return f"postgresql+psycopg://{user}@/{dbname}?host={quote(str(self.folder), safe='/')}"

    def superuser(self, dbname: str = "postgres") -> "psycopg.Connection[tuple[object, ...]]":
        """A connection that may do anything, each statement its own transaction."""
        return psycopg.connect(host=str(self.folder), user=SUPERUSER, dbname=dbname, autocommit=True)

    def _command(self, program: str, *arguments: str) -> list[str]:
        """The command to run one of the server's programs: never as root, and never outliving the tests."""
        command = [str(self.binaries / program), *arguments]
        if setpriv := shutil.which("setpriv"):
            drop = [f"--reuid={self._user}", f"--regid={self._user}", "--init-groups"] if self._user else []
            return [setpriv, *drop, "--pdeathsig=QUIT", "--", *command]
        return ["runuser", "-u", self._user, "--", *command] if self._user else command

    def _run_initdb(self, data: Path) -> None:
        initdb = subprocess.run(
            self._command(
                "initdb",
                f"--pgdata={data}",
                f"--username={SUPERUSER}",
                "--auth=trust",
                "--encoding=UTF8",
                "--locale=C.UTF-8",
                "--no-instructions",
            ),
            capture_output=True,
            text=True,
            check=False,
            cwd=self.folder,
        )
        if initdb.returncode != 0:
            raise ServerError(f"initdb failed:\n{initdb.stdout}{initdb.stderr}")

    def _wait_until_ready(self, patience: float = 60) -> None:
        assert self._process is not None
        give_up_at = time.monotonic() + patience
        while self._process.poll() is None and time.monotonic() < give_up_at:
            with contextlib.suppress(psycopg.OperationalError), self.superuser():
                return
            time.sleep(0.05)
        log = (self.folder / "log").read_text(errors="replace")
        raise ServerError(f"PostgreSQL did not start:\n{log[-4000:]}")


@dataclass(frozen=True)
class Database:
    """One database: `url` as the application logs in, `owner_url` as the migrations do (same on SQLite)."""

    kind: Kind
    url: str
    owner_url: str


class Databases:
    """Databases for the asking. `migrate` brings an empty one, given by its owner's address, to head."""

    def __init__(
        self, folder: Path, server: Callable[[], PostgresServer], migrate: Callable[[str], object]
    ) -> None:
        self._folder = folder
        self._server = server
        self._migrate = migrate
        self._numbers = itertools.count(1)
        self._templates: dict[Kind, str] = {}

    @contextlib.contextmanager
    def database(self, kind: Kind, *, migrated: bool = True) -> Iterator[Database]:
        """A database of one's own, gone afterwards; not `migrated`: with nothing in it at all."""
        make = self._sqlite if kind == "sqlite" else self._postgresql
        with make(migrated) as database:
            yield database

    @contextlib.contextmanager
    def _sqlite(self, migrated: bool) -> Iterator[Database]:
        folder = self._folder / f"sqlite-{next(self._numbers)}"
        folder.mkdir()
        try:
            path = folder / "books.db"
            if migrated:
                shutil.copyfile(self._sqlite_template(), path)
            yield Database("sqlite", f"sqlite:///{path}", f"sqlite:///{path}")
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _sqlite_template(self) -> str:
        if "sqlite" not in self._templates:
            path = self._folder / "template.db"
            self._migrate(f"sqlite:///{path}")
            if Path(f"{path}-wal").exists():
                raise ServerError(
                    "The migrations left a connection to the database open: its copy would be incomplete"
                )
            self._templates["sqlite"] = str(path)
        return self._templates["sqlite"]

    @contextlib.contextmanager
    def _postgresql(self, migrated: bool) -> Iterator[Database]:
        server = self._server()
        # The template first in any case: its migration makes the group that our log-in belongs to.
        template = self._postgresql_template(server)
        if not migrated:
            template = "template0"
        name = f"mz_{next(self._numbers)}"
        self._create(server, name, template)
        try:
            yield Database("postgresql", server.url(name, APP_LOGIN), server.url(name, OWNER))
        finally:
            with server.superuser() as connection:
                connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    def _postgresql_template(self, server: PostgresServer) -> str:
        if "postgresql" not in self._templates:
            name = "mz_template"
            self._create(server, name, "template0")
            self._migrate(server.url(name, OWNER))
            with server.superuser() as connection:
                connection.execute(
                    sql.SQL("GRANT {} TO {}").format(sql.Identifier(APP_GROUP), sql.Identifier(APP_LOGIN))
                )
            self._templates["postgresql"] = name
        return self._templates["postgresql"]

    @staticmethod
    def _create(server: PostgresServer, name: str, template: str) -> None:
        with server.superuser() as connection:
            # Copying files is the quicker way where nothing has to reach a disk; older servers know no other.
            quick = "STRATEGY FILE_COPY" if connection.info.server_version >= 150_000 else ""
            connection.execute(
                sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE {} {}").format(
                    sql.Identifier(name), sql.Identifier(OWNER), sql.Identifier(template), sql.SQL(quick)
                )
            )
