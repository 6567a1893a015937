"""Every business event goes through the office: prepared, reviewed, co-signed and paid as it needs."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import Engine

from ledger.errors import Refused
from ledger.journal import Posted
from ledger.journal.draft import Draft
from ledger.store.engine import writing
from ledger.work import CO_SIGN, PAY, REVIEW, Work, co_sign, pay, prepare, read_work, review
from tests.ledger.books import DAY, Books, act, changed, open_books, petty
from tests.ledger.test_events import ACCEPTED, DIRECT, EVENTS, OURS, STANDARD, as_asked, parsed, plain
from tests.projects.desk import let_spend
from tests.work.people import ACCOUNTANT, CASHIER, CHECKER, MEMBER

PROGRESS = {"E24b": {"milestone": "1", "source": "政府补助=100.00 社会筹集=100.00 业主分摊=100.00"}}
"""What the office asks of a project's spending besides the journal."""


@pytest.fixture
def books(engine: Engine) -> Books:
    books = open_books(engine, 1, co_sign_above=200_00, **ACCEPTED)
    let_spend(books, "P1", 300_00)
    return books


def through(books: Books, work: Work) -> tuple[list[Posted], list[str]]:
    """Hand the work in and let whoever it waits for agree; what was posted, and the steps it took."""
    steps: list[str] = []
    with writing(books.engine) as conn:
        no = prepare(conn, books.trust_id, work, ACCOUNTANT, act()).no
    while True:
        with writing(books.engine) as conn:
            file = read_work(conn, books.trust_id, no)
            step = file.item.waiting_for
            steps.append(step)
            if step == REVIEW:
                posted = review(conn, books.trust_id, no, CHECKER, act())
            elif step == CO_SIGN:
                posted = co_sign(conn, books.trust_id, no, MEMBER, act())
            else:
                posted = pay(conn, books.trust_id, no, CASHIER, act(), on=file.work.drafts[0].date)
        if posted:
            return posted, steps


def voucher(draft: Draft) -> Work:
    return Work(kind="voucher", title=draft.summary, drafts=(draft,))


def test_every_direct_event_is_posted_through_the_office(books: Books) -> None:
    for event_id in DIRECT:
        typed = changed(as_asked(event_id), preparer="", reviewer="")
        references = {kind: ref for kind, ref in typed.references.items() if kind != "co_sign"}
        references |= PROGRESS.get(event_id, {})
        (posted,), steps = through(books, voucher(changed(typed, references=references)))
        stored = books.stored(posted.ref).draft
        assert plain(stored.lines) == parsed((STANDARD | OURS)[event_id]), event_id
        assert (stored.preparer, stored.reviewer) == (ACCOUNTANT.signature, CHECKER.signature)
        assert (CO_SIGN in steps) == ("co_sign" in stored.references), event_id
        assert (PAY in steps) == _pays(stored), event_id
    assert books.check_log() == len(DIRECT)


def _pays(draft: Draft) -> bool:
    cash = "1001" if draft.book == "M" else "1002"
    out = any(line.side == "C" and line.account.startswith(cash) for line in draft.lines)
    return out and not EVENTS[draft.event].opening


def test_every_correction_is_posted_through_the_office(books: Books) -> None:
    (wrong,), _ = through(books, voucher(petty(50_00)))
    (less,), _ = through(books, _amended(wrong, petty(40_00, date=DAY)))
    assert books.stored(less.ref).draft.event == "E26c"
    (other,), _ = through(books, voucher(petty(30_00)))
    corrections, _ = through(books, _amended(other, petty(30_00, account="5012", date=DAY)))
    assert [books.stored(place.ref).draft.event for place in corrections] == ["E26a", "E26b"]
    (old,), _ = through(books, voucher(petty(20_00, date=date(2024, 12, 20))))
    (earlier,), _ = through(books, _amended(old, petty(25_00, date=DAY)))
    assert books.stored(earlier.ref).draft.event == "E26d"


def _amended(wrong: Posted, corrected: Draft) -> Work:
    return Work(kind="amendment", title="订正", amends=wrong.ref, drafts=(corrected,))


def test_what_only_the_system_posts_is_refused_from_the_office(books: Books) -> None:
    for event in EVENTS.values():
        if event.correction or event.closing:
            with writing(books.engine) as conn, pytest.raises(Refused) as caught:
                prepare(conn, books.trust_id, voucher(changed(petty(), event=event.id)), ACCOUNTANT, act())
            assert "reserved_event" in caught.value.codes, event.id
