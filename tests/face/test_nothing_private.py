"""A stranger who opens every public address of the marked community finds nothing about a person."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest
from litestar.routes import HTTPRoute
from sqlalchemy import select

from ledger.store.engine import reading
from ledger.store.tables import (
    ballot,
    bank_account,
    bank_line,
    entry_salt,
    evaluation_answer,
    leaf,
    owner_contact,
    person,
    record,
    roll_entry,
    unit,
)
from tests.face.conftest import IDENTITY, MARKS, PHONE, Face

_UNIT = re.compile(r"(?<![0-9-])[0-9]{1,2}-(?:[0-9]-[0-9]{4}|[0-9]{3})(?![0-9-])")
_LONG_NUMBER = re.compile(r"(?<![0-9A-Za-z])[0-9]{10,32}(?![0-9A-Za-z])")
_SALT = re.compile(r"(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])")
_SIGNATURE = re.compile(r"（([a-z0-9-]+)）")
_GUARDED = {"action", "across", "signed_in", "halfway"}
_NOT_HERE = {"/.well-known/security.txt", "/c/{slug}/log/timestamp/{size}"}
"""Only where an installation has set an address for reports, or a time stamping authority."""


@pytest.fixture(scope="session")
def numbers(face: Face) -> frozenset[str]:
    """Numbers of bank accounts, of single bank movements, of phones and of an identity card."""
    with reading(face.engine) as conn:
        accounts = conn.execute(select(bank_account.c.number)).scalars().all()
        theirs = conn.execute(select(bank_line.c.counterparty_account)).scalars().all()
        flows = conn.execute(select(bank_line.c.flow_no)).scalars().all()
        phones = conn.execute(select(owner_contact.c.phone)).scalars().all()
    return frozenset(text for text in (*accounts, *theirs, *flows, *phones, IDENTITY) if text)


@pytest.fixture(scope="session")
def units(face: Face) -> frozenset[str]:
    with reading(face.engine) as conn:
        return frozenset(conn.execute(select(unit.c.unit)).scalars())


@pytest.fixture(scope="session")
def salts(face: Face) -> frozenset[str]:
    """Of sealed words of entries, of ballots, of the rolls of voters and of answers to questionnaires."""
    columns = (entry_salt.c.salt, ballot.c.salt, roll_entry.c.salt, evaluation_answer.c.salt)
    with reading(face.engine) as conn:
        return frozenset(
            bytes(salt).hex() for column in columns for salt in conn.execute(select(column)).scalars() if salt
        )


@pytest.fixture(scope="session")
def accounts(face: Face) -> frozenset[str]:
    with reading(face.engine) as conn:
        return frozenset(conn.execute(select(person.c.account)).scalars())


def private(
    text: str, units: frozenset[str], numbers: frozenset[str], salts: frozenset[str], accounts: frozenset[str]
) -> Iterator[str]:
    """Everything in a text that belongs to a person."""
    yield from (
        f"名字、车牌或工资 {text[max(0, text.index(mark) - 8) :][:20]!r}" for mark in MARKS if mark in text
    )
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
        memos = conn.execute(select(bank_line.c.memo)).scalars().all()
    for texts in (names, memos):
        assert sum(any(mark in text for mark in MARKS) for text in texts) > 1000
    assert any(IDENTITY in memo for memo in memos)
    assert {PHONE, IDENTITY} <= numbers
    assert len(units) > 800
    assert len(numbers) > 10_000
    assert len(salts) > 10_000


def test_the_walk_went_everywhere(face: Face) -> None:
    """Or the other tests would be about little."""
    assert len(face.walk.pages) > 300
    kinds = {page.media_type for page in face.walk.pages}
    assert {"text/html", "text/csv", "application/json", "application/pdf", "application/zip"} <= kinds
    assert {"application/atom+xml", "image/svg+xml", "text/plain"} <= kinds


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


def test_no_leaf_tells_how_a_home_voted(face: Face) -> None:
    of_ballots = (record.c.trust_id == leaf.c.trust_id) & (record.c.seq == leaf.c.seq)
    with reading(face.engine) as conn:
        bodies = conn.execute(
            select(leaf.c.body).join(record, of_ballots).where(record.c.kind == "ballot")
        ).scalars()
        voted = [bytes(body).decode() for body in bodies]
        told = set(conn.execute(select(ballot.c.choices)).scalars())
    assert len(voted) > 500
    choices = {choice for text in told for choice in json.loads(text)}
    assert {"agree", "against", "abstain"} <= choices
    assert [body for body in voted if any(choice in body for choice in choices)] == []


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
