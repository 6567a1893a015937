"""Papers that a form hands in, put to the documents an entry needs anyway."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from ledger.journal import Document
from ledger.work.value import Work


def with_papers(work: Work, papers: Sequence[Document]) -> Work:
    """The work with papers on its first entry: a paper becomes the file of the document of its kind that
    the entry names already; others are added."""
    if not papers:
        return work
    left = list(papers)
    documents = []
    for item in work.drafts[0].documents:
        file = next((paper for paper in left if paper.kind == item.kind and not item.original), None)
        if file is not None:
            left.remove(file)
        documents.append(_filed(item, file))
    first = msgspec.structs.replace(work.drafts[0], documents=(*documents, *left))
    return msgspec.structs.replace(work, drafts=(first, *work.drafts[1:]))


def _filed(item: Document, file: Document | None) -> Document:
    if file is None:
        return item
    return msgspec.structs.replace(item, original=file.original, public=file.public)
