"""The kept sums of entry lists: moved on bit by bit, exact, and found out when somebody changes them."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, select

from ledger.log.note import Verifier
from ledger.store.engine import reading, writing
from ledger.store.tables import list_head, list_total
from ledger.totals import keep_all, keep_totals, kept_by_month, kept_size
from ledger.verify import verify_books
from tests.servers import Database
from tests.verify.books import TRUST, full_books
from tests.verify.tamper import behind_the_back, sql


def kept_rows(engine: Engine) -> list[tuple[object, ...]]:
    with reading(engine) as conn:
        rows = conn.execute(select(list_total)).all()
    return sorted(tuple(row) for row in rows)


def test_the_sums_are_the_same_in_one_step_or_in_many(engine: Engine) -> None:
    full_books(engine)
    with engine.connect() as conn, conn.begin() as transaction:
        assert keep_totals(conn, TRUST) == kept_size(conn, TRUST)[1]
        at_once = sorted(tuple(row) for row in conn.execute(select(list_total)).all())
        transaction.rollback()
    reached = 0
    while True:
        with writing(engine) as conn:
            now = keep_totals(conn, TRUST, most=3)
        if now == reached:
            break
        assert now <= reached + 3
        reached = now
    assert kept_rows(engine) == at_once
    assert at_once


def test_what_is_up_to_date_is_left_alone(engine: Engine) -> None:
    full_books(engine)
    assert keep_all(engine, behind=1_000) == 0
    assert keep_all(engine) == 1
    before = kept_rows(engine)
    assert keep_all(engine) == 0
    assert kept_rows(engine) == before
    with reading(engine) as conn:
        entries = sum(kept.entries for kept in kept_by_month(conn, TRUST))
        assert entries == len(conn.execute(select(list_head)).all()) * entries > 0


def test_verify_agrees_with_honest_sums(engine: Engine) -> None:
    community = full_books(engine)
    keep_all(engine)
    with reading(engine) as conn:
        assert verify_books(conn, TRUST, Verifier.from_vkey(community.vkey)).findings == ()


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("UPDATE list_total SET received = received + 1 WHERE trust_id = :t AND kind = 'all'", "list.total"),
        ("UPDATE list_total SET entries = 0 WHERE trust_id = :t AND kind = 'account'", "list.total"),
        ("DELETE FROM list_total WHERE trust_id = :t AND kind = 'all' AND fund = ''", "list.total"),
        (
            "UPDATE list_total SET period = period + 1200 WHERE trust_id = :t AND kind = 'all'",
            "list.total",
        ),
        ("UPDATE list_head SET size = 100000 WHERE trust_id = :t", "list.size"),
        ("UPDATE list_head SET size = 1 WHERE trust_id = :t", "list.total"),
    ],
)
def test_verify_finds_a_changed_sum(engine: Engine, database: Database, statement: str, code: str) -> None:
    full_books(engine)
    keep_all(engine)
    with behind_the_back(database) as conn:
        sql(conn, statement)
    with reading(engine) as conn:
        found = verify_books(conn, TRUST, None).findings
    assert {finding.code for finding in found} == {code}
    assert all(finding.where == "账目合计" for finding in found)
