"""What a line has left: budgeted, less booked, less waiting; never more is taken than there is."""

from __future__ import annotations

import threading
from datetime import date, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from ledger.budget.available import funds_in_force
from ledger.errors import Refused
from ledger.journal import Draft
from ledger.store.engine import open_engine, reading, writing
from ledger.work import Work, prepare, send_back, withdraw
from tests.budget.desk import (
    IN_FORCE,
    LIFT,
    OFFICE,
    agree,
    approve,
    ask,
    budget_books,
    drafted,
    in_force,
    left,
    noticed,
    spending,
)
from tests.ledger.books import Books, act, cash, changed, draft, invoice, line, payment, petty, some
from tests.servers import Databases
from tests.work.people import ACCOUNTANT, CHECKER


@pytest.fixture
def books(engine: Engine) -> Books:
    books = budget_books(engine)
    in_force(books)
    return books


def figures(books: Books, code: str = LIFT) -> tuple[int, int, int, int]:
    line = left(books, code)
    return line.budgeted, line.encumbered, line.actual, line.left


def test_a_request_takes_from_its_line_while_it_waits_and_when_it_is_booked(books: Books) -> None:
    assert figures(books) == (1_000_00, 0, 0, 1_000_00)
    no = ask(books, 300_00)
    assert figures(books) == (1_000_00, 300_00, 0, 700_00)
    agree(books, no)
    assert figures(books) == (1_000_00, 0, 300_00, 700_00)
    assert figures(books, OFFICE) == (200_00, 0, 0, 200_00)


def test_what_is_sent_back_or_withdrawn_takes_nothing(books: Books) -> None:
    first, second = ask(books, 300_00), ask(books, 400_00)
    with writing(books.engine) as conn:
        send_back(conn, books.trust_id, first, CHECKER, act(IN_FORCE), "缺验收单")
        withdraw(conn, books.trust_id, second, ACCOUNTANT, act(IN_FORCE))
    assert figures(books) == (1_000_00, 0, 0, 1_000_00)


def test_above_what_is_left_is_refused_and_told_what_to_do(books: Books) -> None:
    ask(books, 300_00)
    with pytest.raises(
        Refused, match=r"还剩 700.00 元，这笔 700.01 元，超出 0.01 元；请先申请预算调整"
    ) as refused:
        ask(books, 700_01)
    assert refused.value.codes == {"over_budget"}
    agree(books, ask(books, 700_00))
    assert left(books).left == 300_00 - 300_00


def test_the_last_fen_may_be_spent_and_is_booked_although_its_own_claim_waits(books: Books) -> None:
    no = ask(books, 1_000_00)
    assert left(books).left == 0
    agree(books, no)
    assert figures(books) == (1_000_00, 0, 1_000_00, 0)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"budget_line": ""}, "gate_budget_line"),
        ({"budget_line": "2025-F1-77"}, "budget_line_unknown"),
        ({"budget_line": "B-01"}, "budget_line_unknown"),
        ({"budget_line": "2025-F1-I01"}, "budget_line_unknown"),
        ({"budget_line": OFFICE}, "budget_account"),
    ],
)
def test_no_line_or_a_line_that_does_not_fit_is_refused(
    books: Books, changes: dict[str, str], code: str
) -> None:
    with pytest.raises(Refused) as refused:
        ask(books, 10_00, **changes)
    assert refused.value.codes == {code}


def test_a_line_of_another_year_is_refused(books: Books) -> None:
    with pytest.raises(Refused, match="是 2025 年的") as refused:
        books.post(
            invoice(10_00, date=date(2026, 1, 5), references={"contract": "C1", "budget_line": LIFT}),
            today=date(2026, 1, 5),
        )
    assert "budget_year" in refused.value.codes


def test_before_the_budget_takes_effect_nothing_is_asked_for(engine: Engine) -> None:
    books = budget_books(engine)
    books.post(invoice(10_00))
    in_force(books)
    books.post(invoice(20_00))  # of March: the budget is in force since July
    assert left(books).actual == 0


def test_a_red_letter_gives_back_what_was_taken(books: Books) -> None:
    named = {"contract": "C1", "budget_line": LIFT}
    ref = books.post(invoice(300_00, date=IN_FORCE, references=named), today=IN_FORCE).ref
    assert left(books).left == 700_00
    books.reverse(ref, on=IN_FORCE, today=IN_FORCE)
    assert figures(books) == (1_000_00, 0, 0, 1_000_00)


