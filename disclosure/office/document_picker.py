"""Papers of a form (附件): chosen from those handed in, or handed in with the form itself.

A form offers rows ``doc_kind_1``, ``doc_sha_1``, ``doc_file_1``, ``doc_number_1``, ``doc_title_1``, and so
on; see ``templates/office/_documents.html``. It must be ``multipart/form-data``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from disclosure.office.acting import Office
from disclosure.office.forms import Form
from disclosure.office.uploads import uploads_of
from ledger.documents.read import UploadFile, uploads_by_digest
from ledger.documents.upload import Paper
from ledger.errors import Problem, Refused
from ledger.events import DOCUMENT_KINDS
from ledger.invoices import hand_in
from ledger.journal import Document

MOST_ROWS = 12
UPLOAD_LIMIT = 64 * 1024 * 1024
"""Bytes of a whole form with papers; each paper has its own limit besides."""
_OFFERED = 40


@dataclass(frozen=True, slots=True)
class Picker:
    """What the rows offer: kinds, papers handed in lately, and the kind each row begins with."""

    kinds: list[tuple[str, str]]
    uploads: list[UploadFile]
    rows: list[tuple[int, str]]


def document_picker(office: Office, preset: Sequence[str] = (), rows: int = 3) -> Picker:
    """The rows of a form; ``preset`` are the kinds it will ask for."""
    count = min(max(rows, len(preset) + 1), MOST_ROWS)
    kinds = [*preset, *("" for _ in range(count - len(preset)))]
    return Picker(
        kinds=list(DOCUMENT_KINDS.items()),
        uploads=uploads_of(office, limit=_OFFERED),
        rows=list(enumerate(kinds, start=1)),
    )


def documents_from_form(office: Office, form: Form) -> tuple[Document, ...]:
    """The papers of a form, files handed in on the way. Mistakes are noted in the form.

    Needs a writing transaction (:func:`disclosure.office.acting.acting`).
    """
    asked = [row for no in range(1, MOST_ROWS + 1) if (row := _row(form, no)) is not None]
    known = uploads_by_digest(office.conn, office.trust_id, [row.sha for row in asked if row.sha])
    documents = [_document(office, form, row, known) for row in asked]
    return tuple(item for item in documents if item is not None)


@dataclass(frozen=True, slots=True)
class _Row:
    no: int
    kind: str
    sha: str
    number: str
    title: str
    filename: str
    data: bytes | None

    @property
    def where(self) -> str:
        return f"附件 {self.no}"


def _row(form: Form, no: int) -> _Row | None:
    file = form.upload(f"doc_file_{no}", "文件", required=False)
    sha, number, title = (
        form.text(f"doc_{name}_{no}", "附件", required=False) for name in ("sha", "number", "title")
    )
    if not (file or sha or number or title):
        return None  # a kind alone is only what the form suggested
    kind = form.text(f"doc_kind_{no}", "凭证种类", required=False)
    return _Row(
        no, kind, sha, number, title, file.filename if file else "", file.file.read() if file else None
    )


def _document(office: Office, form: Form, row: _Row, known: dict[str, UploadFile]) -> Document | None:
    if row.kind and row.kind not in DOCUMENT_KINDS:
        form.problem("unknown_document", "没有这种凭证，请从列表里选择", row.where)
    elif row.data is not None:
        return _handed_in(office, form, row, row.data)
    elif row.sha and row.sha in known:
        return _named(known[row.sha].document, row)
    elif row.sha:
        form.problem("unknown_upload", "没有这份附件，请重新选择或上传", row.where)
    elif row.kind:
        return Document(row.kind, row.title, number="".join(row.number.split()))
    else:
        form.problem("unknown_document", "请选择凭证种类", row.where)
    return None


def _handed_in(office: Office, form: Form, row: _Row, data: bytes) -> Document | None:
    paper = Paper(data, row.filename, row.kind, row.title, row.number)
    place = office.services.config.documents_dir
    try:
        return hand_in(office.conn, office.trust_id, place, paper, office.actor, office.act).document
    except Refused as error:
        form.problems += [Problem(item.code, item.message, row.where) for item in error.problems]
    return None


def _named(document: Document, row: _Row) -> Document:
    """A paper handed in before, as this form calls it."""
    typed = {"kind": row.kind, "title": row.title, "number": "".join(row.number.split())}
    return msgspec.structs.replace(document, **{name: value for name, value in typed.items() if value})
