"""What must not stand in the words of an evaluation, which everybody will read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from sqlalchemy import Connection

from ledger.errors import Problem
from ledger.inquiries.privacy import privacy_problems
from ledger.journal.privacy import private_data_in

_BREAK = "。"
"""Between texts that are searched at once: what stands around it is not read as one word or number."""


def private_problems(conn: Connection, trust_id: int, texts: Sequence[tuple[str, str]]) -> Iterator[Problem]:
    """Homes and people of this community, and other private things, in ``texts``, each with its place before it;
    three queries if there are none. What :func:`ledger.resolutions.texts.text_problems` finds is left to it."""
    if not privacy_problems(conn, trust_id, _BREAK.join(text for _, text in texts)):
        return
    if len(texts) > 1:
        middle = len(texts) // 2
        yield from private_problems(conn, trust_id, texts[:middle])
        yield from private_problems(conn, trust_id, texts[middle:])
        return
    ((where, text),) = texts
    for problem in privacy_problems(conn, trust_id, text):
        if problem.code != "private_data" or not private_data_in(text):
            yield replace(problem, where=where)
