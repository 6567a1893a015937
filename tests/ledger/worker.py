"""What tests run in processes of their own: `python -m tests.ledger.worker COMMAND URL ...`.

post URL TRUST WORKER COUNT SHARED   post COUNT entries of one's own, and SHARED that every worker posts
import URL TRUST FILE BATCH          post a file of drafts, BATCH in a transaction; says when each begins and ends
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import msgspec

from ledger.journal import Document, Draft, post, post_many
from ledger.store.engine import open_engine, writing
from tests.ledger.books import act, fee_charge, petty


def posts_of(worker: int, own: int, shared: int) -> Iterator[Draft]:
    """Entries of two years; those that all workers post are the same to the letter."""
    for n in range(own):
        yield petty(1 + worker, date=date(2024 + n % 2, 3, 10), key=f"w{worker}-{n}")
    for n in range(shared):
        yield petty(100, key=f"shared-{n}", documents=(Document("expense_sheet"),))


def import_file(count: int) -> bytes:
    """Drafts of a bulk import as JSON lines: charges with households, and expenses."""
    drafts = [
        fee_charge([("1-101", 100 + n), ("1-102", 200)], key=f"line-{n}")
        if n % 5 == 0
        else petty(1 + n, key=f"line-{n}")
        for n in range(count)
    ]
    return msgspec.json.Encoder().encode_lines(drafts)


def main(command: str, url: str, trust: str, *rest: str) -> None:
    engine = open_engine(url)
    if command == "post":
        for one in posts_of(*map(int, rest)):
            with writing(engine) as conn:
                post(conn, int(trust), one, act())
    elif command == "import":
        drafts = msgspec.json.Decoder(Draft).decode_lines(Path(rest[0]).read_bytes())
        size = int(rest[1])
        for start in range(0, len(drafts), size):
            print(f"begin {start}", flush=True)
            with writing(engine) as conn:
                post_many(conn, int(trust), drafts[start : start + size], act())
            print(f"end {start}", flush=True)
    engine.dispose()


if __name__ == "__main__":
    main(*sys.argv[1:])
