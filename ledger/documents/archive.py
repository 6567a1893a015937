"""OFD files (GB/T 33190 版式文档) are ZIP archives of XML: opened within limits, or refused."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator

from ledger.documents.safe_xml import MAX_XML
from ledger.errors import refuse

_MAX_MEMBERS = 2_000
_MAX_UNPACKED = 100 * 1024 * 1024
_MAX_RATIO = 200
_SMALL = 1024 * 1024
_DAMAGE = (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError, ValueError)


def is_ofd(data: bytes) -> bool:
    """Whether a ZIP has the root file of an OFD. Raises :class:`~ledger.errors.Refused` for a bomb."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
    except _DAMAGE:
        return False
    _refuse_bombs(members)
    return any(member.filename == "OFD.xml" for member in members)


def xml_members(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Name and bytes of every XML member, shortest names first.

    Raises :class:`~ledger.errors.Refused` for an archive that is damaged, encrypted or unpacks to far
    more than it weighs; members over the limit of :mod:`ledger.documents.safe_xml` are refused too.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            _refuse_bombs(members)
            for member in sorted(members, key=lambda item: (len(item.filename), item.filename)):
                if member.filename.lower().endswith(".xml"):
                    yield member.filename, _unpacked(archive, member)
    except _DAMAGE as error:
        raise refuse("ofd_damaged", "OFD 文件损坏或加了密码，请重新下载", "附件") from error


def _unpacked(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    with archive.open(member) as file:
        content = file.read(MAX_XML + 1)  # what the directory says of its size may be a lie
    if len(content) > MAX_XML:
        raise refuse("archive_bomb", "OFD 里的文件解开后过大，不像正常票据，不予接收", "附件")
    return content


def _refuse_bombs(members: list[zipfile.ZipInfo]) -> None:
    unpacked = sum(member.file_size for member in members)
    swollen = any(
        member.file_size > _SMALL and member.file_size > _MAX_RATIO * max(member.compress_size, 1)
        for member in members
    )
    if len(members) > _MAX_MEMBERS or unpacked > _MAX_UNPACKED or swollen:
        raise refuse("archive_bomb", "压缩包解开后过大或文件过多，不像正常票据，不予接收", "附件")
