"""Pictures of inquiries: the file as it came, for those on duty, and copies without metadata for others.

A phone writes place, time and device into its pictures. The copy is a new picture of the pixels, upright, and
is shown to everybody only once it is published with a question or an answer.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, insert, select

from ledger.documents import INTERNAL, PUBLIC, Location, read_document
from ledger.documents.kinds import PICTURES, TAKEN, recognise
from ledger.documents.pictures import Box, picture_copy
from ledger.documents.store import keep, mark
from ledger.documents.upload import draw_copy
from ledger.errors import Problem, Refused, Unanswerable, refuse
from ledger.store.tables import inquiry_picture
from ledger.trust.act import Act

MOST = 6
"""Pictures with one step."""
_MOST_NUMBER = 2**31
_WHERE = "图片"
ONLY_PICTURES = "这里只能传图片（JPG、PNG、WebP）"


@dataclass(frozen=True, slots=True)
class Shot:
    """A picture made ready: the file as it came and its copy. Made outside of transactions: it takes a while."""

    original: bytes
    media_type: str
    copy: bytes
    copy_type: str


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture of a step, by the SHA-256 of the file and of its copy."""

    no: int
    step: int
    picture: int
    original: str
    redacted: str


@dataclass(frozen=True, slots=True)
class Chosen:
    """A picture somebody wants published, and what to black out in it."""

    step: int
    picture: int
    boxes: tuple[Box, ...] = ()


@dataclass(frozen=True, slots=True)
class Redacted:
    """The copy of a chosen picture, not kept yet."""

    original: str
    copy: bytes
    copy_type: str


def read_shot(data: bytes) -> Shot:
    """Open a picture and copy its pixels. Raises :class:`~ledger.errors.Refused` for anything else, in words
    for somebody who took a picture."""
    try:
        media_type = recognise(data)
    except Refused as error:
        raise _as_picture(error) from error
    if media_type not in PICTURES:
        raise refuse("not_a_picture", ONLY_PICTURES, _WHERE)
    try:
        return Shot(data, media_type, *picture_copy(data, media_type, ()))
    except Refused as error:
        raise _as_picture(error) from error


def _as_picture(error: Refused) -> Refused:
    """The same of a picture: which papers could be handed in elsewhere is of no use here."""
    return Refused(
        [Problem(one.code, one.message.replace(TAKEN, ONLY_PICTURES), _WHERE) for one in error.problems]
    )


def count_problems(shots: Sequence[Shot | Redacted]) -> Iterator[Problem]:
    """Too many at once."""
    if len(shots) > MOST:
        yield too_many()


def too_many() -> Problem:
    """What is said of more than :data:`MOST`."""
    return Problem("too_many_pictures", f"一次最多 {MOST} 张图片", _WHERE)


def attach(
    conn: Connection,
    trust_id: int,
    location: Location | None,
    no: int,
    step: int,
    shots: Sequence[Shot],
    act: Act,
) -> None:
    """Keep the pictures of a step, for nobody but the asker and those on duty."""
    if not shots:
        return
    if location is None:
        raise ValueError("pictures need a place to be kept")
    kept = []
    for shot in shots:
        original = keep(conn, trust_id, location, shot.original, shot.media_type, INTERNAL, act)
        copied = keep(conn, trust_id, location, shot.copy, shot.copy_type, INTERNAL, act)
        kept.append((original, copied))
    _write(conn, trust_id, no, step, kept)


def draw_chosen(
    conn: Connection, trust_id: int, location: Location, no: int, chosen: Sequence[Chosen]
) -> list[Redacted]:
    """Make the copies to be published; may take seconds. Raises :class:`~ledger.errors.Refused`."""
    known = {(item.step, item.picture): item for item in pictures_of(conn, trust_id, [no])}
    made = []
    for item in chosen:
        found = known.get((item.step, item.picture))
        if found is None:
            raise refuse(
                "unknown_picture", f"第 {no} 号没有第 {item.step} 步第 {item.picture} 张图片", "图片"
            )
        data, media_type = read_document(conn, trust_id, location, found.original, (INTERNAL, PUBLIC))
        drawn = draw_copy(data, media_type, item.boxes)
        made.append(Redacted(found.original, drawn.data, drawn.media_type))
    return made


def show(
    conn: Connection,
    trust_id: int,
    location: Location | None,
    no: int,
    step: int,
    redacted: Sequence[Redacted],
    signature: str,
    act: Act,
) -> list[str]:
    """Keep copies as those of a ``published`` step and let everybody see them; returns their SHA-256."""
    if not redacted:
        return []
    if location is None:
        raise ValueError("pictures need a place to be kept")
    kept = []
    for item in redacted:
        copied = keep(conn, trust_id, location, item.copy, item.copy_type, PUBLIC, act)
        mark(conn, trust_id, copied, PUBLIC, f"第{no}号质询公开", signature, act)
        kept.append((item.original, copied))
    _write(conn, trust_id, no, step, kept)
    return [copied for _, copied in kept]


def pictures_of(conn: Connection, trust_id: int, nos: Collection[int]) -> list[Picture]:
    """All pictures of these inquiries, in order; one query."""
    p = inquiry_picture.c
    query = (
        select(p.no, p.step, p.picture, p.original, p.redacted)
        .where(p.trust_id == trust_id, p.no.in_(nos))
        .order_by(p.no, p.step, p.picture)
    )
    return [Picture(*row) for row in conn.execute(query)]


def read_picture(
    conn: Connection, trust_id: int, location: Location, no: int, step: int, picture: int
) -> tuple[bytes, str]:
    """Bytes and media type of a picture's copy, for the asker and those on duty: the caller asks who it is.

    Raises :class:`~ledger.errors.Unanswerable`.
    """
    p = inquiry_picture.c
    query = select(p.redacted).where(p.trust_id == trust_id, p.no == no, p.step == step, p.picture == picture)
    inside = all(0 < number < _MOST_NUMBER for number in (no, step, picture))
    digest = conn.execute(query).scalar() if inside else None
    if digest is None:
        raise Unanswerable("unknown_picture", "没有这张图片")
    return read_document(conn, trust_id, location, digest, (INTERNAL, PUBLIC))


def _write(conn: Connection, trust_id: int, no: int, step: int, kept: Sequence[tuple[str, str]]) -> None:
    rows = [
        {
            "trust_id": trust_id,
            "no": no,
            "step": step,
            "picture": place,
            "original": original,
            "redacted": redacted,
        }
        for place, (original, redacted) in enumerate(kept, start=1)
    ]
    if rows:
        conn.execute(insert(inquiry_picture), rows)
