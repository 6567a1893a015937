"""A stranger who opens every public address of the marked community finds nothing about a person."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from litestar.routes import HTTPRoute
from sqlalchemy import select

from ledger.store.engine import reading
from ledger.store.tables import (
    bank_account,
    bank_line,
    entry_salt,
    evaluation_answer,
    leaf,
    person,
    unit,
    vote_code,
)
from tests.face.conftest import MARKS, PHONE, Face

_UNIT = re.compile(r"(?<![0-9-])[0-9]{2}-[0-9]-[0-9]{4}(?![0-9-])")
_LONG_NUMBER = re.compile(r"(?<![0-9A-Za-z])[0-9]{10,32}(?![0-9A-Za-z])")
_SALT = re.compile(r"(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])")
_SIGNATURE = re.compile(r"（([a-z0-9-]+)）")
_GUARDED = {"action", "across", "signed_in", "halfway"}
_NOT_HERE = {"/.well-known/security.txt", "/c/{slug}/log/timestamp/{size}"}
"""Only where an installation has set an address for reports, or a time stamping authority."""


@pytest.fixture(scope="session")
def numbers(face: Face) -> frozenset[str]:
    """Numbers of bank accounts, of single bank movements and of phones."""
    with reading(face.engine) as conn:
        accounts = conn.execute(select(bank_account.c.number)).scalars().all()
        theirs = conn.execute(select(bank_line.c.counterparty_account)).scalars().all()
        flows = conn.execute(select(bank_line.c.flow_no)).scalars().all()
    return frozenset(text for text in (*accounts, *theirs, *flows, PHONE) if text)


@pytest.fixture(scope="session")
def units(face: Face) -> frozenset[str]:
    with reading(face.engine) as conn:
        return frozenset(conn.execute(select(unit.c.unit)).scalars())


@pytest.fixture(scope="session")
def salts(face: Face) -> frozenset[str]:
    with reading(face.engine) as conn:
        found = [
            salt
            for column in (entry_salt.c.salt, evaluation_answer.c.salt)
            for salt in conn.execute(select(column)).scalars()
        ]
    return frozenset(bytes(salt).hex() for salt in found)


@pytest.fixture(scope="session")
def accounts(face: Face) -> frozenset[str]:
    with reading(face.engine) as conn:
        return frozenset(conn.execute(select(person.c.account)).scalars())


def private(
    text: str, units: frozenset[str], numbers: frozenset[str], salts: frozenset[str], accounts: frozenset[str]
) -> Iterator[str]:
    """Everything in a text that belongs to a person."""
    yield from (f"名字 {text[max(0, text.index(mark) - 8) :][:20]!r}" for mark in MARKS if mark in text)
    yield from (f"房号 {found}" for found in _UNIT.findall(text) if found in units)
    yield from (f"号码 {found}" for found in _LONG_NUMBER.findall(text) if found in numbers)
    yield from (f"盐 {found}" for found in _SALT.findall(text) if found in salts)
    yield from (f"签名 {found}" for found in _SIGNATURE.findall(text) if found in accounts)


def test_the_marks_are_in_the_books(
    face: Face, units: frozenset[str], numbers: frozenset[str], salts: frozenset[str]
) -> None:
    """Or the other tests could not fail."""
    with reading(face.engine) as conn:
        names = conn.execute(select(bank_line.c.counterparty)).scalars().all()
        codes = conn.execute(select(vote_code.c.trust_id)).all()
    assert sum(any(mark in name for mark in MARKS) for name in names) > 1000
    assert len(units) > 800
    assert len(numbers) > 10_000
    assert len(salts) > 10_000
    assert codes


def test_no_page_feed_or_file_tells_of_a_person(
    face: Face,
    units: frozenset[str],
    numbers: frozenset[str],
    salts: frozenset[str],
    accounts: frozenset[str],
) -> None:
    found = [
        f"{page.path}: {what}"
        for page in face.walk.pages
        for what in private(page.text, units, numbers, salts, accounts)
    ]
    assert found == []


def test_no_leaf_tells_of_a_person(
    face: Face,
    units: frozenset[str],
    numbers: frozenset[str],
    salts: frozenset[str],
    accounts: frozenset[str],
) -> None:
    with reading(face.engine) as conn:
        bodies = conn.execute(select(leaf.c.seq, leaf.c.body).where(leaf.c.trust_id == face.trust_id)).all()
    assert len(bodies) > 10_000
    found = [
        f"leaf {seq}: {what}"
        for seq, body in bodies
        for what in private(bytes(body).decode(), units, numbers, salts, accounts)
    ]
    assert found == []


def test_every_public_address_was_opened(face: Face) -> None:
    opened = [page.path.partition("?")[0] for page in face.walk.pages]
    missed = []
    for route in face.app.routes:
        if not isinstance(route, HTTPRoute) or "GET" not in route.methods:
            continue
        handlers = route.route_handlers
        if any(_GUARDED & handler.opt.keys() for handler in handlers):
            continue
        shape = re.compile(re.sub(r"\\\{[^}]*\\\}", "[^/]+", re.escape(route.path_format)) + "(/.*)?")
        if not any(shape.fullmatch(path) for path in opened):
            missed.append(route.path_format)
    assert sorted(set(missed) - _NOT_HERE) == []


def test_no_link_leads_nowhere(face: Face) -> None:
    broken = [
        f"{page.path} {page.status}, from {face.walk.from_page.get(page.path)}"
        for page in face.walk.pages
        if page.status >= 400 and page.status not in (401, 403)
    ]
    assert broken == [], "\n".join(broken)