def test_paying_an_invoice_takes_nothing_again(books: Books) -> None:
    agree(books, ask(books, 300_00))
    books.post(payment(300_00, date=IN_FORCE, references={"budget_line": LIFT}), today=IN_FORCE)
    assert left(books).actual == 300_00


def test_several_entries_of_one_request_are_counted_together(books: Books) -> None:
    named = {"budget_line": OFFICE}
    drafts = [petty(150_00, date=IN_FORCE, references=named), petty(51_00, date=IN_FORCE, references=named)]
    with pytest.raises(Refused, match=r"还剩 50.00 元") as refused:
        books.post_many(drafts, today=IN_FORCE)
    assert refused.value.codes == {"over_budget"}


def test_an_adjustment_replaces_what_was_budgeted_and_keeps_what_was_taken(books: Books) -> None:
    agree(books, ask(books, 900_00))
    key = noticed(
        books,
        [spending(yuan=1_500, code=LIFT), spending("办公费", 100, accounts=("5007",), code=OFFICE)],
        reason="电梯大修增加",
        overrun="动用历年结余",
        on=IN_FORCE,
    )
    assert left(books).left == 100_00
    approve(books, key, on=IN_FORCE + timedelta(days=16))
    assert figures(books) == (1_500_00, 0, 900_00, 600_00)


def test_an_adjustment_cannot_go_below_what_is_used(books: Books) -> None:
    ask(books, 900_00)
    with pytest.raises(Refused, match=r"已经用了 900.00 元（含在途单据）") as refused:
        noticed(books, [spending(yuan=899, code=LIFT)], reason="压缩", overrun="结余", on=IN_FORCE)
    assert refused.value.codes == {"below_used"}


def test_funds_with_a_budget_are_told(books: Books) -> None:
    drafted(books, [spending("活动", 10, accounts=("5010",))], fund="F2")
    with reading(books.engine) as conn:
        assert funds_in_force(conn, books.trust_id) == {("F1", 2025)}
        assert funds_in_force(conn, books.trust_id, IN_FORCE - timedelta(days=1)) == set()


def test_of_many_at_once_only_what_fits_gets_through(books: Books) -> None:
    """Ten people ask for 150.00 each of a line of 1,000.00 in the same moment: six get it."""
    start, outcomes = threading.Barrier(10), []

    def somebody() -> None:
        start.wait()
        try:
            outcomes.append(ask(books, 150_00))
        except Refused as error:
            outcomes.append(next(iter(error.codes)))

    threads = [threading.Thread(target=somebody) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(str, outcomes)).count("over_budget") == 4
    assert figures(books) == (1_000_00, 900_00, 0, 100_00)
    for no in [outcome for outcome in outcomes if isinstance(outcome, int)]:
        agree(books, no)
    assert figures(books) == (1_000_00, 0, 900_00, 100_00)


