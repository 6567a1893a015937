"""Whoever prepares an entry, and whatever they tick: a person's name does not get into the public log."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, select

from ledger.journal import post, post_many
from ledger.store.engine import reading, writing
from ledger.store.tables import entry, leaf
from ledger.verify import verify_books
from tests.ledger.books import act, open_books, petty

PERSON, COMPANY = "王小明", "灯箱维修店"


def published(engine: Engine) -> list[str]:
    with reading(engine) as conn:
        bodies = conn.execute(select(leaf.c.body).order_by(leaf.c.seq)).scalars()
        return [bytes(body).decode() for body in bodies]


@pytest.mark.parametrize("many", [False, True])
def test_a_person_paid_is_sealed_and_a_company_is_named(engine: Engine, many: bool) -> None:
    books = open_books(engine)
    drafts = [
        petty(counterparty=name, counterparty_public=True, key=f"petty:{name}", summary="修换灯箱")
        for name in (PERSON, COMPANY)
    ]
    with writing(engine) as conn:
        if many:
            post_many(conn, books.trust_id, drafts, act())
        else:
            for draft in drafts:
                post(conn, books.trust_id, draft, act())
    leaves = published(engine)
    assert not any(PERSON in body for body in leaves)
    assert any(COMPANY in body for body in leaves)
    with reading(engine) as conn:
        rows = conn.execute(select(entry.c.counterparty, entry.c.counterparty_public)).all()
        assert {(PERSON, False), (COMPANY, True)} <= {tuple(row) for row in rows}
        found = {item.code for item in verify_books(conn, books.trust_id, None).findings}
        assert found <= {"checkpoint.missing"}, "the rows give the leaves again"


def test_asked_again_it_is_the_same_entry(engine: Engine) -> None:
    books = open_books(engine)
    draft = petty(counterparty=PERSON, counterparty_public=True, key="once", summary="修换灯箱")
    with writing(engine) as conn:
        first = post(conn, books.trust_id, draft, act())
    with writing(engine) as conn:
        again = post(conn, books.trust_id, draft, act())
    assert (again.ref, again.already) == (first.ref, True)
