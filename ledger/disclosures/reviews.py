"""The trustee looked at a block and says that it still holds (已核对，仍有效): a record with its own date.

Not for 履行情况: what was done in another month is another note.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, insert, select

from ledger.disclosures.duties import BLOCKS, duties
from ledger.disclosures.rules import rules
from ledger.disclosures.services import ACTION
from ledger.disclosures.texts import text_problems
from ledger.errors import Problem, Refused
from ledger.people import Actor, require
from ledger.records import publish_record
from ledger.store.tables import block_review
from ledger.trust.act import Act
from ledger.trust.lock import lock_trust

RECORD = "block_review"
CONFIRMABLE = tuple(code for code in BLOCKS if rules()[code].rule == "age")
"""Blocks that can be confirmed."""
REGISTERS = ("services", "posts", "quality")
"""Blocks that are typed here: before the first version there is nothing to confirm. Of the others the books
may rightly hold nothing, and the note says why."""


@dataclass(frozen=True, slots=True)
class Review:
    """One confirmation."""

    review: int
    block: str
    note: str
    recorded_at: datetime


def confirm_block(conn: Connection, trust_id: int, block: str, note: str, actor: Actor, act: Act) -> int:
    """Record and publish that a block was looked at and still holds; returns the number of the review.

    Raises :class:`~ledger.errors.Refused` for a block without anything to confirm.
    """
    require(actor, ACTION)
    lock_trust(conn, trust_id)
    note = note.strip()
    if problems := list(_problems(conn, trust_id, block, note, act)):
        raise Refused(problems)
    last = conn.execute(
        select(func.max(block_review.c.review)).where(block_review.c.trust_id == trust_id)
    ).scalar()
    number = (last or 0) + 1
    conn.execute(
        insert(block_review).values(
            trust_id=trust_id,
            review=number,
            block=block,
            note=note,
            recorded_at=act.now,
            recorded_by=actor.signature,
        )
    )
    publish_record(conn, trust_id, RECORD, str(number), {"block": block, "note": note}, act)
    return number


def _problems(conn: Connection, trust_id: int, block: str, note: str, act: Act) -> Iterator[Problem]:
    if block not in CONFIRMABLE:
        yield Problem("bad_block", "这一项不能用核对代替公开", "公开事项")
        return
    duty = next(item for item in duties(conn, trust_id, act.today) if item.code == block)
    nothing = duty.last_on is None
    if nothing and block in REGISTERS:
        yield Problem("never_published", f"“{duty.title}”还没有公开过，请先公开", duty.title)
    elif duty.last_on is not None and duty.last_on >= act.today:
        yield Problem("published_today", f"“{duty.title}”今天刚公开或核对过", duty.title)
    if nothing and not note:
        yield Problem("no_note", "账里还没有这方面的内容，请写明情况，如“本小区没有共有部分经营”", "核对说明")
    yield from text_problems(note, "核对说明", 200, needed=False)


def list_reviews(conn: Connection, trust_id: int, *, limit: int = 50) -> list[Review]:
    """The newest confirmations."""
    query = (
        select(block_review)
        .where(block_review.c.trust_id == trust_id)
        .order_by(block_review.c.review.desc())
        .limit(limit)
    )
    return [Review(row.review, row.block, row.note, row.recorded_at) for row in conn.execute(query)]


def latest_reviews(conn: Connection, trust_id: int) -> dict[str, Review]:
    """The newest confirmation of each block."""
    newest = (
        select(func.max(block_review.c.review))
        .where(block_review.c.trust_id == trust_id)
        .group_by(block_review.c.block)
    )
    query = select(block_review).where(block_review.c.trust_id == trust_id, block_review.c.review.in_(newest))
    return {
        row.block: Review(row.review, row.block, row.note, row.recorded_at) for row in conn.execute(query)
    }


def review_values(conn: Connection, trust_id: int, subjects: Sequence[str]) -> dict[str, dict[str, Any]]:
    """The published values again, from the rows."""
    numbers = [int(text) for text in subjects if re.fullmatch(r"[0-9]{1,9}", text)]
    query = select(block_review).where(
        block_review.c.trust_id == trust_id, block_review.c.review.in_(numbers)
    )
    return {str(row.review): {"block": row.block, "note": row.note} for row in conn.execute(query)}
