"""Vouchers and other papers, stored by content outside the database.

The name of a file is the SHA-256 of its bytes, so what an entry's leaf names can't be exchanged. The
original and the redacted copy for others are two files; only files marked public are ever served to
everybody. What a file is, its content decides (:mod:`ledger.documents.kinds`).
"""

from ledger.documents.blobs import Location
from ledger.documents.kinds import MAX_BYTES
from ledger.documents.store import (
    ACCESS_NAMES,
    INTERNAL,
    OWNERS,
    PUBLIC,
    public_documents,
    read_document,
    read_public_document,
    store_document,
)

__all__ = [
    "ACCESS_NAMES",
    "INTERNAL",
    "MAX_BYTES",
    "OWNERS",
    "PUBLIC",
    "Location",
    "public_documents",
    "read_document",
    "read_public_document",
    "store_document",
]
