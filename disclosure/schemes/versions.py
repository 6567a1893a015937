"""Versions of a scheme as pages show them: whose, from when, what each changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from litestar import Response
from litestar.datastructures import UploadFile
from litestar.exceptions import NotFoundException
from sqlalchemy import Connection

from disclosure.office.acting import PRIVATE
from disclosure.public.answers import Answer, download_name
from ledger.errors import refuse
from ledger.evaluation.scheme import HALVES, Scheme, points_text, read_scheme
from ledger.evaluation.scheme_changes import rule_said, scheme_changes
from ledger.evaluation.scheme_text import write_scheme
from ledger.evaluation.schemes_kept import SchemeVersion, find_version, version_before

MOST_BYTES = 200_000
TOML = "application/toml; charset=utf-8"


@dataclass(frozen=True, slots=True)
class VersionShown:
    """A version with what it ``changes`` against ``before``."""

    version: SchemeVersion
    state: str
    before: str
    changes: tuple[str, ...]


def versions_shown(
    conn: Connection, trust_id: int, versions: Sequence[SchemeVersion], today: date
) -> list[VersionShown]:
    """The versions of one scope, the newest first, as its list shows them."""
    shown, current = [], False
    for place, one in enumerate(versions):
        coming = one.effective_on is not None and one.effective_on > today
        state = "还没生效" if coming else "以前的" if current else "现行"
        current = current or not coming
        older = versions[place + 1 : place + 2]
        before = older[0] if older else version_before(conn, trust_id, one)
        changes = scheme_changes(before.scheme, one.scheme)
        shown.append(VersionShown(one, state, before.title, tuple(changes)))
    return shown


def known_version(conn: Connection, trust_id: int, key: str, district: str = "") -> SchemeVersion:
    """The version an address names. Raises :class:`NotFoundException`."""
    found = find_version(conn, trust_id, key, district)
    if found is None:
        raise NotFoundException
    return found


def scheme_values(scheme: Scheme) -> dict[str, Any]:
    """What the template that shows a scheme is filled with."""
    return {"scheme": scheme, "half_titles": HALVES, "points": points_text, "rule_said": rule_said}


def as_toml(scheme: Scheme, name: str) -> Answer:
    """A scheme as a file to edit elsewhere."""
    headers = {**PRIVATE, **download_name(f"evaluation-scheme-{name}.toml")}
    return Response(write_scheme(scheme).encode(), media_type=TOML, headers=headers)


def uploaded_scheme(file: UploadFile | None) -> Scheme:
    """The scheme in a file that was sent. Raises :class:`~ledger.errors.Refused` if it can't be read."""
    if file is None:
        raise refuse("missing", "请选择方案文件（TOML）", "方案文件")
    return scheme_in(file.file.read(MOST_BYTES + 1))


def scheme_in(body: bytes) -> Scheme:
    """The scheme in the bytes of a file. Raises :class:`~ledger.errors.Refused` if they can't be read."""
    if len(body) > MOST_BYTES:
        raise refuse("too_large", f"方案文件最大 {MOST_BYTES // 1000} KB", "方案文件")
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise refuse("bad_scheme", "方案文件要用 UTF-8 编码保存", "方案文件") from error
    return read_scheme(text)
