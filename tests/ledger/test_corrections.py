"""A correction never touches what it corrects, and leaves the books as if they had been right from the start."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from itertools import count
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from ledger.balances import balances_by, resolve_clock
from ledger.errors import Refused, Unanswerable
from ledger.journal import Detail, Draft
from ledger.journal.read import Stored
from ledger.log.store import read_leaf
from ledger.store.engine import reading
from tests.ledger.books import (
    TODAY,
    Books,
    cash,
    changed,
    contribution,
    draft,
    fee_charge,
    fee_receipt,
    interest,
    invoice,
    line,
    open_books,
    petty,
    some,
    with_line,
)
from tests.servers import Kind

LAST_YEAR = date(2024, 5, 8)


def refused_codes(command: Callable[[], object]) -> set[str]:
    with pytest.raises(Refused) as refused:
        command()
    return refused.value.codes


def by_unit(books: Books, account: str, book: str = "A") -> dict[str, int]:
    with reading(books.engine) as conn:
        clock = resolve_clock(conn, books.trust_id, today=TODAY)
        found = balances_by(conn, books.trust_id, book, account, "unit", clock)
        return {unit: totals.balance for unit, totals in found.items() if totals.balance}


def leaf_of(books: Books, stored: Stored) -> bytes:
    with reading(books.engine) as conn:
        return read_leaf(conn, books.trust_id, stored.seq)


# --- Red letters --------------------------------------------------------------------------------------------


def test_a_red_letter_entry_repeats_every_line_negated_on_the_same_side(books: Books) -> None:
    original = books.stored(books.post(fee_charge(references={"fee_standard": "2025版"})).ref)
    red = books.stored(books.reverse(original.ref, reason="重复计提").ref)
    assert red.reverses == original.seq
    assert [(x.side, x.account, x.amount) for x in red.draft.lines] == [
        (x.side, x.account, -x.amount) for x in original.draft.lines
    ]
    assert red.draft.lines[0].details == tuple(Detail(d.unit, -d.amount, d.basis) for d in original.draft.lines[0].details)  # fmt: skip
    assert red.draft.summary == f"注销2025年3月10日{original.ref}号凭证：重复计提"
    assert b'"reverses":"' + original.ref.encode() + b'"' in leaf_of(books, red)
    assert books.trial() == {}
    assert by_unit(books, "112201") == {}


def test_the_original_stays_as_it_was(books: Books) -> None:
    ref = books.post(invoice()).ref
    before = books.stored(ref)
    leaf = leaf_of(books, before)
    books.amend(ref, invoice(900_00))
    books.reverse(books.post(petty()).ref)
    assert books.stored(ref) == before
    assert leaf_of(books, before) == leaf


def test_an_entry_is_reversed_once_and_never_again(books: Books) -> None:
    ref = books.post(petty()).ref
    books.reverse(ref)
    assert refused_codes(lambda: books.reverse(ref)) == {"already_reversed"}
    assert refused_codes(lambda: books.amend(ref, petty(1))) == {"already_reversed"}


def test_a_reversal_is_neither_reversed_nor_amended(books: Books) -> None:
    red = books.reverse(books.post(petty()).ref)
    assert refused_codes(lambda: books.reverse(red.ref)) == {"reversal_of_reversal"}
    assert refused_codes(lambda: books.amend(red.ref, petty(1))) == {"reversal_of_reversal"}


def test_an_earlier_year_takes_no_red_letters(books: Books) -> None:
    ref = books.post(petty(date=LAST_YEAR)).ref
    assert refused_codes(lambda: books.reverse(ref)) == {"prior_year"}
    assert refused_codes(lambda: books.reverse(ref, on=date(2024, 5, 7))) == {"before_original"}
    books.reverse(ref, on=date(2024, 12, 31))
    assert books.trial() == {}


def test_a_correction_is_never_dated_before_what_it_corrects(books: Books) -> None:
    """Else the books would have shown less than nothing in between."""
    ref = books.post(petty(date=date(2025, 3, 10))).ref
    for day in (date(2025, 3, 9), date(2024, 12, 31)):
        assert "before_original" in refused_codes(lambda day=day: books.amend(ref, petty(1, date=day)))  # type: ignore[misc]
    assert refused_codes(lambda: books.reverse(ref, on=date(2025, 3, 9))) == {"before_original"}


def test_a_reversal_obeys_the_closed_months_and_the_calendar(books: Books) -> None:
    ref = books.post(petty(date=date(2024, 1, 10))).ref
    with pytest.raises(Refused):
        books.close(202402)
    books.close(202401)
    assert refused_codes(lambda: books.reverse(ref, on=date(2024, 1, 31))) == {"period_closed"}
    assert refused_codes(lambda: books.reverse(ref, on=date(2024, 7, 1), today=date(2024, 6, 1))) == {
        "future_date"
    }
    books.reverse(ref, on=date(2024, 2, 1))


def test_what_is_not_there_cannot_be_corrected(books: Books) -> None:
    for ref in ("A-2025-000001", "A-2025-1", "nonsense", "M-2025-000001", "a-2025-000001"):
        with pytest.raises(Unanswerable):
            books.reverse(ref)
        with pytest.raises(Unanswerable):
            books.amend(ref, petty())


def test_the_reason_of_a_reversal_is_public_and_so_must_not_tell_of_people(books: Books) -> None:
    ref = books.post(petty()).ref
    assert refused_codes(lambda: books.reverse(ref, reason="退 13800138000")) == {"private_data"}


# --- Differences --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("right", [120_00, 80_00])
def test_a_wrong_amount_is_booked_as_its_difference_blue_or_red(books: Books, right: int) -> None:
    ref = books.post(invoice(100_00)).ref
    (posted,) = books.amend(ref, invoice(right))
    difference = books.stored(posted.ref)
    assert difference.draft.event == "E26c"
    assert [x.amount for x in difference.draft.lines] == [right - 100_00] * 2
    assert difference.amends == books.stored(ref).seq
    assert difference.draft.summary.startswith(f"订正2025年3月10日{ref}号凭证")
    assert books.balance("500501") == right


def test_each_further_difference_counts_from_what_the_books_say_by_then(books: Books) -> None:
    ref = books.post(invoice(100_00)).ref
    for right in (120_00, 70_00, 71_00):
        books.amend(ref, invoice(right))
        assert books.balance("500501") == right


def test_a_difference_that_was_itself_reversed_no_longer_counts(books: Books) -> None:
    ref = books.post(invoice(100_00)).ref
    (first,) = books.amend(ref, invoice(120_00))
    books.reverse(first.ref)
    assert books.balance("500501") == 100_00
    books.amend(ref, invoice(130_00))
    assert books.balance("500501") == 130_00


def test_an_amended_entry_is_reversed_only_after_its_differences(books: Books) -> None:
    ref = books.post(invoice(100_00)).ref
    (difference,) = books.amend(ref, invoice(120_00))
    with pytest.raises(Refused) as refused:
        books.reverse(ref)
    assert refused.value.codes == {"amended_before"}
    assert difference.ref in str(refused.value), "the remedy names the entry to reverse first"
    books.reverse(difference.ref)
    books.reverse(ref)
    assert books.trial() == {}


def test_after_a_difference_a_wrong_account_waits_for_its_reversal_and_then_goes(books: Books) -> None:
    ref = books.post(invoice(100_00)).ref
    (difference,) = books.amend(ref, invoice(120_00))
    right = invoice(120_00, "500502")
    assert refused_codes(lambda: books.amend(ref, right)) == {"amended_before"}
    books.reverse(difference.ref)
    books.amend(ref, right)
    assert (books.balance("500501"), books.balance("500502")) == (0, 120_00)


def test_a_difference_is_not_amended_itself(books: Books) -> None:
    ref = books.post(invoice(100_00)).ref
    (difference,) = books.amend(ref, invoice(120_00))
    assert refused_codes(lambda: books.amend(difference.ref, invoice(130_00))) == {"amendment_of_amendment"}


def test_without_a_difference_there_is_nothing_to_amend(books: Books) -> None:
    ref = books.post(invoice(100_00)).ref
    assert refused_codes(lambda: books.amend(ref, invoice(100_00))) == {"nothing_to_amend"}


def test_an_amendment_must_pass_every_rule_the_entry_would_have_to(books: Books) -> None:
    ref = books.post(invoice(100_00)).ref
    for wrong, code in (
        (invoice(120_00, references={}), "gate_contract"),
        (changed(invoice(120_00), documents=()), "missing_document"),
        (with_line(invoice(120_00), 1, amount=1), "unbalanced"),
        (invoice(-120_00), "negative_amount"),
        (changed(invoice(120_00), event="E26b"), "reserved_event"),
        (invoice(120_00, key="\x00"), "bad_character"),
        (with_line(invoice(120_00), 2, vendor="V9"), "unknown_dimension"),
    ):
        assert code in refused_codes(lambda wrong=wrong: books.amend(ref, wrong))  # type: ignore[misc]
    assert books.check_log() == 1


def test_an_amendment_does_not_move_an_entry_to_the_other_book(books: Books) -> None:
    ref = books.post(petty()).ref
    assert "wrong_book" in refused_codes(lambda: books.amend(ref, contribution()))


# --- Red and blue -------------------------------------------------------------------------------------------


def test_a_wrong_account_is_cancelled_in_red_and_booked_in_blue(books: Books) -> None:
    original = books.stored(books.post(invoice(100_00)).ref)
    red, blue = (books.stored(p.ref) for p in books.amend(original.ref, invoice(100_00, "500502")))
    assert (red.reverses, blue.amends) == (original.seq, original.seq)
    assert (red.draft.event, blue.draft.event) == ("E26a", "E26b")
    assert all(x.amount < 0 for x in red.draft.lines)
    assert all(x.amount > 0 for x in blue.draft.lines)
    assert red.number + 1 == blue.number
    assert (books.balance("500501"), books.balance("500502"), books.balance("220201")) == (0, 100_00, -100_00)


def test_a_blue_entry_may_be_wrong_again_and_is_corrected_like_any_other(books: Books) -> None:
    ref = books.post(invoice(100_00)).ref
    _, blue = books.amend(ref, invoice(100_00, "500502"))
    (_,) = books.amend(blue.ref, invoice(110_00, "500502"))
    assert books.balance("500502") == 110_00


# --- Households ---------------------------------------------------------------------------------------------


def test_a_charge_run_is_put_right_household_by_household(books: Books) -> None:
    ref = books.post(fee_charge([("1-101", 100_00), ("1-102", 200_00)])).ref
    books.amend(ref, fee_charge([("1-101", 100_00), ("1-102", 250_00), ("2-201", 70_00)]))
    assert by_unit(books, "112201") == {"1-101": 100_00, "1-102": 250_00, "2-201": 70_00}
    assert books.balance("112201") == 420_00


def test_a_household_left_out_of_a_corrected_run_owes_nothing(books: Books) -> None:
    ref = books.post(fee_charge([("1-101", 100_00), ("1-102", 200_00)])).ref
    books.amend(ref, fee_charge([("1-102", 200_00)]))
    assert by_unit(books, "112201") == {"1-102": 200_00}


@pytest.mark.parametrize("day", [LAST_YEAR, date(2025, 3, 10)], ids=["last year", "this year"])
def test_a_charge_moved_between_households_is_put_right_though_its_total_stands(
    books: Books, day: date
) -> None:
    ref = books.post(fee_charge([("1-101", 100_00), ("1-102", 200_00)], date=day)).ref
    books.amend(ref, fee_charge([("1-101", 200_00), ("1-102", 100_00)]))
    assert by_unit(books, "112201") == {"1-101": 200_00, "1-102": 100_00}
    assert books.balance("112201") == 300_00


def test_money_of_the_maintenance_fund_moves_between_households_of_last_year(books: Books) -> None:
    ref = books.post(contribution([("1-101", 100_00), ("1-102", 200_00)], date=LAST_YEAR)).ref
    books.close_year(2024, "M")
    (posted,) = books.amend(ref, contribution([("1-102", 300_00)]))
    assert all(x.amount > 0 for x in books.stored(posted.ref).draft.lines), "in blue letters"
    assert by_unit(books, "3001", "M") == {"1-102": -300_00}
    assert books.trial(book="M") == {("1001", "M"): 300_00, ("3001", "M"): -300_00}


# --- Earlier years ------------------------------------------------------------------------------------------


def test_income_of_an_earlier_year_is_put_right_through_3201_in_blue(books: Books) -> None:
    ref = books.post(fee_charge([("1-101", 100_00), ("1-102", 200_00)], date=LAST_YEAR)).ref
    books.close_year(2024)
    (posted,) = books.amend(ref, fee_charge([("1-101", 60_00), ("1-102", 200_00)]))
    entry = books.stored(posted.ref)
    assert entry.draft.event == "E26d"
    assert [(x.side, x.account, x.amount) for x in entry.draft.lines] == [
        ("C", "112201", 40_00),
        ("D", "3201", 40_00),
    ]
    assert by_unit(books, "112201") == {"1-101": 60_00, "1-102": 200_00}
    assert books.trial() == {("112201", "F1"): 260_00, ("3001", "F1"): -300_00, ("3201", "F1"): 40_00}


def test_a_run_with_income_of_two_kinds_nets_into_one_3201_line(books: Books) -> None:
    def run(fee: int, parking: int) -> Draft:
        details = (Detail("1-101", fee + parking),)
        lines = [
            line("D", "112201", fee + parking, details=details),
            line("C", "400101", fee, details=(Detail("1-101", fee),)),
            line("C", "4002", parking),
        ]
        return draft("E01", lines, "charge_list", references={"fee_standard": "2025版"})

    ref = books.post(changed(run(100_00, 50_00), date=LAST_YEAR)).ref
    books.amend(ref, run(90_00, 20_00))
    assert books.balance("3201") == 40_00


def test_an_error_between_two_expenses_of_an_earlier_year_moves_no_money(books: Books) -> None:
    ref = books.post(invoice(100_00, date=LAST_YEAR)).ref
    assert refused_codes(lambda: books.amend(ref, invoice(100_00, "500502"))) == {"no_effect"}


def test_an_earlier_year_is_amended_again_after_the_first_amendment_was_reversed(books: Books) -> None:
    ref = books.post(invoice(100_00, date=LAST_YEAR)).ref
    (first,) = books.amend(ref, invoice(120_00))
    with pytest.raises(Refused) as refused:
        books.amend(ref, invoice(130_00))
    assert refused.value.codes == {"amended_before"}
    assert first.ref in str(refused.value)
    books.reverse(first.ref)
    books.amend(ref, invoice(130_00))
    assert books.balance("220201") == -130_00
    assert books.balance("3201") == 30_00


def test_a_bank_account_mistaken_last_year_is_put_right_without_touching_the_result(books: Books) -> None:
    wrong = draft(
        "E20", [line("D", "5015", 80_00, "F2"), cash("C", 80_00, "F2")], "cost_proof", date=LAST_YEAR
    )
    owed = line("C", "220201", 80_00, "F2", vendor="V1", contract="C1")
    ref = books.post(wrong).ref
    books.amend(ref, draft("E20", [line("D", "5015", 80_00, "F2"), owed], "cost_proof"))
    assert books.trial() == {("5015", "F2"): 80_00, ("220201", "F2"): -80_00}


# --- As if it had been right from the start -----------------------------------------------------------------

_trusts = count(50_001)
amounts = st.integers(1, 10**6)
households = st.lists(st.sampled_from(["1-101", "1-102", "2-201"]), min_size=1, max_size=3, unique=True)


@st.composite
def charges(draw: st.DrawFn) -> Draft:
    return fee_charge([(unit, draw(amounts)) for unit in draw(households)])


@st.composite
def bills(draw: st.DrawFn) -> Draft:
    made = invoice(draw(amounts), draw(st.sampled_from(["500501", "500502", "5003"])))
    if draw(st.booleans()):
        held = draw(st.integers(1, 5_00))
        lines = (
            with_line(made, 1, amount=made.total + held).lines[0],
            made.lines[1],
            line("C", "220202", held, vendor="V1", contract="C1"),
        )
        made = changed(made, lines=lines)
    return made


receipts = st.builds(fee_receipt, amounts, st.sampled_from(["1-101", "1-102"]))
earned = st.builds(interest, amounts, st.sampled_from(["F1", "F2", "F5"]))
versions = st.one_of(
    *(st.lists(kind, min_size=2, max_size=4) for kind in (charges(), bills(), receipts, earned))
)


@pytest.mark.parametrize("from_year", [2024, 2025])
def test_amended_books_equal_books_that_were_right_from_the_start(
    shared_engine: Callable[[Kind], Engine], db_kind: Kind, from_year: int
) -> None:
    """Whatever was wrong (amount, account, household, fund), however often it was amended.

    An earlier year's income and expense end in 3201 instead of their accounts: there only the balance sheet
    and the sum of all results are as if it had been right.
    """
    engine = shared_engine(db_kind)

    @some(0.5 if db_kind == "sqlite" else 0.1)
    @given(versions=versions)
    def amended_equals_right(versions: list[Draft]) -> None:
        wrong_books, right_books = open_books(engine, next(_trusts)), open_books(engine, next(_trusts))
        amend_step_by_step(wrong_books, changed(versions[0], date=date(from_year, 3, 10)), versions[1:])
        right_books.post(changed(versions[-1], date=date(2025, 3, 10)))
        assert _settled(wrong_books, from_year) == _settled(right_books, from_year)
        assert by_unit(wrong_books, "112201") == by_unit(right_books, "112201")
        wrong_books.check_log()

    amended_equals_right()


def amend_step_by_step(books: Books, first: Draft, later: list[Draft]) -> None:
    """Amend again and again; where an earlier difference stands in the way, do what the refusal says."""
    ref = books.post(first).ref
    standing: list[str] = []
    for version in later:
        try:
            posted = books.amend(ref, version)
        except Refused as refused:
            assert refused.codes <= {"amended_before", "nothing_to_amend", "no_effect"}
            if "nothing_to_amend" in refused.codes or not standing:
                continue  # it is as it should be
            for difference in standing:
                books.reverse(difference)
            standing = []
            try:
                posted = books.amend(ref, version)
            except Refused as again:
                assert again.codes <= {"nothing_to_amend", "no_effect"}
                continue
        last = books.stored(posted[-1].ref)
        if last.draft.event == "E26b":
            ref, standing = last.ref, []
        else:
            standing.append(last.ref)


def _settled(books: Books, year: int) -> dict[Any, int]:
    if year == 2025:
        return books.trial()
    found: dict[Any, int] = {}
    for (account, fund), balance in books.trial().items():
        key = ("result" if account[0] in "345" else account, fund)
        found[key] = found.get(key, 0) + balance
    return {key: balance for key, balance in found.items() if balance}


def test_a_long_summary_can_still_be_amended(books: Books) -> None:
    wrong = books.post(petty(50_00, summary="很长的摘要" * 39))
    (difference,) = books.amend(wrong.ref, petty(60_00, summary="很长的摘要" * 40))
    assert books.stored(difference.ref).draft.summary.startswith("订正")
