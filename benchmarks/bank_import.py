"""Importing a statement of 100,000 lines, its balances checked, and matching every line to an entry.

The limit beside it is ``post_many`` of the same entries, ready-made, into a fresh trust: what is above it is
reading, checking, keeping and deciding. Memory is what a process of its own grew by at most while it worked
(in one that has worked before, what that left free would hide the growth); a tenth of the lines is measured
first, and the growth for ten times as many should be far below ten times as much. Part of it is SQLite's page
cache, 64 MB when full.
"""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from multiprocessing import get_context
from pathlib import Path
from random import Random

import msgspec
from sqlalchemy import Engine, select

from benchmarks.community import TRUST, UNITS, act, open_community
from benchmarks.report import Figure, skipped
from benchmarks.world import World, say
from ledger.bank.amounts import yuan
from ledger.bank.importing import import_statement
from ledger.bank.matching import match_lines
from ledger.journal import Draft, post_many
from ledger.journal.read import stream_entries
from ledger.store.engine import open_engine, reading, writing
from ledger.store.tables import bank_match
from ledger.trust import BankAccount, add_bank_accounts
from tests.servers import Kind

LINES = 100_000
SECONDS = 30
_DAYS = 150
_FIRST = date(2024, 1, 1)
_TODAY = date(2024, 6, 30)
_ACCOUNT = "F1-BENCH"
_HEADER = (
    "流水号,交易日,交易时间,收(付)方名称,收(付)方账号,交易类型,业务摘要,其它摘要,用途,借方金额,贷方金额,余额"
)
_STATUS, _FORGET = Path("/proc/self/status"), Path("/proc/self/clear_refs")


@dataclass(frozen=True, slots=True)
class Run:
    """One import with its matching: seconds of each, the MB the process grew by at most, lines by outcome."""

    importing: float
    matching: float
    grown: float
    matched: int
    left: int


def run(world: World) -> Iterator[Figure]:
    """How long the lines take, against bare posting, and how memory grows with their number."""
    for kind in world.engines:
        yield from _on(world, kind)


def _on(world: World, kind: Kind) -> Iterator[Figure]:
    count = world.scaled(LINES)
    say(f"{kind}: importing and matching {count:,} bank lines")
    with world.database(kind) as (_, engine):
        small = _run_apart(engine, world.folder, count // 10)
    with world.database(kind) as (_, engine):
        whole = _run_apart(engine, world.folder, count)
        drafts = _drafts(engine)
    with world.database(kind) as (_, engine):
        bare = _bare(engine, drafts)
    seconds = whole.importing + whole.matching
    assert whole.matched == count, f"{whole.left} lines were left"
    yield Figure(
        "bank", kind, f"import and match {count:,} lines", seconds, "s", bare, "post_many alone", bare / seconds,
        f"<= {SECONDS} s" if kind == "sqlite" and not world.quick else "",
        seconds <= SECONDS if kind == "sqlite" and not world.quick else None,
        f"import {whole.importing:.1f} s, match {whole.matching:.1f} s",
    )  # fmt: skip
    if not _tells():
        yield skipped("bank", kind, "memory: this system does not tell")
        return
    yield Figure(
        "bank", kind, f"memory grown by {count:,} lines", whole.grown, "MB", small.grown, f"{count // 10:,} lines",
        whole.grown / max(small.grown, 1), "<= 5 times", whole.grown <= 5 * max(small.grown, 1),
    )  # fmt: skip


def _run_apart(engine: Engine, folder: Path, count: int) -> Run:
    """Import and match in a fresh process, which has no memory left over from before."""
    _open(engine)
    file = folder / "statement.csv"
    file.write_bytes(_statement(count))
    url = engine.url.render_as_string(hide_password=False)
    with get_context("spawn").Pool(1) as pool:
        return pool.apply(_run, (url, file))


def _run(url: str, file: Path) -> Run:
    engine, random, data = open_engine(url), Random(9), file.read_bytes()
    with reading(engine) as conn:
        conn.execute(select(bank_match.c.seq).limit(1))
    gc.collect()
    before = _peak(anew=True)
    start = time.perf_counter()
    with writing(engine) as conn:
        import_statement(conn, TRUST, _ACCOUNT, data, "流水.csv", by="甲", act=act(_TODAY, random))
    between = time.perf_counter()
    with writing(engine) as conn:
        matched = match_lines(conn, TRUST, preparer="甲", reviewer="乙", act=act(_TODAY, random))
    end = time.perf_counter()
    grown = _peak() - before
    engine.dispose()
    return Run(between - start, end - between, grown, sum(matched.by_rule.values()), len(matched.left))


def _open(engine: Engine) -> None:
    open_community(engine)
    with writing(engine) as conn:
        add_bank_accounts(
            conn,
            TRUST,
            [BankAccount(_ACCOUNT, "bank", "A", "F1", "100201", "招商银行", "业主大会", "4100200300400500")],
        )


def _statement(count: int) -> bytes:
    """Homes paying their fees over some months, as China Merchants Bank writes it."""
    rows, balance = [_HEADER], 0
    for number in range(count):
        home, fen = number * 37 % len(UNITS), 10_000 + number * 37 % 90_000
        balance += fen
        day = _FIRST + timedelta(days=number * _DAYS // count)
        clock = f"{number // 3600 % 24:02d}:{number // 60 % 60:02d}:{number % 60:02d}"
        rows.append(
            f"F{number},{day:%Y%m%d},{clock},业主{home},62{home:012d},转账,物业费 {UNITS[home]},,,,"
            f"{_plain(fen)},{_plain(balance)}"
        )
    return ("\n".join(rows) + "\n").encode()


def _plain(fen: int) -> str:
    return yuan(fen).replace(",", "")


def _drafts(engine: Engine) -> list[Draft]:
    """The entries made, to be posted again with nothing around it."""
    with reading(engine) as conn:
        size = len(conn.execute(select(bank_match.c.seq).distinct()).all())
        return [
            msgspec.structs.replace(stored.draft, key=f"bare:{stored.seq}")
            for stored in stream_entries(conn, TRUST, size)
        ]


def _bare(engine: Engine, drafts: list[Draft]) -> float:
    _open(engine)
    start = time.perf_counter()
    with writing(engine) as conn:
        post_many(conn, TRUST, drafts, act(_TODAY, Random(9)))
    return time.perf_counter() - start


def _tells() -> bool:
    return sys.platform == "linux" and _FORGET.exists()


def _peak(*, anew: bool = False) -> float:
    """The most memory this process ever had, in MB; ``anew``: forget that and begin with what it has now."""
    if not _tells():
        return 0.0
    if anew:
        _FORGET.write_text("5", encoding="ascii")
    lines = _STATUS.read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024
