"""A statement of 10,000 rows as PDF, cold, against one table given to WeasyPrint; and a year bound from its months.

Memory is that of the whole process tree: the highest resident set (VmHWM) of each process, added up, read while they
run. That counts what they share more than once, and peaks that were not at the same time. Processes that live a
moment only (the loader looking for libraries, a fork before its exec) are left out.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.report import Figure
from benchmarks.world import World, say

_ROWS = 10_000
_LOOK, _SEEN = 0.02, 15
"""Seconds between two looks; a process seen less often is left out."""
_MOST_TIME, _MOST_MEMORY, _MOST_YEAR = 0.6, 1 / 3, 5.0


@dataclass(frozen=True, slots=True)
class Run:
    """What printing took: seconds, those of processor time, the peak of the process tree in MiB, pages, bytes."""

    seconds: float
    processor: float
    peak: float
    pages: int
    size: int
    processes: int


def run(world: World) -> Iterator[Figure]:
    """Ours cold and warm, then naive, one after the other."""
    rows = world.scaled(_ROWS)
    with tempfile.TemporaryDirectory() as folder:
        say(f"paper: {rows:,} rows, ours")
        ours = _printed("ours", rows, folder)
        say("paper: the year again from its months")
        again = _printed("again", rows, folder)
        say(f"paper: {rows:,} rows, one table")
        naive = _printed("naive", rows, folder)
    time, memory = ours.seconds / naive.seconds, ours.peak / naive.peak
    yield Figure(
        "paper", "-", f"PDF of {rows:,} rows, cold", ours.seconds, "s", naive.seconds, "one table in WeasyPrint",
        time, f"<= {_MOST_TIME:.2f}", time <= _MOST_TIME,
        f"{ours.pages} pages, {ours.size / 1e6:.1f} MB against {naive.pages}, {naive.size / 1e6:.1f} MB",
    )  # fmt: skip
    yield Figure(
        "paper", "-", "its peak memory", ours.peak, "MiB", naive.peak, "one table in WeasyPrint",
        memory, f"<= {_MOST_MEMORY:.2f}", memory <= _MOST_MEMORY, f"{ours.processes} processes added up",
    )  # fmt: skip
    yield Figure(
        "paper", "-", "its processor time", ours.processor, "s", naive.processor, "one table in WeasyPrint",
        ours.processor / naive.processor, note="does not depend on what else runs",
    )  # fmt: skip
    yield Figure(
        "paper", "-", "year of months already set", again.seconds, "s", target=f"<= {_MOST_YEAR:.0f} s",
        passed=again.seconds <= _MOST_YEAR,
        note=f"{again.pages} pages, {again.peak:,.0f} MiB, {again.processor:.2f} s of processor time",
    )  # fmt: skip


def _printed(how: str, rows: int, folder: str) -> Run:
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.paper_child", how, str(rows), folder],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[1],
    )
    peaks: dict[int, list[int]] = {}
    done = threading.Event()
    watch = threading.Thread(target=_watch, args=(process.pid, peaks, done))
    watch.start()
    said, _ = process.communicate()
    done.set()
    watch.join()
    if process.returncode:
        raise RuntimeError(f"printing {how} failed")
    seconds, processor, pages, size = said.split()
    highest = [max(seen) for seen in peaks.values() if len(seen) >= _SEEN]
    return Run(float(seconds), float(processor), sum(highest) / 1024, int(pages), int(size), len(highest))


def _watch(root: int, peaks: dict[int, list[int]], done: threading.Event) -> None:
    """Note the highest resident set of every process of the tree, in KiB."""
    while not done.wait(_LOOK):
        for process in _tree(root):
            try:
                status = Path(f"/proc/{process}/status").read_text()
            except OSError:
                continue  # it has just ended
            if found := re.search(r"VmHWM:\s+(\d+)", status):
                peaks.setdefault(process, []).append(int(found[1]))


def _tree(root: int) -> Iterator[int]:
    yield root
    for task in Path(f"/proc/{root}/task").glob("*/children"):
        try:
            children = task.read_text().split()
        except OSError:
            continue
        for child in children:
            yield from _tree(int(child))
