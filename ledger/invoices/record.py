"""Keep what an invoice said and what a person typed, side by side."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, func, insert, select

from ledger.documents.blobs import Location
from ledger.documents.read import UploadFile
from ledger.documents.upload import Paper, upload
from ledger.errors import refuse
from ledger.invoices.layouts import Reading
from ledger.invoices.read import read_invoice
from ledger.people import Actor
from ledger.store.tables import invoice_reading
from ledger.trust.act import Act
from ledger.trust.lock import lock_trust

READ, TYPED = "read", "typed"
_FIELDS = (
    "layout",
    "number",
    "issued_on",
    "seller",
    "seller_tax_no",
    "buyer",
    "buyer_tax_no",
    "net",
    "tax",
    "total",
)


@dataclass(frozen=True, slots=True)
class KeptReading:
    """A row on record; ``source`` is read (by the system) or typed (by ``recorded_by``)."""

    source: str
    reading: Reading
    work_no: int | None
    recorded_by: str
    recorded_at: datetime


def hand_in(
    conn: Connection, trust_id: int, location: Location, paper: Paper, actor: Actor, act: Act
) -> UploadFile:
    """Upload a paper; if it is an e-invoice, read it, fill in its number and keep what was read.

    Raises :class:`~ledger.errors.Refused` as :func:`ledger.documents.upload.upload` does, and when the
    number typed is not the one in the file.
    """
    reading = read_invoice(paper.data) if paper.kind == "invoice" else None
    if reading is None:
        return upload(conn, trust_id, location, paper, actor, act)
    typed = "".join(paper.number.split())
    if typed and not reading.number.endswith(typed):
        raise refuse(
            "number_differs",
            f"您填的发票号 {typed} 与文件里的 {reading.number} 不同，请核对；也可以留空由系统填写",
            "发票号",
        )
    paper = replace(paper, number=reading.number, title=paper.title or "电子发票")
    kept = upload(conn, trust_id, location, paper, actor, act)
    record_reading(conn, trust_id, kept.original, reading, READ, actor, act)
    return kept


def record_reading(
    conn: Connection,
    trust_id: int,
    sha256: str,
    reading: Reading,
    source: str,
    actor: Actor,
    act: Act,
    work_no: int | None = None,
) -> None:
    """Keep a reading of a file (its SHA-256, or empty when there is none)."""
    lock_trust(conn, trust_id)
    last = conn.execute(
        select(func.max(invoice_reading.c.reading_no)).where(invoice_reading.c.trust_id == trust_id)
    ).scalar()
    values = {name: getattr(reading, name) for name in _FIELDS}
    conn.execute(
        insert(invoice_reading).values(
            trust_id=trust_id,
            reading_no=(last or 0) + 1,
            sha256=sha256,
            source=source,
            work_no=work_no,
            recorded_by=actor.signature,
            recorded_at=act.now,
            **values,
        )
    )


def readings_of(conn: Connection, trust_id: int, sha256: str) -> list[KeptReading]:
    """What was read from a file and typed beside it, oldest first."""
    rows = conn.execute(
        select(invoice_reading)
        .where(invoice_reading.c.trust_id == trust_id, invoice_reading.c.sha256 == sha256)
        .order_by(invoice_reading.c.reading_no)
    )
    return [
        KeptReading(
            row.source,
            Reading(**{name: getattr(row, name) for name in _FIELDS}),
            row.work_no,
            row.recorded_by,
            row.recorded_at,
        )
        for row in rows
    ]
