"""Install a peer on first use and keep it running as a process that posts when asked."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from psycopg import sql

from tests.servers import OWNER, Database, PostgresServer

_SCRIPTS = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Peer:
    """Another ledger: what it is called, the release compared with, and its script in this folder."""

    name: str
    version: str
    script: str
    target: float
    """How many times its speed ours should be."""
    share: int
    """It posts one for so many of ours, to end in good time."""


PEERS = (
    Peer("django-hordak", "2.0.0", "hordak_posts.py", 2.0, 1),
    Peer("django-ledger", "0.8.5", "django_ledger_posts.py", 10.0, 8),
)


class PeerUnavailable(RuntimeError):
    """A peer could not be installed or started; the message says why."""


class RunningPeer:
    """A peer's process, connected to a database of its own."""

    def __init__(self, process: subprocess.Popen[str], errors: TextIO, database: Database) -> None:
        self._process = process
        self.database = database
        self._errors = errors

    def answer(self) -> str:
        """The next line the process prints."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline().strip()
        if not line:
            self._errors.seek(0)
            raise PeerUnavailable((self._errors.read() or "no answer").strip().splitlines()[-1])
        return line

    def seconds(self, count: int) -> float:
        """Post ``count`` transactions; how long it took."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{count}\n")
        self._process.stdin.flush()
        return float(self.answer())


@contextmanager
def running(peer: Peer, server: PostgresServer) -> Iterator[RunningPeer]:
    """The peer on a fresh database of ``server``. Raises `PeerUnavailable`."""
    python = _environment(peer)
    dbname = "peer_" + peer.name.replace("-", "_")
    name, url = sql.Identifier(dbname), server.url(dbname, OWNER)
    with ExitStack() as stack:
        admin = stack.enter_context(server.superuser())
        admin.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(name, sql.Identifier(OWNER)))
        stack.callback(admin.execute, sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))
        errors = stack.enter_context(tempfile.TemporaryFile("w+"))
        process = subprocess.Popen(
            [
                str(python),
                str(_SCRIPTS / peer.script),
                str(server.folder),
                dbname,
                OWNER,
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
        stack.callback(process.communicate)
        stack.callback(process.kill)
        started = RunningPeer(process, errors, Database("postgresql", url, url))
        while started.answer() != "ready":
            pass
        yield started


def _environment(peer: Peer) -> Path:
    """The interpreter of the peer's own environment below the user's cache, made on first use."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "mingzhang-bench"
    folder = cache / f"{peer.name}-{peer.version}"
    python, stamp = folder / "bin" / "python", folder / "installed"
    if not stamp.exists():
        cache.mkdir(parents=True, exist_ok=True)
        wanted = [f"{peer.name}=={peer.version}", "psycopg[binary]>=3.2"]
        for command in (
            [sys.executable, "-m", "venv", "--clear", str(folder)],
            [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *wanted],
        ):
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode != 0:
                raise PeerUnavailable(f"{peer.name} {peer.version} does not install: {done.stderr[-300:]}")
        stamp.touch()
    return python
