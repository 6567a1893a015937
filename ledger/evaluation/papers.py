"""Papers of a round: which steps name them, and which are not for the trustee's eyes yet."""

from __future__ import annotations

import msgspec
from sqlalchemy import Connection, select

from ledger.evaluation.value import BODIES_OF_STEPS, PREVIEWED, SHEET, VETO
from ledger.store.tables import evaluation_now, evaluation_step


def papers_of(body: msgspec.Struct) -> tuple[str, ...]:
    """SHA-256 of the papers handed in with a step, by its body."""
    found = [getattr(body, "document", "")]
    found += [line.document for line in getattr(body, "lines", ())]
    found += [veto.document for veto in getattr(body, "vetoes", ())]
    return tuple(dict.fromkeys(digest for digest in found if digest))


def unseen_papers(conn: Connection, trust_id: int) -> frozenset[tuple[str, str]]:
    """Evidence of sheets and vetoes that nobody has to answer for yet, as the round is not previewed: SHA-256 with the
    signature of whoever handed it in. One query."""
    s, n = evaluation_step.c, evaluation_now.c
    query = (
        select(s.kind, s.body, s.signature)
        .join(evaluation_now, (n.trust_id == s.trust_id) & (n.round == s.round))
        .where(s.trust_id == trust_id, s.kind.in_((SHEET, VETO)), n.stage.not_in(PREVIEWED))
    )
    return frozenset(
        (digest, signature)
        for kind, body, signature in conn.execute(query)
        for digest in papers_of(msgspec.json.decode(body, type=BODIES_OF_STEPS[kind]))
    )
