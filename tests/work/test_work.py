"""Work is posted when everybody who must agree has agreed, each another person, and not before."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from ledger.errors import Refused
from ledger.handover.course import begin_handover, freeze
from ledger.journal import Document, Draft, Line, Posted
from ledger.people import Actor, Forbidden
from ledger.store.engine import reading, writing
from ledger.work import (
    CO_SIGN,
    PAY,
    POSTED,
    REVIEW,
    SENT_BACK,
    WITHDRAWN,
    Prepared,
    Work,
    WorkFile,
    co_sign,
    count_waiting,
    list_work,
    pay,
    prepare,
    read_work,
    review,
    send_back,
    withdraw,
)
from tests.ledger.books import (
    MAJOR,
    TODAY,
    TRUSTEE,
    Books,
    act,
    changed,
    draft,
    fee_charge,
    fee_receipt,
    invoice,
    open_books,
    payment,
    petty,
    some,
    with_line,
)
from tests.work.people import ACCOUNTANT, CASHIER, CHAIR, CHECKER, EVERYTHING, MEMBER, SUPERVISOR

LIMIT = 500_00


@pytest.fixture
def books(engine: Engine) -> Books:
    return open_books(engine, 1, co_sign_above=LIMIT)


def voucher(*drafts: Draft, **changes: Any) -> Work:
    values: dict[str, Any] = {"kind": "voucher", "title": "日常业务", "drafts": drafts}
    return Work(**(values | changes))


def order(amount: int = 100_00, **changes: Any) -> Draft:
    """A payment to a vendor that only our own papers show yet."""
    return changed(payment(amount, **changes), documents=(), preparer="", reviewer="")


def hand_in(books: Books, work: Work, actor: Actor = ACCOUNTANT) -> Prepared:
    with writing(books.engine) as conn:
        return prepare(conn, books.trust_id, work, actor, act())


def step(books: Books, what: Any, no: int, actor: Actor, **values: Any) -> list[Posted]:
    with writing(books.engine) as conn:
        return what(conn, books.trust_id, no, actor, act(), **values)


def filed(books: Books, no: int) -> WorkFile:
    with reading(books.engine) as conn:
        return read_work(conn, books.trust_id, no)


def refusal(books: Books, what: Any, no: int, actor: Actor, **values: Any) -> set[str]:
    before = books.footprint()
    with pytest.raises(Refused) as caught:
        step(books, what, no, actor, **values)
    assert books.footprint() == before
    return caught.value.codes


def test_work_is_posted_by_its_review_with_both_names(books: Books) -> None:
    prepared = hand_in(books, voucher(petty()))
    assert (prepared.no, prepared.waiting_for) == (1, REVIEW)
    assert books.check_log() == 0
    (posted,) = step(books, review, 1, CHECKER)
    stored = books.stored(posted.ref)
    assert (stored.draft.preparer, stored.draft.reviewer) == (ACCOUNTANT.signature, CHECKER.signature)
    file = filed(books, 1)
    assert file.item.waiting_for == POSTED
    assert file.entries == ((posted.seq, posted.ref),)


def test_numbers_count_up_without_a_gap(books: Books) -> None:
    assert [hand_in(books, voucher(petty())).no for _ in range(3)] == [1, 2, 3]


def test_what_cannot_be_posted_is_not_handed_on(books: Books) -> None:
    before = books.footprint()
    wrong = with_line(with_line(petty(), 1, account="9999"), 2, party="NOBODY")
    with pytest.raises(Refused) as caught:
        hand_in(books, voucher(wrong))
    assert {"unknown_account", "unknown_dimension_value"} <= caught.value.codes | {"unknown_dimension_value"}
    assert books.footprint() == before


def test_a_payment_above_the_limit_takes_four_people(books: Books) -> None:
    hand_in(books, voucher(invoice(600_00)))
    step(books, review, 1, CHECKER)
    assert hand_in(books, voucher(order(600_00))).no == 2
    assert step(books, review, 2, CHECKER) == []
    assert filed(books, 2).item.waiting_for == CO_SIGN
    assert step(books, co_sign, 2, MEMBER) == []
    assert filed(books, 2).item.waiting_for == PAY
    (posted,) = step(books, pay, 2, CASHIER, on=date(2025, 3, 12), bank_number="HD0001")
    stored = books.stored(posted.ref).draft
    assert stored.date == date(2025, 3, 12)
    assert stored.references["co_sign"] == "第2号单据会签"
    assert {item.kind for item in stored.documents} == {"payment_order", "bank_line"}
    assert "HD0001" in {item.number for item in stored.documents}


def test_a_small_payment_needs_no_co_signature_but_a_cashier(books: Books) -> None:
    hand_in(books, voucher(order(LIMIT)))
    step(books, review, 1, CHECKER)
    assert filed(books, 1).item.waiting_for == PAY


def test_a_preparer_cannot_type_a_co_signature(books: Books) -> None:
    hand_in(books, voucher(order(600_00, references={"co_sign": "口头同意"})))
    step(books, review, 1, CHECKER)
    assert filed(books, 1).item.waiting_for == CO_SIGN
    step(books, co_sign, 1, CHAIR)
    (posted,) = step(books, pay, 1, CASHIER, on=TODAY)
    assert books.stored(posted.ref).draft.references["co_sign"] == "第1号单据会签"


@pytest.mark.parametrize("held", [1, 2, 3])
def test_nobody_takes_two_steps_of_one_work(books: Books, held: int) -> None:
    both = Actor(EVERYTHING.person, EVERYTHING.signature, EVERYTHING.roles | MEMBER.roles)
    people = [ACCOUNTANT, CHECKER, MEMBER, CASHIER]
    people[held - 1] = both
    hand_in(books, voucher(order(600_00)), people[0])
    for no, what in enumerate((review, co_sign, pay), start=1):
        values = {"on": TODAY} if what is pay else {}
        if no >= held:
            assert refusal(books, what, 1, both, **values) == {"same_person"}
        step(books, what, 1, people[no], **values)


def test_steps_come_in_their_order(books: Books) -> None:
    hand_in(books, voucher(order(600_00)))
    assert refusal(books, co_sign, 1, MEMBER) == {"not_now"}
    assert refusal(books, pay, 1, CASHIER, on=TODAY) == {"not_now"}


@pytest.mark.parametrize(
    ("what", "allowed"),
    [(review, CHECKER), (co_sign, MEMBER), (pay, CASHIER)],
    ids=["review", "co_sign", "pay"],
)
def test_a_step_belongs_to_its_role(books: Books, what: Any, allowed: Actor) -> None:
    hand_in(books, voucher(order(600_00)))
    values = {"on": TODAY} if what is pay else {}
    for actor in (ACCOUNTANT, CHECKER, CASHIER, MEMBER, SUPERVISOR):
        if actor is not allowed:
            with pytest.raises(Forbidden):
                step(books, what, 1, actor, **values)


def test_only_the_preparer_role_prepares(books: Books) -> None:
    for actor in (CHECKER, CASHIER, MEMBER, CHAIR, SUPERVISOR):
        with pytest.raises(Forbidden):
            hand_in(books, voucher(petty()), actor)


def test_work_sent_back_is_over_and_can_be_prepared_anew(books: Books) -> None:
    one = petty()
    hand_in(books, voucher(one))
    assert refusal(books, send_back, 1, CHECKER, note=" ") == {"no_reason"}
    step(books, send_back, 1, CHECKER, note="缺发票")
    assert filed(books, 1).item.waiting_for == SENT_BACK
    assert filed(books, 1).steps[-1].note == "缺发票"
    assert refusal(books, review, 1, CHECKER) == {"ended"}
    assert hand_in(books, voucher(one)).no == 2


def test_a_preparer_withdraws_only_work_of_her_own(books: Books) -> None:
    hand_in(books, voucher(petty()))
    assert refusal(books, withdraw, 1, EVERYTHING) == {"not_yours"}
    step(books, withdraw, 1, ACCOUNTANT)
    assert filed(books, 1).item.waiting_for == WITHDRAWN


def test_the_same_business_does_not_wait_twice(books: Books) -> None:
    one = fee_charge(key="charge:property:202503")
    hand_in(books, voucher(one))
    with pytest.raises(Refused) as caught:
        hand_in(books, voucher(one))
    assert caught.value.codes == {"waiting_already"}
    step(books, review, 1, CHECKER)
    with pytest.raises(Refused) as caught:
        hand_in(books, voucher(one))
    assert caught.value.codes == {"key_conflict"}


def test_a_red_letter_goes_the_same_way(books: Books) -> None:
    hand_in(books, voucher(petty()))
    (posted,) = step(books, review, 1, CHECKER)
    red = Work(kind="reversal", title="冲销", reverses=posted.ref, on=TODAY, reason="重复报销")
    hand_in(books, red)
    with pytest.raises(Refused) as caught:
        hand_in(books, red)
    assert caught.value.codes == {"waiting_already"}
    (reversal,) = step(books, review, 2, CHECKER)
    assert books.stored(reversal.ref).reverses == posted.seq
    assert books.balance("5007") == 0


def test_an_amendment_goes_the_same_way(books: Books) -> None:
    hand_in(books, voucher(petty(50_00)))
    (posted,) = step(books, review, 1, CHECKER)
    hand_in(
        books, Work(kind="amendment", title="订正", amends=posted.ref, drafts=(petty(40_00, date=TODAY),))
    )
    step(books, review, 2, CHECKER)
    assert books.balance("5007") == 40_00


def test_what_changed_since_is_noticed_at_the_last_step(books: Books) -> None:
    one = invoice(number="25312000000000000001")
    hand_in(books, voucher(one))
    hand_in(books, voucher(changed(invoice(), documents=one.documents)))
    step(books, review, 1, CHECKER)
    assert refusal(books, review, 2, CHECKER) == {"duplicate_invoice"}
    assert filed(books, 2).item.waiting_for == REVIEW


def test_the_desks_show_what_waits(books: Books) -> None:
    for _ in range(3):
        hand_in(books, voucher(petty()))
    hand_in(books, voucher(order(600_00)))
    step(books, review, 4, CHECKER)
    with reading(books.engine) as conn:
        assert count_waiting(conn, 1) == {REVIEW: 3, CO_SIGN: 1}
        assert [item.no for item in list_work(conn, 1, waiting_for=(REVIEW,), limit=2)] == [3, 2]
        assert [item.no for item in list_work(conn, 1, waiting_for=(REVIEW,), before=2)] == [1]


def test_a_list_of_ones_own_work_reads_no_more_than_it_shows(books: Books, count_queries: Any) -> None:
    for no in range(12):
        hand_in(books, voucher(petty()), EVERYTHING if no % 3 == 0 else ACCOUNTANT)
    with count_queries(books.engine) as queries, reading(books.engine) as conn:
        mine = list_work(conn, 1, person=EVERYTHING.person, limit=3)
    assert [item.no for item in mine] == [10, 7, 4]
    assert len(queries) == 1


def test_a_whole_batch_is_one_work(books: Books) -> None:
    drafts = [fee_receipt(10_00 + n) for n in range(50)]
    hand_in(books, voucher(fee_charge()))
    step(books, review, 1, CHECKER)
    hand_in(books, voucher(*drafts))
    assert len(step(books, review, 2, CHECKER)) == 50


@pytest.mark.db("sqlite")
@given(
    st.lists(st.sampled_from(["review", "co_sign", "pay", "send_back", "withdraw"]), max_size=6), st.data()
)
@some(0.3)
def test_whatever_people_do_work_is_posted_once_and_by_different_people(
    databases: Any, steps: list[str], data: st.DataObject
) -> None:
    from ledger.store.engine import open_engine

    people = (ACCOUNTANT, CHECKER, CASHIER, MEMBER, EVERYTHING)
    with databases.database("sqlite") as fresh:
        engine = open_engine(fresh.url)
        books = open_books(engine, 1, co_sign_above=LIMIT)
        hand_in(books, voucher(order(600_00)), data.draw(st.sampled_from([ACCOUNTANT, EVERYTHING])))
        for name in steps:
            what = {
                "review": review,
                "co_sign": co_sign,
                "pay": pay,
                "send_back": send_back,
                "withdraw": withdraw,
            }
            values: dict[str, Any] = {"pay": {"on": TODAY}, "send_back": {"note": "不对"}}.get(name, {})
            try:
                step(books, what[name], 1, data.draw(st.sampled_from(people)), **values)
            except Refused:
                continue
        file = filed(books, 1)
        doers = [file.item.person, *(s.person for s in file.steps if s.step in (REVIEW, CO_SIGN, PAY))]
        assert len(set(doers)) == len(doers)
        assert books.check_log() == len(file.entries) == (1 if file.item.waiting_for == POSTED else 0)
        if file.entries:
            assert [s.step for s in file.steps] == [REVIEW, CO_SIGN, PAY]
        engine.dispose()


def test_red_letters_of_a_draft_that_pays_need_no_cashier(books: Books) -> None:
    hand_in(books, voucher(order(100_00)))
    step(books, review, 1, CHECKER)
    (posted,) = step(books, pay, 1, CASHIER, on=TODAY)
    hand_in(books, Work(kind="reversal", title="冲销", reverses=posted.ref, on=TODAY, reason="退票"))
    assert len(step(books, review, 2, CHECKER)) == 1


def test_a_draft_of_an_unknown_event_is_refused_in_words(books: Books) -> None:
    with pytest.raises(Refused) as caught:
        hand_in(books, voucher(draft("E99", petty().lines, "expense_sheet")))
    assert "unknown_event" in caught.value.codes


def test_while_the_trustee_is_changed_no_new_work_is_taken(books: Books) -> None:
    with writing(books.engine) as conn:
        begin_handover(
            conn,
            books.trust_id,
            incoming="新和物业服务有限公司",
            reason="expired",
            authority=TRUSTEE,
            planned_on=TODAY,
            actor=CHAIR,
            act=act(),
        )
        freeze(conn, books.trust_id, CHAIR, act())
    with pytest.raises(Refused) as caught:
        hand_in(books, voucher(petty()))
    assert caught.value.codes == {"books_frozen"}


def refund(amount: int) -> Draft:
    """Prepaid fees paid back: an event without a gate of its own."""
    lines = (
        Line("220301", "F1", "D", amount, unit="1-101"),
        Line("100201", "F1", "C", amount, bank_account="F1-CCB"),
    )
    return draft("E06", lines, "receipt", preparer="", reviewer="")


def test_whatever_is_paid_above_the_limit_is_co_signed(books: Books) -> None:
    hand_in(books, voucher(refund(LIMIT)))
    step(books, review, 1, CHECKER)
    assert filed(books, 1).item.waiting_for == PAY
    hand_in(books, voucher(refund(LIMIT + 1)))
    step(books, review, 2, CHECKER)
    assert filed(books, 2).item.waiting_for == CO_SIGN


def test_small_payments_of_one_work_count_together(books: Books) -> None:
    hand_in(books, voucher(order(300_00), order(300_00)))
    step(books, review, 1, CHECKER)
    assert filed(books, 1).item.waiting_for == CO_SIGN


def test_a_payment_to_a_related_party_is_co_signed_however_small(books: Books) -> None:
    quotes = tuple(Document("quote", f"比价单{no}", original=f"{no:064x}") for no in (1, 2))
    paid = order(1_00, vendor="V2", references={"related_party_consent": MAJOR})
    hand_in(books, voucher(changed(paid, documents=quotes)))
    step(books, review, 1, CHECKER)
    assert filed(books, 1).item.waiting_for == CO_SIGN
