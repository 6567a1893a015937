"""Passwords: argon2id, slow on purpose; refused when short or among those everyone tries first."""

from __future__ import annotations

import unicodedata
from functools import cache
from importlib.resources import files
from itertools import pairwise

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from ledger.errors import Problem

SHORTEST, LONGEST = 10, 128
_WHERE = "密码"
WRONG = "账号或密码不对。请检查大小写和输入法；忘了密码，请联系系统管理员重设"
"""The same whether there is no such account or the password is wrong."""


def normal(password: str) -> str:
    """Full-width letters typed with a Chinese keyboard are the same password."""
    return unicodedata.normalize("NFKC", password)


def problems_of(password: str, *personal: str) -> list[Problem]:
    """Why a new password will not do; ``personal`` are words it must not be made of, such as the account."""
    text = normal(password)
    lowered = text.casefold()
    if len(text) < SHORTEST:
        return [Problem("password_short", f"密码至少 {SHORTEST} 个字符，可以用一句好记的话", _WHERE)]
    if len(text) > LONGEST:
        return [Problem("password_long", f"密码最多 {LONGEST} 个字符", _WHERE)]
    if lowered in _common() or len(set(text)) < 4 or _is_a_run(lowered):
        return [Problem("password_common", "这个密码太常见，别人容易猜到，请换一个", _WHERE)]
    if any(word and len(word) > 2 and word.casefold() in lowered for word in personal):
        return [Problem("password_personal", "密码里不要带账号", _WHERE)]
    return []


def hash_password(password: str, cost: tuple[int, int, int]) -> str:
    """An argon2id hash with a salt of its own."""
    return _hasher(cost).hash(normal(password))


def password_fits(password_hash: str, password: str, cost: tuple[int, int, int]) -> bool:
    """Whether the password is right. Without a hash (no such account) it takes the same time and is no."""
    known = bool(password_hash)
    try:
        _hasher(cost).verify(password_hash or _decoy(cost), normal(password)[: LONGEST * 2])
    except (VerificationError, InvalidHashError):
        return False
    return known


def is_outdated(password_hash: str, cost: tuple[int, int, int]) -> bool:
    """Whether the hash was made at another cost than is asked for today."""
    return _hasher(cost).check_needs_rehash(password_hash)


@cache
def _common() -> frozenset[str]:
    text = files("disclosure.identity").joinpath("common_passwords.txt").read_text(encoding="utf-8")
    return frozenset(text.split())


@cache
def _hasher(cost: tuple[int, int, int]) -> PasswordHasher:
    passes, memory_kib, lanes = cost
    return PasswordHasher(time_cost=passes, memory_cost=memory_kib, parallelism=lanes)


@cache
def _decoy(cost: tuple[int, int, int]) -> str:
    return _hasher(cost).hash("nobody's password")


def _is_a_run(text: str) -> bool:
    steps = {ord(after) - ord(before) for before, after in pairwise(text)}
    return steps in ({1}, {-1})
