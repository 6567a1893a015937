"""Asks a time stamping authority (RFC 3161, over HTTP as its section 3.4 says) about the newest checkpoint."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import httpx
from cryptography import x509
from sqlalchemy import Engine

from disclosure.watching.remote import TIMEOUT
from ledger.errors import refuse
from ledger.log.store import latest_checkpoint
from ledger.store.engine import reading, writing
from ledger.trust import Act
from ledger.witnesses.stamps import (
    RESPONSE_LIMIT,
    StampError,
    TimeStamp,
    keep_stamp,
    read_stamp_if_any,
    stamp_request,
)

_HEADERS = {
    "content-type": "application/timestamp-query",
    "accept": "application/timestamp-reply",
    "accept-encoding": "identity",
}


def stamp_latest(
    engine: Engine, trust_id: int, url: str, ca: Path | None, act: Act
) -> tuple[TimeStamp, bool]:
    """The time stamp of the newest checkpoint and whether it is new. Raises :class:`~ledger.errors.Refused`."""
    with reading(engine) as conn:
        signed = latest_checkpoint(conn, trust_id)
        known = None if signed is None else read_stamp_if_any(conn, trust_id, signed.size)
    if signed is None:
        raise refuse("no_checkpoint", "这本账还没有签名凭据，没有可盖时间戳的内容")
    if known is not None:
        return known, False
    request = stamp_request(signed)
    response = _ask(url, request.as_bytes())
    try:
        roots = tuple(x509.load_pem_x509_certificates(ca.read_bytes())) if ca is not None else ()
    except ValueError as error:
        raise refuse("bad_certificate", f"读不懂机构的根证书：{ca}") from error
    try:
        with writing(engine) as conn:
            return keep_stamp(
                conn, trust_id, signed, request, response, shown_address(url), act, roots=roots
            ), True
    except StampError as error:
        raise refuse("bad_time_stamp", str(error)) from error


def shown_address(url: str) -> str:
    """The authority's address as everybody may read it: passwords and tokens of an account stay here."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def _ask(url: str, request: bytes) -> bytes:
    try:
        with httpx.stream(
            "POST", url, content=request, headers=_HEADERS, timeout=TIMEOUT, follow_redirects=True
        ) as response:
            response.raise_for_status()
            return _whole(response)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise refuse("unreachable", f"时间戳机构没有答复：{url}（{type(error).__name__}）") from error


def _whole(response: httpx.Response) -> bytes:
    """The body, as it came and not unpacked: however long it is, no more is read than is ever kept."""
    body = bytearray()
    for part in response.iter_raw():
        body += part
        if len(body) > RESPONSE_LIMIT:
            raise refuse("bad_time_stamp", "时间戳机构的答复太长")
    return bytes(body)
