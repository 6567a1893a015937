"""Taking in witnesses' signatures, and showing who has signed how far.

Whoever holds a registered key may send; nobody else. A signature is kept only over a checkpoint that this log
signed itself, so a witness that was shown something else can't be made to look as if it agreed.
"""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, func, insert, select

from ledger.errors import Unanswerable, refuse
from ledger.log.checkpoint import Checkpoint, CheckpointError
from ledger.log.note import NoteError, Signature, split_note
from ledger.log.store import SignedCheckpoint, checkpoint_at, origin_of
from ledger.store.tables import checkpoint, cosignature
from ledger.trust.act import Act
from ledger.trust.lock import lock_trust
from ledger.witnesses.registry import MOST, Registered, read_witnesses

NOTE_LIMIT = 8_192
"""Longest note taken in, in characters."""
AHEAD = timedelta(minutes=10)
"""How far a witness's clock may be ahead of ours."""
AGAIN = timedelta(hours=1)
"""The same witness, for the same size, is kept again only after this long: it says that it still watches."""


@dataclass(frozen=True, slots=True)
class Taken:
    """The outcome for one witness: ``kept`` is False if a signature this recent was there already."""

    name: str
    size: int
    kept: bool


@dataclass(frozen=True, slots=True)
class Checked:
    """A good cosignature; ``fresh`` if it is worth keeping (see ``AGAIN``)."""

    name: str
    size: int
    time: int
    signature: Signature
    fresh: bool = True


@dataclass(frozen=True, slots=True)
class Cosigned:
    """How far a witness has signed: ``size`` 0 and ``signed_at`` None before its first signature."""

    witness: Registered
    size: int
    signed_at: datetime | None


def check_cosignatures(conn: Connection, trust_id: int, note: str, act: Act) -> tuple[Checked, ...]:
    """Read a signed note (C2SP) and check the witnesses' lines under it, the newest of each. Writes nothing.

    Lines of unknown keys, the log's own among them, are passed over. Raises Refused: malformed, another log's,
    a size that this log never signed (``unknown_size``), another root than ours (``conflict``: somebody was
    shown two logs), no registered witness's line, a wrong signature, a time ahead of ours.
    """
    body, signatures = _read(note)
    try:
        sent = Checkpoint.parse(body)
    except CheckpointError as error:
        raise refuse("bad_checkpoint", f"凭据的格式不对：{error}") from error
    if sent.origin != origin_of(conn, trust_id):
        raise refuse("other_log", "这份凭据属于另一本账")
    newest: dict[str, Checked] = {}
    for item in read_witnesses(conn, trust_id):
        for signature in signatures:
            if item.active and item.key.made(signature):
                time = _time(item, body, signature, act)
                if item.key.name not in newest or newest[item.key.name].time < time:
                    newest[item.key.name] = Checked(item.key.name, sent.size, time, signature)
    if not newest:
        raise refuse(
            "unknown_witness", "凭据上没有本小区登记的见证人的签名；新的见证人请先把公钥交给业委会主任登记"
        )
    ours = checkpoint_at(conn, trust_id, sent.size)
    if ours is None:
        raise refuse("unknown_size", f"这本账没有签过 {sent.size} 条的凭据")
    if ours.root != sent.root or not ours.note.startswith(body + "\n"):
        raise refuse("conflict", f"同样是 {sent.size} 条，见证人看到的账与本站的不同：请立即核实")
    return tuple(replace(item, fresh=_fresh(conn, trust_id, item)) for item in newest.values())


def receive_cosignatures(conn: Connection, trust_id: int, note: str, act: Act) -> tuple[Taken, ...]:
    """Check as :func:`check_cosignatures` does, and keep what is fresh."""
    lock_trust(conn, trust_id)  # the same witness may send twice at the same moment
    checked = check_cosignatures(conn, trust_id, note, act)
    for item in checked:
        if item.fresh:
            data = b64encode(item.signature.key_id + item.signature.signature).decode()
            conn.execute(
                insert(cosignature).values(
                    trust_id=trust_id,
                    name=item.name,
                    size=item.size,
                    signed_at=item.time,
                    line=f"— {item.name} {data}",
                    received_at=act.now,
                )
            )
    return tuple(Taken(item.name, item.size, item.fresh) for item in checked)


