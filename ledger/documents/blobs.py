"""Files by the SHA-256 of their content: in a folder, or in S3-compatible storage.

A place is a folder (``Path``) or an address such as ``s3://bucket/prefix``; storage reads its keys from
the usual ``AWS_…`` variables of the environment. A file is written once and never again.
"""

from __future__ import annotations

import os
from functools import cache
from hashlib import sha256
from pathlib import Path

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError
from obstore.store import LocalStore, ObjectStore, from_url

from ledger.errors import Unanswerable, refuse

Location = Path | str
_UNREACHABLE = "附件仓库现在连不上，附件没有存下。请稍后再试；一直这样请联系系统管理员"


def write_blob(location: Location, data: bytes) -> str:
    """Keep bytes and return their SHA-256 in hex; the same bytes are kept once.

    Raises :class:`~ledger.errors.Refused` when the storage does not take them.
    """
    digest = sha256(data).hexdigest()
    try:
        store = _store(location)
        obstore.put(store, _path(digest), data, mode="create", use_multipart=False)
    except AlreadyExistsError:
        return digest
    except (BaseError, OSError) as error:
        raise refuse("document_store", _UNREACHABLE, "附件") from error
    if isinstance(store, LocalStore) and store.prefix is not None:
        _to_disk(Path(store.prefix) / _path(digest))
    return digest


def read_blob(location: Location, digest: str) -> bytes:
    """The bytes kept under a SHA-256.

    Raises :class:`~ledger.errors.Unanswerable` if they are gone, out of reach or not what was kept.
    """
    try:
        data = bytes(obstore.get(_store(location), _path(digest)).bytes())
    except FileNotFoundError as error:
        raise Unanswerable("lost_document", "附件文件不见了，请从备份恢复") from error
    except (BaseError, OSError) as error:
        raise Unanswerable("document_store", "附件仓库现在连不上，请稍后再试") from error
    if sha256(data).hexdigest() != digest:
        raise Unanswerable("damaged_document", "附件文件已损坏，内容与登记的指纹不符，请从备份恢复")
    return data


@cache
def _store(location: Location) -> ObjectStore:
    if isinstance(location, Path):
        return LocalStore(location.absolute(), mkdir=True)
    if location.startswith("file://"):
        return LocalStore(Path(location.removeprefix("file://")), mkdir=True)
    return from_url(location)


def _path(digest: str) -> str:
    return f"{digest[:2]}/{digest}"


def _to_disk(path: Path) -> None:
    """Make sure a file outlives a power cut before anything names it."""
    for place, flags in ((path, os.O_RDONLY), (path.parent, os.O_RDONLY | getattr(os, "O_DIRECTORY", 0))):
        descriptor = os.open(place, flags)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
