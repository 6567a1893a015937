"""A line that confirms what the books have already gets no entry of its own."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import Engine, select

from ledger.bank.accepting import Pick
from ledger.errors import Refused
from ledger.journal import Document, Draft
from ledger.store.engine import reading
from ledger.store.tables import bank_match, entry
from tests.bank.desks import proposed, take
from tests.bank.test_importing import bank, bring, count, match, paid, statement
from tests.ledger.books import Books, changed, draft, line, payment, with_line


def own_payment(amount: int = 800_00, day: int = 12, who: str = "电梯公司", number: str = "") -> Draft:
    """A payment the cashier made and posted before the bank's line came."""
    made = with_line(payment(amount), 2, bank_account="F1-NEW")
    paper = Document("payment_order", "付款单", number=number)
    return changed(made, date=date(2025, 3, day), counterparty=who, documents=(*made.documents, paper))


def rules(books: Books) -> list[str]:
    with reading(books.engine) as conn:
        return list(conn.execute(select(bank_match.c.rule)).scalars())


def brought(
    books: Books, amount: int = -800_00, day: int = 14, who: str = "电梯公司", number: str = "X1"
) -> int:
    """Import one line; how many lines were confirmed by that alone."""
    return bring(books, statement(paid(day, amount, who, "维保", number), opening=2_000_00)).confirmed


def test_a_payment_of_ours_is_confirmed_on_import_without_a_new_entry(engine: Engine) -> None:
    books = bank(engine)
    books.post(own_payment())
    before = count(books, entry)
    assert brought(books) == 1
    assert rules(books) == ["confirms"]
    assert match(books).by_rule == {}
    assert count(books, entry) == before


def test_the_bank_s_receipt_number_decides_where_names_differ(engine: Engine) -> None:
    books = bank(engine)
    books.post(own_payment(who="电梯公司", number="HD-1"))
    books.post(own_payment(who="另一家", number="HD-2"))
    assert brought(books, who="银行里的写法", number="HD-2") == 1
    with reading(engine) as conn:
        seq = conn.execute(select(bank_match.c.seq)).scalar_one()
        assert conn.execute(select(entry.c.counterparty).where(entry.c.seq == seq)).scalar_one() == "另一家"


def test_two_alike_are_left_to_a_person(engine: Engine) -> None:
    books = bank(engine)
    first = books.post(own_payment())
    books.post(own_payment(day=13))
    before = count(books, entry)
    assert brought(books) == 0
    result = match(books)
    assert len(result.left) == 1, "no rule may book it a second time"
    assert count(books, entry) == before
    (item,) = proposed(books)
    alike = [choice for choice in item.choices if choice.seq is not None]
    assert [choice.id for choice in alike] == ["confirms:1", "confirms:0"], "the nearest day first"
    assert not any(choice.sure for choice in alike)
    done = take(books, Pick("F1-NEW", item.line.line_key, f"confirms:{first.seq}"))
    assert (done.confirmed, done.prepared) == (1, None)
    assert rules(books) == ["confirms:by-hand"]


def test_the_same_amount_without_name_or_number_is_only_suggested(engine: Engine) -> None:
    books = bank(engine)
    books.post(own_payment())
    assert brought(books, who="") == 0
    (item,) = proposed(books)
    assert item.best is not None
    assert item.best.id == "confirms:0"
    assert "A-2025-000001" in item.best.title


@pytest.mark.parametrize(("day", "expected"), [(22, 1), (23, 0)])
def test_only_some_days_apart(engine: Engine, day: int, expected: int) -> None:
    books = bank(engine)
    books.post(own_payment(day=12))
    assert brought(books, day=day) == expected


def test_the_days_are_a_setting(engine: Engine) -> None:
    books = bank(engine, bank_confirm_days=1)
    books.post(own_payment(day=12))
    assert brought(books, day=14) == 0


def test_other_accounts_other_amounts_and_cancelled_entries_confirm_nothing(engine: Engine) -> None:
    books = bank(engine)
    books.post(payment(800_00, date=date(2025, 3, 12), counterparty="电梯公司"))
    books.post(own_payment(800_01))
    gone = books.post(own_payment())
    books.reverse(gone.ref, on=date(2025, 3, 13))
    assert brought(books) == 0
    assert proposed(books)[0].choices == ()


def test_money_taken_at_the_counter_is_not_booked_again(engine: Engine) -> None:
    books = bank(engine)
    lines = [
        line("D", "100201", 200_00, bank_account="F1-NEW"),
        line("C", "220301", 200_00, unit="03-2-1201"),
    ]
    books.post(draft("E04a", lines, "receipt", date=date(2025, 3, 11)))
    bring(books, statement(paid(12, 200_00)))
    assert [left.amount for left in match(books).left] == [200_00]
    assert books.balance("220301") == -200_00


def test_a_line_cannot_be_linked_to_just_any_entry(engine: Engine) -> None:
    books = bank(engine)
    books.post(own_payment(700_00))
    brought(books)
    (item,) = proposed(books)
    with pytest.raises(Refused, match="已经变了"):
        take(books, Pick("F1-NEW", item.line.line_key, "confirms:0"))
    assert rules(books) == []


def test_after_an_amendment_the_line_finds_the_new_entry(engine: Engine) -> None:
    books = bank(engine)
    posted = books.post(own_payment())
    brought(books)
    right = changed(own_payment(), event="E12a", lines=(
        line("D", "1123", 800_00, vendor="V1", contract="C1"), own_payment().lines[1],
    ), date=date(2025, 3, 20))  # fmt: skip
    books.amend(posted.ref, right)
    (item,) = proposed(books)
    assert item.best is not None
    assert item.best.id.startswith("confirms:")