def _fresh(conn: Connection, trust_id: int, item: Checked) -> bool:
    c = cosignature.c
    last = conn.execute(
        select(func.max(c.signed_at)).where(c.trust_id == trust_id, c.name == item.name, c.size == item.size)
    ).scalar_one()
    return last is None or item.time >= last + AGAIN.total_seconds()


def _read(note: str) -> tuple[str, list[Signature]]:
    if len(note) > NOTE_LIMIT:
        raise refuse("too_long", "发来的凭据太长")
    try:
        body, signatures = split_note(note)
        body.encode()
    except (NoteError, UnicodeEncodeError) as error:
        raise refuse("bad_note", f"读不懂发来的凭据：{error}") from error
    return body, signatures


def _time(item: Registered, body: str, signature: Signature, act: Act) -> int:
    try:
        time = item.key.verify(body, signature)
    except NoteError as error:
        raise refuse("bad_signature", str(error)) from error
    if time > (act.now + AHEAD).timestamp():
        raise refuse("from_the_future", f"见证人“{item.key.name}”的时钟快了，请校准后再签")
    return time


def signed_by(conn: Connection, trust_id: int) -> tuple[Cosigned, ...]:
    """For each witness, how far it has signed and when it last said so; two queries."""
    c = cosignature.c
    rows = conn.execute(
        select(c.name, func.max(c.size).label("far"), func.max(c.signed_at).label("late"))
        .where(c.trust_id == trust_id)
        .group_by(c.name)
    )
    known = {row.name: (int(row.far), datetime.fromtimestamp(row.late, UTC)) for row in rows}
    return tuple(
        Cosigned(item, *known.get(item.key.name, (0, None))) for item in read_witnesses(conn, trust_id)
    )


def cosigned_note(conn: Connection, trust_id: int) -> str | None:
    """The newest checkpoint any witness signed, with the witnesses' lines under our own; None if none did.

    Of a witness that signed it several times, the newest line.
    """
    c = cosignature.c
    size = conn.execute(select(func.max(c.size)).where(c.trust_id == trust_id)).scalar_one()
    if size is None:
        return None
    rows = conn.execute(
        select(c.name, c.line)
        .where(c.trust_id == trust_id, c.size == size)
        .order_by(c.signed_at.desc())
        .limit(64 * MOST)
    )
    lines: dict[str, str] = {}
    for row in rows:
        lines.setdefault(row.name, row.line)
    return note_of(conn, trust_id, size) + "".join(lines[name] + "\n" for name in sorted(lines))


def cosigned_notes(conn: Connection, trust_id: int) -> dict[str, str]:
    """For each witness by name, the largest checkpoint it signed, with its own line and ours; one query."""
    c = cosignature.c
    far = (
        select(c.name, func.max(c.size).label("size"))
        .where(c.trust_id == trust_id)
        .group_by(c.name)
        .subquery()
    )
    rows = conn.execute(
        select(c.name, c.line, checkpoint.c.note)
        .join(far, (far.c.name == c.name) & (far.c.size == c.size))
        .join(checkpoint, (checkpoint.c.trust_id == c.trust_id) & (checkpoint.c.size == c.size))
        .where(c.trust_id == trust_id)
        .order_by(c.signed_at)
    )
    return {row.name: f"{row.note}{row.line}\n" for row in rows}


def note_of(conn: Connection, trust_id: int, size: int) -> str:
    """The signed note of exactly this size. Raises Unanswerable."""
    signed: SignedCheckpoint | None = checkpoint_at(conn, trust_id, size)
    if signed is None:
        raise Unanswerable("unknown_size", f"这本账没有 {size} 条的签名凭据")
    return signed.note