def test_entries_posted_at_once_and_requests_share_what_is_left(books: Books) -> None:
    """Half of the ten ask by work that waits, half post their entry directly."""
    start, outcomes = threading.Barrier(10), []
    named = {"contract": "C1", "budget_line": LIFT}

    def somebody(no: int) -> None:
        start.wait()
        try:
            if no % 2:
                ask(books, 150_00)
            else:
                books.post(invoice(150_00, date=IN_FORCE, references=named), today=IN_FORCE)
            outcomes.append("taken")
        except Refused as error:
            outcomes.append(next(iter(error.codes)))

    threads = [threading.Thread(target=somebody, args=(no,)) for no in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes.count("taken") == 6, outcomes
    line = left(books)
    assert (line.encumbered + line.actual, line.left) == (900_00, 100_00)


def test_a_line_that_was_cut_is_not_spent_by_an_entry_of_an_earlier_day(books: Books) -> None:
    """What holds today decides, not what held on the entry's business date."""
    agree(books, ask(books, 300_00))
    key = noticed(books, [spending(code=LIFT, yuan=500)], reason="压缩开支", overrun="结余", on=IN_FORCE)
    later = IN_FORCE + timedelta(days=16)
    approve(books, key, on=later)
    named = {"contract": "C1", "budget_line": LIFT}
    with pytest.raises(Refused, match=r"还剩 200.00 元"):
        books.post(invoice(600_00, date=IN_FORCE, references=named), today=later)
    books.post(invoice(200_00, date=IN_FORCE, references=named), today=later)
    assert left(books).left == 0


def test_shared_revenue_pays_its_costs_by_its_own_budget(books: Books) -> None:
    lines = [spending("广告位维护", 100, accounts=("5015",))]
    in_force(books, lines, fund="F2", overrun="由结余支付")
    cost = [line("D", "5015", 80_00, "F2"), cash("C", 80_00, "F2")]
    for code, wanted in (("", "gate_budget_line"), (LIFT, "budget_fund"), ("2025-F2-01", "")):
        named = {"budget_line": code} if code else {}
        made = draft("E20", cost, "cost_proof", date=IN_FORCE, references=named)
        if not wanted:
            books.post(made, today=IN_FORCE)
            continue
        with pytest.raises(Refused) as refused:
            books.post(made, today=IN_FORCE)
        assert refused.value.codes == {wanted}
    assert left(books, "2025-F2-01").left == 20_00


def test_an_amendment_takes_only_what_it_adds(books: Books) -> None:
    named = {"contract": "C1", "budget_line": LIFT}
    made = invoice(900_00, date=IN_FORCE, references=named)
    ref = books.post(made, today=IN_FORCE).ref
    for fen, key in ((1_000_00, "more"), (400_00, "less")):
        books.amend(ref, with_amount(made, fen, key), today=IN_FORCE)
        assert left(books).actual == fen
    with pytest.raises(Refused, match=r"还剩 1,000.00 元"):
        books.amend(ref, with_amount(made, 1_000_01, "beyond"), today=IN_FORCE)


def test_waiting_amendments_take_only_what_they_add(books: Books) -> None:
    named = {"contract": "C1", "budget_line": LIFT}
    made = invoice(900_00, date=IN_FORCE, references=named)
    ref = books.post(made, today=IN_FORCE).ref
    with writing(books.engine) as conn:
        work = Work(kind="amendment", title="订正", amends=ref, drafts=(with_amount(made, 950_00, "more"),))
        prepare(conn, books.trust_id, work, ACCOUNTANT, act(IN_FORCE))
    assert figures(books) == (1_000_00, 50_00, 900_00, 50_00)


def test_putting_an_earlier_year_right_takes_from_no_line(books: Books) -> None:
    made = invoice(70_00, date=date(2024, 5, 1))
    ref = books.post(made).ref
    books.close_year(2024)
    books.amend(ref, with_amount(changed(made, date=IN_FORCE), 90_00, "later"), today=IN_FORCE)
    assert left(books).actual == 0


def with_amount(made: Draft, fen: int, key: str) -> Draft:
    lines = tuple(msgspec.structs.replace(line, amount=fen) for line in made.lines)
    return changed(made, lines=lines, key=key)


STEPS = st.lists(
    st.tuples(st.sampled_from(["ask", "agree", "back", "post", "reverse"]), st.integers(1, 500_00)),
    max_size=14,
)


@pytest.mark.db("sqlite")
@some(0.4)
@given(steps=STEPS)
def test_left_is_always_what_a_bookkeeper_would_reckon_and_never_negative(
    databases: Databases, steps: list[tuple[str, int]]
) -> None:
    with databases.database("sqlite") as fresh:
        engine = open_engine(fresh.url)
        check_line(engine, steps)
        engine.dispose()


def check_line(engine: Engine, steps: list[tuple[str, int]]) -> None:
    books = budget_books(engine)
    in_force(books)
    waiting: dict[int, int] = {}
    booked: list[tuple[str, int]] = []
    named = {"contract": "C1", "budget_line": LIFT}
    for what, amount in steps:
        free = 1_000_00 - sum(waiting.values()) - sum(fen for _, fen in booked)
        if what in ("ask", "post") and amount > free:
            with pytest.raises(Refused, match="超出"):
                ask(books, amount)
        elif what == "ask":
            waiting[ask(books, amount)] = amount
        elif what == "post":
            made = invoice(amount, date=IN_FORCE, references=named)
            booked.append((books.post(made, today=IN_FORCE).ref, amount))
        elif what == "agree" and waiting:
            no, fen = waiting.popitem()
            agree(books, no)
            assert left(books).actual == fen + sum(fen for _, fen in booked)
            booked.append(("", fen))
        elif what == "back" and waiting:
            no, _ = waiting.popitem()
            with writing(books.engine) as conn:
                send_back(conn, books.trust_id, no, CHECKER, act(IN_FORCE), "重来")
        elif what == "reverse" and booked and booked[-1][0]:
            ref, _ = booked.pop()
            books.reverse(ref, on=IN_FORCE, today=IN_FORCE)
        line = left(books)
        assert line.encumbered == sum(waiting.values())
        assert line.actual == sum(fen for _, fen in booked)
        assert line.left >= 0
