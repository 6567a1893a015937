"""Pictures that come with a form, made ready for the ledger."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from os import SEEK_END
from typing import Any

from litestar.datastructures import UploadFile

from ledger.documents.kinds import MAX_BYTES, too_large
from ledger.errors import Problem, Refused
from ledger.inquiries.pictures import MOST, Shot, read_shot, too_many


def shots_of(data: Mapping[str, Any], *names: str) -> list[Shot]:
    """The pictures in these fields of a form, made ready outside of transactions. None is opened unless all of them are
    few and small enough.

    Raises :class:`~ledger.errors.Refused` with all problems.
    """
    files = [file for name in names for file in _chosen(data.get(name))]
    if len(files) > MOST:
        raise Refused([too_many()])
    large = [_placed(too_large(), place) for place, file in enumerate(files, 1) if _size(file) > MAX_BYTES]
    if problems := [problem for found in large for problem in found]:
        raise Refused(problems)
    shots = []
    for place, file in enumerate(files, start=1):
        try:
            shots.append(read_shot(file.file.read()))
        except Refused as error:
            problems += _placed(error, place)
    if problems:
        raise Refused(problems)
    return shots


def _chosen(value: object) -> Iterator[UploadFile]:
    found: Sequence[object] = value if isinstance(value, list) else [value]
    yield from (file for file in found if isinstance(file, UploadFile) and file.filename)


def _size(file: UploadFile) -> int:
    """In bytes."""
    size = file.file.seek(0, SEEK_END)
    file.file.seek(0)
    return size


def _placed(error: Refused, place: int) -> list[Problem]:
    return [Problem(one.code, one.message, f"第 {place} 张图片") for one in error.problems]
