"""A checkpoint short enough for a QR code on paper (``#kept=…`` of the page about verification).

``SIZE.ROOT.SIGNATURE`` in base64url without padding: size, root and the log's own signature line are all that a
page that knows the log's name needs to put the note together again. The part of an address after ``#`` is not sent
to the site, so a site can't know which paper it will be compared with.
"""

from __future__ import annotations

import base64

from ledger.log.checkpoint import Checkpoint
from ledger.log.note import NoteError, split_note


def kept_code(note: str) -> str:
    """The code of a signed checkpoint; only the log's own signature is taken. Raises NoteError."""
    body, signatures = split_note(note)
    head = Checkpoint.parse(body)
    own = [item for item in signatures if item.name == head.origin]
    if not own or head.extensions:
        raise NoteError("凭据上没有账本自己的签名。")
    return f"{head.size}.{_code(head.root)}.{_code(own[0].key_id + own[0].signature)}"


def _code(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
