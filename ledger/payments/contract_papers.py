"""The papers of a contract: scans, supplements, acceptance notes; only ever added to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, insert, select

from ledger.events import DOCUMENT_KINDS
from ledger.journal import Document
from ledger.people import Actor, require
from ledger.store.tables import contract_document
from ledger.trust.act import Act
from ledger.trust.lock import lock_trust


@dataclass(frozen=True, slots=True)
class ContractPaper:
    """A paper of a contract."""

    document: Document
    recorded_by: str
    recorded_at: datetime

    @property
    def name(self) -> str:
        """Its title, or what kind of paper it is."""
        return self.document.title or DOCUMENT_KINDS.get(self.document.kind, self.document.kind)


def add_papers(
    conn: Connection, trust_id: int, number: str, documents: Sequence[Document], actor: Actor, act: Act
) -> None:
    """Add papers to a contract."""
    require(actor, "vendor.prepare")
    if not documents:
        return
    lock_trust(conn, trust_id)
    last = conn.execute(
        select(func.max(contract_document.c.doc_no)).where(
            contract_document.c.trust_id == trust_id, contract_document.c.contract == number
        )
    ).scalar()
    conn.execute(
        insert(contract_document),
        [
            {
                "trust_id": trust_id,
                "contract": number,
                "doc_no": (last or 0) + place,
                "kind": item.kind,
                "title": item.title,
                "number": item.number,
                "original": item.original,
                "public": item.public,
                "recorded_by": actor.signature,
                "recorded_at": act.now,
            }
            for place, item in enumerate(documents, start=1)
        ],
    )


def contract_papers(conn: Connection, trust_id: int, number: str) -> list[ContractPaper]:
    """The papers of a contract, oldest first."""
    rows = conn.execute(
        select(contract_document)
        .where(contract_document.c.trust_id == trust_id, contract_document.c.contract == number)
        .order_by(contract_document.c.doc_no)
    )
    return [
        ContractPaper(
            Document(row.kind, row.title, row.number, row.original, row.public),
            row.recorded_by,
            row.recorded_at,
        )
        for row in rows
    ]
