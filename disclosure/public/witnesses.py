"""Controllers of what others say about the log: witnesses' signatures, time stamps, the verifier as one file."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Response, post, route
from litestar.params import FromPath, RawBody

from disclosure.public.answers import BINARY, IMMUTABLE, JSON, TEXT, Answer, Req, answer, download_name
from disclosure.public.pages import READ
from disclosure.public.services import reading_site, services_of
from disclosure.public.trusts import find_site
from disclosure.public.witness_view import log_state
from disclosure.verifier import verifier_html
from ledger.errors import Refused, Unanswerable
from ledger.store.engine import reading, writing
from ledger.witnesses import (
    Taken,
    check_cosignatures,
    cosigned_note,
    note_of,
    read_stamp,
    receive_cosignatures,
)

BODY_LIMIT = 16_384
_STATUS = {"unknown_witness": 403, "bad_signature": 403, "conflict": 409, "unknown_size": 404}
_LONGEST_SIZE = 16


@route("/c/{slug:str}/log/checkpoint/{size:str}", http_method=READ, sync_to_thread=True)
def checkpoint_of(request: Req, slug: FromPath[str], size: FromPath[str]) -> Answer:
    """The signed head of exactly this size, as it was signed then."""
    with reading_site(request, slug) as (_, conn, site):
        note = note_of(conn, site.trust_id, _size(size))
        return answer(request, note.encode, media_type=TEXT, version=note, cache=IMMUTABLE)


@route("/c/{slug:str}/log/cosigned", http_method=READ, sync_to_thread=True)
def cosigned(request: Req, slug: FromPath[str]) -> Answer:
    """The newest signed head that witnesses signed too, with their lines (C2SP tlog-cosignature)."""
    with reading_site(request, slug) as (_, conn, site):
        note = cosigned_note(conn, site.trust_id)
        if note is None:
            raise Unanswerable("no_cosignature", "还没有见证人为这本账签过名")
        return answer(request, note.encode, media_type=TEXT, version=note)


@route("/c/{slug:str}/log/about", http_method=READ, sync_to_thread=True)
def about(request: Req, slug: FromPath[str]) -> Answer:
    """The state of the log as JSON: its key, how far it is signed, by which witnesses, whom to tell."""
    with reading_site(request, slug) as (_, conn, site):
        body = msgspec.json.encode(log_state(conn, site))
        return answer(request, lambda: body, media_type=JSON, version=body)


@post("/c/{slug:str}/log/cosignature", sync_to_thread=True, key_signed=True, request_max_body_size=BODY_LIMIT)
def cosignature(request: Req, slug: FromPath[str], body: RawBody) -> Response[Any]:
    """Take in witnesses' lines under a checkpoint of ours: a signed note as text."""
    services = services_of(request)
    try:
        note = body.decode()
    except UnicodeDecodeError:
        note = ""
    try:
        # Looked at before the books are locked for writing: anybody can send, and send it again.
        with reading(services.engine) as conn:
            trust_id = find_site(conn, slug).trust_id
            checked = check_cosignatures(conn, trust_id, note, services.act())
        taken = tuple(Taken(item.name, item.size, kept=False) for item in checked)
        if any(item.fresh for item in checked):
            with writing(services.engine) as conn:
                taken = receive_cosignatures(conn, trust_id, note, services.act())
    except Refused as error:
        problems = [{"code": item.code, "message": item.message} for item in error.problems]
        status = _STATUS.get(error.problems[0].code, 400)
        return _json({"ok": False, "problems": problems}, status)
    rows = [{"name": item.name, "size": item.size, "kept": item.kept} for item in taken]
    return _json({"ok": True, "taken": rows}, 200)


def _json(value: object, status: int) -> Response[Any]:
    body = msgspec.json.encode(value)
    return Response(body, status_code=status, media_type=JSON, headers={"cache-control": "no-store"})


@route("/c/{slug:str}/log/timestamp/{size:str}", http_method=READ, sync_to_thread=True)
def timestamp(request: Req, slug: FromPath[str], size: FromPath[str]) -> Answer:
    """The RFC 3161 time stamp of the checkpoint of this size: the authority's answer as it came."""
    with reading_site(request, slug) as (_, conn, site):
        stamp = read_stamp(conn, site.trust_id, _size(size))
        return answer(
            request,
            lambda: stamp.response,
            media_type="application/timestamp-reply",
            version=stamp.response,
            cache=IMMUTABLE,
            headers=download_name(f"{slug}-{stamp.size}.tsr"),
        )


@route("/verifier.html", http_method=READ, sync_to_thread=True)
def verifier(request: Req) -> Answer:
    """The verifier as one file, to be saved and opened from disk or put on somebody else's site."""
    pages = services_of(request).pages
    return answer(
        request,
        lambda: verifier_html(pages),
        media_type=BINARY,
        version=pages.build,
        headers=download_name("mingzhang-verifier.html"),
    )


def _size(text: str) -> int:
    """A size in an address. Raises :class:`~ledger.errors.Unanswerable`."""
    if not (text.isascii() and text.isdecimal() and len(text) < _LONGEST_SIZE):
        raise Unanswerable("unknown_size", "条数是整数，请核对网址")
    return int(text)


HANDLERS = [checkpoint_of, cosigned, about, cosignature, timestamp, verifier]
