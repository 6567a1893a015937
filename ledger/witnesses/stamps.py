"""RFC 3161 time stamps (可信时间戳): an authority outside says when a checkpoint was there.

What is stamped is the SHA-256 of the exact bytes of the checkpoint's signed note, so that
``openssl ts -verify -data checkpoint -in answer.tsr`` needs nothing of ours.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

from cryptography import x509
from rfc3161_client import (
    HashAlgorithm,
    TimestampRequestBuilder,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)
from rfc3161_client.tsp import PKIStatus, TimeStampRequest, TimeStampResponse
from sqlalchemy import Connection, insert, select

from ledger.errors import Unanswerable
from ledger.log.store import SignedCheckpoint
from ledger.store.tables import time_stamp
from ledger.trust.act import Act

RESPONSE_LIMIT = 65_536
"""Longest answer of an authority that is kept, in bytes."""


class StampError(ValueError):
    """The authority's answer is no time stamp of what was asked. The message is Chinese and may be shown."""


@dataclass(frozen=True, slots=True)
class TimeStamp:
    """A kept time stamp. ``response`` is the authority's whole answer (DER)."""

    size: int
    authority: str
    stamped_at: datetime
    response: bytes


def stamp_request(signed: SignedCheckpoint) -> TimeStampRequest:
    """What to send to the authority, as ``application/timestamp-query``."""
    builder = TimestampRequestBuilder().data(signed.note.encode()).hash_algorithm(HashAlgorithm.SHA256)
    return builder.nonce(nonce=True).cert_request(cert_request=True).build()


def keep_stamp(
    conn: Connection,
    trust_id: int,
    signed: SignedCheckpoint,
    request: TimeStampRequest,
    response: bytes,
    authority: str,
    act: Act,
    *,
    roots: tuple[x509.Certificate, ...] = (),
) -> TimeStamp:
    """Check an answer and keep it. Raises :class:`StampError`.

    Always checked: granted, this checkpoint's hash, our nonce. With ``roots`` also the authority's signature
    and certificate; without them that is left to whoever verifies with ``openssl ts -verify``.
    """
    answer = _decode(response)
    note = signed.note.encode()
    imprint = answer.tst_info.message_imprint
    if (
        imprint.hash_algorithm.dotted_string != "2.16.840.1.101.3.4.2.1"
        or imprint.message != sha256(note).digest()
    ):
        raise StampError("时间戳机构答复的不是这份凭据。")
    if answer.tst_info.nonce != request.nonce:
        raise StampError("时间戳机构答复的不是这一次的请求。")
    if roots:
        _check_signature(answer, note, roots)
    stamped = TimeStamp(signed.size, authority, answer.tst_info.gen_time.astimezone(UTC), response)
    if read_stamp_if_any(conn, trust_id, signed.size) is None:
        conn.execute(
            insert(time_stamp).values(
                trust_id=trust_id,
                size=signed.size,
                authority=authority,
                stamped_at=stamped.stamped_at,
                response=response,
                received_at=act.now,
            )
        )
    return stamped


def _decode(response: bytes) -> TimeStampResponse:
    if len(response) > RESPONSE_LIMIT:
        raise StampError("时间戳机构的答复太长。")
    try:
        answer = decode_timestamp_response(response)
        if answer.status not in (PKIStatus.GRANTED, PKIStatus.GRANTED_WITH_MODS):
            raise StampError(f"时间戳机构没有同意（状态 {int(answer.status)}）。")
        answer.tst_info.message_imprint  # noqa: B018  (raises if the token is not there or not readable)
    except ValueError as error:
        if isinstance(error, StampError):
            raise
        raise StampError("读不懂时间戳机构的答复。") from error
    return answer


def _check_signature(answer: TimeStampResponse, note: bytes, roots: tuple[x509.Certificate, ...]) -> None:
    builder = VerifierBuilder()
    for root in roots:
        builder = builder.add_root_certificate(root)
    try:
        builder.build().verify_message(answer, note)
    except VerificationError as error:
        raise StampError("时间戳的签名或机构的证书不对。") from error


def read_stamp_if_any(conn: Connection, trust_id: int, size: int) -> TimeStamp | None:
    """The time stamp of the checkpoint of this size, if it has one."""
    row = conn.execute(
        select(time_stamp).where(time_stamp.c.trust_id == trust_id, time_stamp.c.size == size)
    ).first()
    return None if row is None else TimeStamp(row.size, row.authority, row.stamped_at, bytes(row.response))


def read_stamp(conn: Connection, trust_id: int, size: int) -> TimeStamp:
    """The time stamp of the checkpoint of this size. Raises :class:`~ledger.errors.Unanswerable`."""
    found = read_stamp_if_any(conn, trust_id, size)
    if found is None:
        raise Unanswerable("no_time_stamp", f"{size} 条的凭据没有盖过时间戳")
    return found


def latest_stamp(conn: Connection, trust_id: int) -> TimeStamp | None:
    """The time stamp of the largest stamped checkpoint."""
    row = conn.execute(
        select(time_stamp)
        .where(time_stamp.c.trust_id == trust_id)
        .order_by(time_stamp.c.size.desc())
        .limit(1)
    ).first()
    return None if row is None else TimeStamp(row.size, row.authority, row.stamped_at, bytes(row.response))
