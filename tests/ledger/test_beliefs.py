"""An entry posted on the belief that the head is as we left it: one statement when that is true, and when it
is not — another writer, a rollback, another set-up, a closed month — the same outcome as ever."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from threading import Thread
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine

from ledger.chart.store import add_account, close_account
from ledger.errors import Refused
from ledger.journal import driver, post, write_postgresql
from ledger.journal.one_trip import returns_a_row
from ledger.store.engine import open_engine, writing
from tests.ledger.books import TODAY, Books, act, changed, fee_charge, invoice, line, open_books, petty, some

pytestmark = pytest.mark.db("postgresql")


@pytest.fixture
def books(engine: Engine) -> Books:
    opened = open_books(engine, 7)
    opened.post(petty(), today=TODAY)  # set-up and head are known to this process from now on
    return opened


@pytest.fixture
def other(books: Books, database_url: str) -> Iterator[Books]:
    """The same books in another process."""
    engine = open_engine(database_url)
    yield Books(engine, books.trust_id)
    engine.dispose()


@contextmanager
def statements() -> Iterator[list[str]]:
    """What the journal sends meanwhile."""
    kept: list[str] = []
    new_cursor = driver.new_cursor

    class Recording:
        def __init__(self, cursor: Any) -> None:
            self._cursor = cursor

        def execute(self, statement: str, parameters: Any) -> None:
            kept.append(statement.split("(", maxsplit=1)[0])
            self._cursor.execute(statement, parameters)

        def __getattr__(self, name: str) -> Any:
            return getattr(self._cursor, name)

    def entry(conn: Connection, statement: str, *rest: Any) -> bool:
        kept.append(statement.split("(", maxsplit=1)[0])
        return returns_a_row(conn, statement, *rest)

    with (
        patch.object(driver, "new_cursor", lambda connection: Recording(new_cursor(connection))),
        patch.object(write_postgresql, "returns_a_row", entry),
    ):
        yield kept


def rolled_back(books: Books, command: Callable[[Connection], object]) -> None:
    """Do something and think better of it."""

    class ThinkAgain(Exception):
        pass

    with pytest.raises(ThinkAgain), writing(books.engine) as conn:
        command(conn)
        raise ThinkAgain


def test_the_next_entry_takes_one_statement(books: Books) -> None:
    with statements() as sent:
        assert [books.post(petty()).ref for _ in range(3)] == [f"A-2025-{n:06d}" for n in (2, 3, 4)]
    assert sent == ["WITH h AS "] * 3
    assert books.check_log() == 4


def test_several_entries_of_one_transaction_take_one_statement_each(books: Books) -> None:
    with statements() as sent, writing(books.engine) as conn:
        for _ in range(3):
            post(conn, 7, petty(), act())
    assert sent == ["WITH h AS "] * 3
    assert books.check_log() == 4


def test_after_another_process_wrote_the_entry_follows_its_entry(books: Books, other: Books) -> None:
    other.post(petty())
    assert books.post(petty()).ref == "A-2025-000003"
    other.post_many([petty(), petty()])
    assert books.post(petty()).seq == 5
    assert books.check_log() == 6


def test_who_is_not_alone_does_not_guess_in_vain_twice(books: Books, other: Books) -> None:
    guessed, asked = ["WITH h AS "], ["SELECT size, frontier, numbers, closed, setup_version, seq, book, fiscal_year, number, content_hash FROM mz_lock_trust", "WITH h AS "]  # fmt: skip
    for expected in (guessed + asked, asked, asked):
        other.post(petty())
        with statements() as sent:
            books.post(petty())
        assert sent == expected
    with statements() as sent:  # alone again
        books.post(petty())
        books.post(petty())
    assert sent == [*asked, *guessed]
    assert books.check_log() == 9


def test_after_a_rollback_the_place_is_given_again(books: Books) -> None:
    rolled_back(books, lambda conn: post(conn, 7, petty(1), act()))
    again = books.post(petty(2))
    assert (again.seq, again.ref) == (1, "A-2025-000002")
    assert books.check_log() == 2
    assert books.balance("5007") == 50_00 + 2


def test_an_entry_written_where_ours_was_rolled_back_is_not_taken_for_ours(
    books: Books, other: Books
) -> None:
    rolled_back(books, lambda conn: post(conn, 7, petty(1), act()))
    other.post(petty(2))  # the same size and numbers, another leaf
    assert books.post(petty(3)).seq == 2
    assert books.check_log() == 3
    assert books.balance("5007") == 50_00 + 2 + 3


def test_a_key_is_found_whoever_used_it(books: Books, other: Books) -> None:
    mine = books.post(petty(1, key="mine"))
    again = books.post(books.stored(mine.ref).draft)
    assert (again.seq, again.already) == (mine.seq, True)
    theirs = other.post(petty(2, key="theirs"))
    again = books.post(books.stored(theirs.ref).draft)
    assert (again.seq, again.already) == (theirs.seq, True)
    for key in ("mine", "theirs"):
        with pytest.raises(Refused) as refused:
            books.post(petty(3, key=key))
        assert refused.value.codes == {"key_conflict"}
    assert books.check_log() == 3


@pytest.mark.parametrize("commits", [True, False], ids=["commits", "rolls-back"])
@pytest.mark.parametrize("key", ["same", "another"])
def test_who_waits_for_another_writer_goes_by_what_he_did(
    books: Books, other: Books, commits: bool, key: str
) -> None:
    """The statement has begun, and sees the books of that moment, before the other writer ends."""
    draft = petty(1, key="same")
    mine = draft if key == "same" else petty(2, key=key)
    answers: list[Any] = []
    waiting = Thread(target=lambda: answers.append(books.post(mine)))
    conn = other.engine.connect()
    try:
        transaction = conn.begin()
        first = post(conn, 7, draft, act())
        waiting.start()
        waiting.join(0.5)
        assert waiting.is_alive(), "the head is locked"
        transaction.commit() if commits else transaction.rollback()
    finally:
        conn.close()
    waiting.join(30)
    (answer,) = answers
    assert answer.already is (commits and key == "same")
    assert answer.seq == (first.seq + 1 if commits and key == "another" else first.seq)
    assert books.check_log() == (3 if commits and key == "another" else 2)


def test_an_account_that_another_process_added_is_taken_at_once(books: Books, other: Books) -> None:
    with writing(other.engine) as conn:
        add_account(conn, 7, "5005", "500599", "其他维修")
    assert books.post(petty(account="500599")).seq == 1


def test_an_account_that_another_process_closed_is_refused_at_once(books: Books, other: Books) -> None:
    with writing(other.engine) as conn:
        close_account(conn, 7, "A", "5007", date(2025, 1, 1))
    with pytest.raises(Refused) as refused:
        books.post(petty())
    assert refused.value.codes == {"account_closed"}


def test_a_set_up_that_was_rolled_back_is_not_believed(books: Books, other: Books) -> None:
    """Its version number is used again, by a change that says something else."""

    def add_and_post(conn: Connection) -> None:
        add_account(conn, 7, "5005", "500598", "没有了的科目")
        post(conn, 7, petty(account="500598"), act())

    rolled_back(books, add_and_post)
    with writing(other.engine) as conn:
        add_account(conn, 7, "5005", "500599", "其他维修")
    with pytest.raises(Refused) as refused:
        books.post(petty(account="500598"))
    assert refused.value.codes == {"unknown_account"}
    assert books.post(petty(account="500599")).seq == 1


def test_a_month_that_another_process_closed_is_closed(books: Books, other: Books) -> None:
    other.close(202401)
    with pytest.raises(Refused) as refused:
        books.post(petty(date=date(2024, 1, 31)))
    assert refused.value.codes == {"period_closed"}
    assert books.post(petty(date=date(2024, 2, 1))).ref == "A-2024-000001"


def test_what_needs_more_than_the_head_is_asked_under_the_lock(books: Books) -> None:
    for draft in (invoice(number="25111"), fee_charge(), _many_lines()):
        with statements() as sent:
            books.post(draft)
        assert sent[0].startswith("SELECT size"), draft.event
    with pytest.raises(Refused) as refused:
        books.post(invoice(number="25111"))
    assert refused.value.codes == {"duplicate_invoice"}
    assert books.check_log() == 4


STEPS = st.lists(st.tuples(st.booleans(), st.sampled_from(["post", "undo", "both", "add", "undo add"])), max_size=12)  # fmt: skip


@settings(some(0.3), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_whatever_two_processes_do_in_turn_the_books_are_whole(
    new_books: Callable[..., Books], steps: list[tuple[bool, str]]
) -> None:
    """Posting, thinking better of it, and changing the set-up, by either process, in any order.

    Every example opens a trust of its own.
    """
    first = new_books()
    second = Books(open_engine(first.engine.url.render_as_string(hide_password=False)), first.trust_id)
    trust, total, entries, accounts = first.trust_id, 0, 0, 0

    def add(conn: Connection) -> None:
        add_account(conn, trust, "5005", f"5005{60 + accounts}", "其他维修")

    try:
        for number, (mine, step) in enumerate(steps, start=1):
            books = first if mine else second
            if step == "undo":
                rolled_back(books, lambda conn: post(conn, trust, petty(1000), act()))
            elif step == "add":
                with writing(books.engine) as conn:
                    add(conn)
                accounts += 1
            elif step == "undo add":
                rolled_back(books, lambda conn: (add(conn), post(conn, trust, petty(1000), act())))
            else:
                account = f"5005{59 + accounts}" if accounts else "5007"
                with writing(books.engine) as conn:
                    for _ in range(2 if step == "both" else 1):
                        assert post(conn, trust, petty(number, account=account), act()).seq == entries
                        total, entries = total + number, entries + 1
            assert first.check_log() == entries
        assert first.balance("122101") == -total
    finally:
        second.engine.dispose()


def _many_lines() -> Any:
    parts = [line("D", "5007", 1) for _ in range(8)]
    return changed(petty(8), lines=(*parts, line("C", "122101", 8, party="STAFF")))
