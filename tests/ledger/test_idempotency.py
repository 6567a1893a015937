"""Asking twice books once: keys make retries safe, invoice numbers keep a bill from being paid twice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import msgspec
import pytest

from ledger.errors import Refused
from ledger.journal import Detail, Draft, post
from ledger.store.engine import writing
from tests.ledger.books import (
    Books,
    act,
    changed,
    fee_charge,
    fee_receipt,
    invoice,
    petty,
    with_line,
)


def test_the_same_key_with_the_same_content_gives_the_first_entry(books: Books) -> None:
    first = books.post(fee_receipt(key="receipt-7"))
    before = books.footprint()
    again = books.post(
        changed(fee_receipt(key="receipt-7"), documents=books.stored(first.ref).draft.documents)
    )
    assert (again.seq, again.ref, again.already) == (first.seq, first.ref, True)
    assert first.already is False
    assert books.footprint() == before


@pytest.mark.parametrize(
    "change",
    [
        {"summary": "另一句话"},
        {"date": date(2025, 3, 11)},
        {"original_date": date(2025, 3, 1)},
        {"memo": "备注"},
        {"counterparty": "王女士"},
        {"counterparty_public": True},
        {"references": {"resolution": "1号"}},
        {"reviewer": "审核丙"},
        {"documents": ()},
        {"lines": ()},
        {"event": "E02b"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_the_same_key_with_other_content_is_refused_and_names_the_first_entry(
    books: Books, change: dict[str, object]
) -> None:
    asked = fee_receipt(key="receipt-7", counterparty="迅达电梯公司")  # a person would not be named anyway
    first = books.post(asked)
    before = books.footprint()
    with pytest.raises(Refused) as refused:
        books.post(changed(asked, **change))
    (problem,) = refused.value.problems
    assert problem.code == "key_conflict"
    assert first.ref in problem.message
    assert books.footprint() == before


def test_other_content_is_refused_whatever_line_or_household_it_differs_in(books: Books) -> None:
    asked = fee_charge(key="charge-3")
    books.post(asked)
    parts = asked.lines[0].details
    swapped = (changed_detail(parts[0], 200_00), changed_detail(parts[1], 100_00))
    for other in (
        with_line(asked, 1, details=swapped),
        with_line(asked, 2, account="400102"),
        with_line(with_line(asked, 1, amount=300_01), 2, amount=300_01),
        changed(asked, lines=asked.lines[::-1]),
    ):
        with pytest.raises(Refused) as refused:
            books.post(other)
        assert refused.value.codes == {"key_conflict"}


def changed_detail(detail: Detail, amount: int) -> Detail:
    return msgspec.structs.replace(detail, amount=amount)


def test_a_known_key_is_answered_even_when_the_draft_could_not_be_posted_any_more(books: Books) -> None:
    early = petty(date=date(2024, 1, 5), key="old")
    first = books.post(early)
    books.post(fee_receipt(date=date(2024, 1, 6), key="other"))
    books.reverse(books.stored(first.ref).ref, on=date(2024, 1, 31), key="undo")
    again = books.post(early)
    assert (again.ref, again.already) == (first.ref, True)
    with pytest.raises(Refused):
        books.post(changed(early, key="new", date=date(2023, 12, 31)))


def test_a_key_repeated_within_a_batch_books_once(books: Books) -> None:
    one, two = invoice(key="a", number="25112233"), petty(key="b")
    posted = books.post_many([one, two, one, two, one])
    assert [p.seq for p in posted] == [0, 1, 0, 1, 0]
    assert [p.already for p in posted] == [False, False, True, True, True]
    assert books.check_log() == 2


def test_a_key_repeated_within_a_batch_with_other_content_is_refused(books: Books) -> None:
    one = petty(key="a")
    with pytest.raises(Refused) as refused:
        books.post_many([one, petty(), changed(one, summary="另一句话")])
    (problem,) = refused.value.problems
    assert problem.code == "key_conflict"
    assert problem.where.startswith("第 3 张凭证")
    assert "本批" in problem.message
    assert books.check_log() == 0


def test_a_batch_that_was_partly_posted_completes_without_doubling(books: Books) -> None:
    drafts = [petty(key=f"p{n}") for n in range(7)]
    books.post(drafts[4])
    books.post_many(drafts[2:5])
    posted = books.post_many(drafts)
    assert [p.already for p in posted] == [False, False, True, True, True, False, False]
    assert len({p.ref for p in posted}) == 7
    assert books.check_log() == 7
    assert books.post_many([]) == []


def test_keys_are_the_trusts_own(books: Books, new_books: Callable[..., Books]) -> None:
    other = new_books()
    asked = petty(key="same")
    assert books.post(asked).already is False
    assert other.post(asked).already is False


def test_twice_in_one_transaction_books_once(books: Books) -> None:
    asked = petty()
    with writing(books.engine) as conn:
        first = post(conn, books.trust_id, asked, act())
        again = post(conn, books.trust_id, asked, act())
    assert (again.seq, again.already) == (first.seq, True)
    assert books.check_log() == 1


def test_a_rolled_back_key_is_free_again(books: Books) -> None:
    asked = petty()
    with pytest.raises(RuntimeError), writing(books.engine) as conn:
        post(conn, books.trust_id, asked, act())
        raise RuntimeError("the machine stumbles")
    assert books.check_log() == 0
    assert books.post(asked).already is False


# --- Corrections --------------------------------------------------------------------------------------------


def test_a_reversal_asked_twice_is_done_once(books: Books) -> None:
    wrong = books.post(petty())
    first = books.reverse(wrong.ref, key="undo-1")
    again = books.reverse(wrong.ref, key="undo-1")
    assert (again.ref, again.already) == (first.ref, True)
    assert books.check_log() == 2


def test_the_key_of_a_reversal_does_not_serve_another_entry_or_reason(books: Books) -> None:
    one, two = books.post(petty()), books.post(petty())
    books.reverse(one.ref, key="undo-1")
    for ref, reason in ((two.ref, "记错"), (one.ref, "另一个理由")):
        with pytest.raises(Refused) as refused:
            books.reverse(ref, key="undo-1", reason=reason)
        assert refused.value.codes == {"key_conflict"}


def test_an_amendment_asked_twice_is_done_once_whichever_way_it_goes(books: Books) -> None:
    amount, account, earlier = (
        books.post(invoice(100_00)),
        books.post(invoice(100_00)),
        books.post(invoice(100_00, date=date(2024, 5, 8))),
    )
    requests = [
        (amount.ref, invoice(120_00, key="fix-1")),
        (account.ref, invoice(100_00, "500502", key="fix-2")),
        (earlier.ref, invoice(90_00, key="fix-3")),
    ]
    first = [books.amend(ref, corrected) for ref, corrected in requests]
    before = books.footprint()
    again = [books.amend(ref, corrected) for ref, corrected in requests]
    assert [[p.ref for p in posted] for posted in again] == [[p.ref for p in posted] for posted in first]
    assert all(p.already for posted in again for p in posted)
    assert [len(posted) for posted in first] == [1, 2, 1]
    assert books.footprint() == before


def test_a_retried_amendment_is_answered_whatever_has_happened_since(books: Books) -> None:
    wrong = books.post(invoice(100_00, date=date(2024, 1, 10)))
    fix = invoice(120_00, date=date(2024, 1, 20), key="fix-1")
    (first,) = books.amend(wrong.ref, fix)
    books.amend(wrong.ref, invoice(150_00, date=date(2024, 1, 21), key="fix-2"))
    books.close(202401)
    (again,) = books.amend(wrong.ref, fix)
    assert (again.ref, again.already) == (first.ref, True)


@pytest.mark.parametrize(
    "other",
    [
        invoice(130_00, key="fix-1"),
        invoice(120_00, "500502", key="fix-1"),
        invoice(120_00, date=date(2025, 3, 11), key="fix-1"),
    ],
    ids=["another amount", "another account", "another day"],
)
def test_the_key_of_an_amendment_does_not_serve_another_content(books: Books, other: Draft) -> None:
    wrong = books.post(invoice(100_00))
    books.amend(wrong.ref, invoice(120_00, key="fix-1"))
    before = books.footprint()
    with pytest.raises(Refused) as refused:
        books.amend(wrong.ref, other)
    assert refused.value.codes == {"key_conflict"}
    assert books.footprint() == before


# --- Invoices -----------------------------------------------------------------------------------------------


def test_an_invoice_is_booked_once(books: Books) -> None:
    books.post(invoice(number="25111"))
    before = books.footprint()
    for twice in ([invoice(number="25111")], [invoice(number="25222"), invoice(number="25222")]):
        with pytest.raises(Refused) as refused:
            books.post_many(twice)
        assert refused.value.codes == {"duplicate_invoice"}
    assert books.footprint() == before
    books.post(invoice(number="25222"))


def test_an_invoice_is_free_again_after_its_entry_was_reversed_and_again(books: Books) -> None:
    for _ in range(3):
        posted = books.post(invoice(number="25111"))
        with pytest.raises(Refused) as refused:
            books.post(invoice(number="25111"))
        assert refused.value.codes == {"duplicate_invoice"}
        books.reverse(posted.ref)
    assert books.balance("500501") == 0


def test_an_invoice_in_one_trust_says_nothing_of_another(
    books: Books, new_books: Callable[..., Books]
) -> None:
    books.post(invoice(number="25111"))
    new_books().post(invoice(number="25111"))


def test_a_corrected_entry_keeps_its_invoice(books: Books) -> None:
    for account, amount in (("500502", 1_000_00), ("500501", 900_00)):
        number = f"2599{amount}"
        wrong = books.post(invoice(number=number))
        books.amend(wrong.ref, invoice(amount, account, number=number))
        with pytest.raises(Refused) as refused:
            books.post(invoice(number=number))
        assert refused.value.codes == {"duplicate_invoice"}


def test_amending_twice_may_show_all_the_invoices_there_are(books: Books) -> None:
    wrong = books.post(invoice(100_00, number="25001"))
    second = invoice(120_00, number="25002")
    books.amend(
        wrong.ref, changed(second, documents=(*invoice(number="25001").documents, second.documents[0]))
    )
    third = changed(invoice(130_00), documents=(*invoice(number="25001").documents, second.documents[0]))
    books.amend(wrong.ref, third)
    assert books.balance("500501") == 130_00
    for number in ("25001", "25002"):
        with pytest.raises(Refused) as refused:
            books.post(invoice(number=number))
        assert refused.value.codes == {"duplicate_invoice"}
