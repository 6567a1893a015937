"""Papers handed in, as far as they are for the eyes of whoever asks: what will cost the trustee points is for its people
once the evaluation is previewed, not before."""

from __future__ import annotations

from disclosure.office.acting import Office
from ledger.documents.read import UploadFile, list_uploads, read_upload
from ledger.errors import Unanswerable
from ledger.evaluation.papers import unseen_papers
from ledger.people.roles import STAFF


def uploads_of(office: Office, *, kind: str = "", before: int | None = None, limit: int) -> list[UploadFile]:
    """Papers, newest first; ``before`` is the number of the last one seen."""
    return list_uploads(
        office.conn, office.trust_id, kind=kind, before=before, limit=limit, without=_hidden(office)
    )


def upload_of(office: Office, no: int) -> UploadFile:
    """One paper. Raises :class:`~ledger.errors.Unanswerable` if there is none of this number for this person."""
    paper = read_upload(office.conn, office.trust_id, no)
    if (paper.original, paper.uploaded_by) in _hidden(office):
        raise Unanswerable("unseen_upload", f"第 {no} 号附件是评价的证据，公示以后才能看")
    return paper


def _hidden(office: Office) -> frozenset[tuple[str, str]]:
    if not office.actor.roles & STAFF:
        return frozenset()
    return unseen_papers(office.conn, office.trust_id)
