"""Secrets of one-time codes are kept encrypted: whoever gets hold of the database alone can't make codes.

The key is a file beside the signing keys, made when it is first needed. Secrets kept before there was a key are
read as they are.
"""

from __future__ import annotations

import os
from base64 import urlsafe_b64encode
from collections.abc import Callable
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken

from ledger.errors import refuse

_MARK = "f1:"
_LOST = (
    "解不开动态码的密钥：钥匙文件 keys/one-time-codes.key 不在或被换过。请从备份恢复这个文件，"
    "或用 mingzhang 的重设动态码命令给每个人重设"
)


def seal(path: Path, secret: str, entropy: Callable[[int], bytes]) -> str:
    """What the database keeps of a secret; makes the key at ``path`` if there is none."""
    if not path.exists():
        _make_key(path, entropy)
    return _MARK + Fernet(path.read_bytes()).encrypt(secret.encode()).decode()


def unseal(path: Path, kept: str) -> str:
    """The secret itself. Raises :class:`~ledger.errors.Refused` if the key is lost or another one."""
    if not kept.startswith(_MARK):
        return kept
    try:
        return Fernet(path.read_bytes()).decrypt(kept.removeprefix(_MARK).encode()).decode()
    except (FileNotFoundError, InvalidToken, ValueError) as error:
        raise refuse("code_key_lost", _LOST, "动态码") from error


def _make_key(path: Path, entropy: Callable[[int], bytes]) -> None:
    """Write a new key, for the owner's eyes only; if another process was faster, its key holds."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = path.with_name(f".{path.name}-{entropy(6).hex()}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(urlsafe_b64encode(entropy(32)))
    try:
        os.link(fresh, path)  # whole or not at all, and never over another one
    except FileExistsError:
        pass
    finally:
        fresh.unlink()
