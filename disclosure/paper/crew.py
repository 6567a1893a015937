"""The child processes that set pages: started for a document, ended with it.

They get nothing but the jobs: no open files, no environment besides what fonts and libraries need.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Timer, local
from typing import IO, Any, cast

HANDS = min(2, os.cpu_count() or 1)
"""Processes a document is set by."""
LONGEST_JOB = 300
"""Seconds after which a job counts as failed."""
_PACKAGES = Path(__file__).resolve().parents[2]
_WORKER: tuple[str, ...] = ("-m", "disclosure.paper.worker")
_KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "XDG_CACHE_HOME", "FONTCONFIG_FILE", "FONTCONFIG_PATH")

Job = dict[str, Any]


class PrintFailed(Exception):
    """A page could not be set. Nothing was kept of the document."""


class Crew:
    """Does jobs in child processes, as many at once as there are hands."""

    def __init__(self) -> None:
        self._hands: list[Hand] = []
        self._own = local()
        self._threads = ThreadPoolExecutor(HANDS, "paper")

    def start(self, job: Job, target: Path) -> Future[int]:
        """Begin to make a file; the result is its pages. Raises :class:`PrintFailed` when asked for it."""
        return self._threads.submit(self._make, job, target)

    def _make(self, job: Job, target: Path) -> int:
        """The file appears with all its bytes, or not at all."""
        target.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=target.parent, suffix=".part")
        os.close(descriptor)
        try:
            pages = self._do(job | {"target": name})
            with Path(name).open("rb") as made:
                os.fsync(made.fileno())  # or it could have its name and no bytes after a power cut
            Path(name).replace(target)
            return pages
        finally:
            Path(name).unlink(missing_ok=True)

    def _do(self, job: Job) -> int:
        hand: Hand | None = getattr(self._own, "hand", None)
        if hand is None:
            hand = self._own.hand = Hand()
            self._hands.append(hand)
        return hand.do(job)

    def end(self) -> None:
        """Stop everything that still runs."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        for hand in self._hands:
            hand.stop()
        self._threads.shutdown()
        for hand in self._hands:
            hand.close()


@contextmanager
def crew() -> Iterator[Crew]:
    """A crew for one document."""
    opened = Crew()
    try:
        yield opened
    finally:
        opened.end()


class Hand:
    """One child process."""

    def __init__(self) -> None:
        environment = {name: os.environ[name] for name in _KEPT if name in os.environ}
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            (sys.executable, "-P", *_WORKER),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment | {"PYTHONPATH": str(_PACKAGES)},
            start_new_session=True,  # a Ctrl-C at the server is not the end of a page half set
        )

    def do(self, job: Job) -> int:
        """Do a job. Raises :class:`PrintFailed`, after which this hand may be of no more use."""
        timer = Timer(LONGEST_JOB, self._process.kill)
        timer.start()
        try:
            line = self._ask(json.dumps(job).encode() + b"\n")
        finally:
            timer.cancel()
        if not line:
            raise PrintFailed(f"排版进程中途退出（退出码 {self._process.wait()}），没有生成文件，请稍后再试")
        answer = json.loads(line)
        if "error" in answer:
            raise PrintFailed(f"排版没有成功，没有生成文件：{answer['error']}")
        return int(answer["pages"])

    def _ask(self, line: bytes) -> bytes:
        """The answer to a line; empty if the process is gone."""
        asked, answers = self._pipes()
        with suppress(BrokenPipeError):
            asked.write(line)
            asked.flush()
            return answers.readline()
        return b""

    def _pipes(self) -> tuple[IO[bytes], IO[bytes]]:
        return cast(IO[bytes], self._process.stdin), cast(IO[bytes], self._process.stdout)

    def stop(self) -> None:
        """Stop it, whatever it is doing."""
        self._process.kill()

    def close(self) -> None:
        """Give back its pipes when it has stopped."""
        self._process.wait()
        for pipe in self._pipes():
            with suppress(BrokenPipeError):  # what was not sent yet is of no use to anyone
                pipe.close()
