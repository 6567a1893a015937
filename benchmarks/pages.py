"""Public pages over books of 1,000,000 postings: how long the server takes, asked as a browser asks.

Requests go straight into the application (ASGI), compressed as browsers ask for it, without sockets between.
The sums the lists read are kept but for the newest 100 entries: more are not left over by the server.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.community import TRUST
from benchmarks.report import Figure
from benchmarks.world import Books, World, say
from disclosure.app import create_app
from disclosure.config import Config
from ledger.store.engine import reading, writing
from ledger.totals import keep_totals, kept_size
from tests.servers import Kind

_TAIL = 100
_ROUNDS = 40
_WARM = 15
"""Rounds for each page before any is measured: PostgreSQL plans a statement anew ten times before it settles."""
_AIM = 10.0
_MOST_GROWTH = 1.15
_NOW = datetime(2026, 1, 5, 2, tzinfo=UTC)
_LIST = "/c/bench/entries"
_AIMED = {
    "list, newest": _LIST,
    "list, deep": f"{_LIST}?before=2024-07-01.1000000",
    "list by month": f"{_LIST}?month=2024-05",
    "list by year": f"{_LIST}?month=2024",
    "list by fund": f"{_LIST}?fund=F1",
    "list by account": f"{_LIST}?account=A-100201",
    "list by vendor": f"{_LIST}?vendor=V3",
    "list by contract and month": f"{_LIST}?contract=C3&month=2024-05",
    "entry": f"{_LIST}/A-2024-012345",
}
_SHOWN = {
    "list by direction": f"{_LIST}?direction=out",
    "list by decision": f"{_LIST}?resolution=%E4%B8%9A%E5%86%B31%E5%8F%B7",
    "list by text, frequent": f"{_LIST}?q=%E7%BB%B4%E4%BF%9D",
    "list by text, nowhere": f"{_LIST}?q=%E6%B2%A1%E6%9C%89",
    "list by amount, rare": f"{_LIST}?min=4999&max=5000",
    "home": "/c/bench",
    "charts": "/c/bench/charts",
    "duties": "/c/bench/duties",
    "vendors": "/c/bench/vendors",
    "one vendor": "/c/bench/vendors/V3",
    "one contract": "/c/bench/contracts/C3",
    "shared revenue": "/c/bench/sites",
    "feed": "/c/bench/feed",
    "API: list": "/api/v1/communities/bench/entries",
    "API: community": "/api/v1/communities/bench",
}
_AGAIN = ("list, newest", "entry", "home")


def run(world: World) -> Iterator[Figure]:
    """Each page's median and 95th percentile; that nothing is sent again; memory of the file."""
    for kind in world.engines:
        yield from _on(world, world.books(kind), kind)


def _on(world: World, books: Books, kind: Kind) -> Iterator[Figure]:
    yield _keep(books, kind)
    say(f"{kind}: public pages")
    app = create_app(Config(world.folder, books.database.url, "https://mingzhang.example"), now=lambda: _NOW)
    for address in (*_AIMED.values(), *_SHOWN.values()):  # as a server that has been running for a while
        asyncio.run(_ask(app, address, _WARM, {}))
    for what, address in {**_AIMED, **_SHOWN}.items():
        times, etag = asyncio.run(_ask(app, address, _ROUNDS, {}))
        yield _figure(kind, what, times, aimed=what in _AIMED)
        if what in _AGAIN:
            again, _ = asyncio.run(_ask(app, address, _ROUNDS, {"if-none-match": etag}, expected=304))
            yield _figure(kind, f"{what}, 304", again, aimed=what in _AIMED)
    app.services.engine.dispose()
    yield from _file(books, kind)


def _keep(books: Books, kind: Kind) -> Figure:
    """The sums, as the server keeps them in the background."""
    say(f"{kind}: keeping the sums of the lists")
    with reading(books.engine) as conn:
        reached, size = kept_size(conn, TRUST)
    start, first = time.perf_counter(), reached
    while reached < size - _TAIL:
        with writing(books.engine) as conn:
            reached = keep_totals(conn, TRUST, most=min(5_000, size - _TAIL - reached))
    seconds = time.perf_counter() - start
    return Figure(
        "pages", kind, "keeping the sums", (reached - first) / seconds, "entries/s", note=f"{seconds:.0f} s"
    )


def _figure(kind: Kind, what: str, times: list[float], *, aimed: bool) -> Figure:
    ordered = sorted(times)
    middle, worst = ordered[len(ordered) // 2] * 1000, ordered[int(len(ordered) * 0.95)] * 1000
    return Figure(
        "pages", kind, what, middle, "ms",
        target=f"<= {_AIM:g} ms" if aimed else "", passed=middle <= _AIM if aimed else None,
        note=f"p95 {worst:.1f} ms",
    )  # fmt: skip


async def _ask(
    app: Any, address: str, rounds: int, headers: dict[str, str], *, expected: int = 200
) -> tuple[list[float], str]:
    """Seconds of each round after five to warm up, and the ETag."""
    times, etag = [], ""
    for number in range(rounds + 5):
        start = time.perf_counter()
        status, found = await _request(app, address, {"accept-encoding": "br", **headers})
        seconds = time.perf_counter() - start
        assert status == expected, f"{address}: {status}"
        etag = found.get("etag", "")
        if number >= 5:
            times.append(seconds)
    return times, etag


async def _request(app: Any, address: str, headers: dict[str, str]) -> tuple[int, dict[str, str]]:
    path, _, query = address.partition("?")
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": "https",
        "path": path, "raw_path": path.encode(), "query_string": query.encode(), "root_path": "",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        "client": ("127.0.0.1", 1), "server": ("mingzhang.example", 443), "state": {}, "extensions": {},
    }  # fmt: skip
    answered: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        answered.append(message)

    await app(scope, receive, send)
    start = answered[0]
    return start["status"], {name.decode().lower(): value.decode() for name, value in start["headers"]}


def _file(books: Books, kind: Kind) -> Iterator[Figure]:
    """The file of everything, in a process of its own, beside that of the first two months."""
    for full in (False, True):
        say(f"{kind}: entries.csv{'?full=1' if full else ''}")
        _, _, before = _stream(books.database.url, "2024-02", full=full)
        seconds, size, peak = _stream(books.database.url, "", full=full)
        what = "entries.csv, one row a posting" if full else "entries.csv, one row an entry"
        yield Figure(
            "pages", kind, f"{what}: speed", books.entries / seconds, "entries/s",
            note=f"{size / 1e6:,.0f} MB in {seconds:.1f} s",
        )  # fmt: skip
        growth = peak / before
        yield Figure(
            "pages", kind, f"{what}: peak memory", peak / 1024, "MiB", before / 1024, "for a twelfth", growth,
            f"<= {_MOST_GROWTH:.2f}", growth <= _MOST_GROWTH,
        )  # fmt: skip


def _stream(url: str, until: str, *, full: bool) -> tuple[float, int, int]:
    """Seconds, bytes, and peak memory in KiB."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.pages_child", url, until, "full" if full else "simple"],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[1],
    )
    seconds, size, peak = done.stdout.split()
    return float(seconds), int(size), int(peak)
