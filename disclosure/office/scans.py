"""One paper handed in with a form, kept for the office's eyes."""

from __future__ import annotations

from disclosure.office.acting import Office
from disclosure.office.forms import Form
from ledger.documents.upload import Paper, upload
from ledger.errors import Problem, Refused


def keep_scan(
    office: Office,
    form: Form,
    name: str,
    kind: str,
    title: str,
    *,
    label: str = "扫描件",
    required: bool = False,
) -> str:
    """SHA-256 of the file in a field, kept as it came; '' if there is none. Mistakes are noted in the form.

    ``title`` may be seen by everybody: nothing private in it. Needs a writing transaction.
    """
    file = form.upload(name, label, required=required)
    if file is None:
        return ""
    paper = Paper(file.file.read(), file.filename, kind, title)
    place = office.services.config.documents_dir
    try:
        return upload(office.conn, office.trust_id, place, paper, office.actor, office.act).original
    except Refused as error:
        form.problems += [Problem(item.code, item.message, label) for item in error.problems]
    return ""
