"""The default charts are sound, and a trust's own chart only ever grows."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.exc import DBAPIError

from ledger.balances import account_totals, resolve_clock
from ledger.chart import (
    FUNDS,
    Account,
    account_class_name,
    add_account,
    close_account,
    load_chart,
    load_default_chart,
)
from ledger.errors import Refused
from ledger.journal import post
from ledger.store.engine import open_engine, reading, writing
from ledger.store.tables import DIMENSIONS
from tests.ledger.books import TODAY, Books, act, line, open_books, petty, with_line
from tests.servers import Database

CHART = load_default_chart()
ACCOUNTS = list(CHART)


def test_book_a_has_98_accounts_and_cash_at_the_counter_and_book_m_16() -> None:
    assert len([account for account in CHART.of_book("A") if account.code != "101204"]) == 98
    assert len(CHART.of_book("M")) == 16
    assert len(ACCOUNTS) == 99 + 16, "no account appears twice"


def test_accounts_of_a_book_come_in_the_order_of_their_codes() -> None:
    codes = [account.code for account in CHART.of_book("A")]
    assert codes == sorted(set(codes))


@pytest.mark.parametrize("account", ACCOUNTS, ids=lambda a: f"{a.book}{a.code}")
def test_every_account_fits_its_place(account: Account) -> None:
    below = [a for a in CHART.of_book(account.book) if a.parent == account.code]
    assert account.leaf is not bool(below), "a leaf has nothing below it, a group has"
    assert account.class_ in "ALNIE"
    assert account.side in ("D", "C")
    assert account.funds
    assert {FUNDS[fund].book for fund in account.funds} == {account.book}
    assert set(account.dimensions) <= set(DIMENSIONS)
    assert account.code.isascii()
    assert account.code.isdigit()
    if account.parent:
        parent = CHART[account.book, account.parent]
        assert account.code.startswith(parent.code)
        assert account.class_ == parent.class_
        assert set(account.funds) <= set(parent.funds)
    else:
        assert len(account.code) == 4


def test_class_and_code_agree_as_in_the_national_charts() -> None:
    first_digit = {"1": "A", "2": "L", "3": "N", "4": "I", "5": "E"}
    assert all(first_digit[account.code[0]] == account.class_ for account in ACCOUNTS)


def test_only_contra_accounts_have_the_other_side() -> None:
    usual = {"A": "D", "E": "D", "L": "C", "N": "C", "I": "C"}
    contra = {account.code for account in ACCOUNTS if account.side != usual[account.class_]}
    assert contra == {"1602", "400190"}


def test_every_fund_has_its_bank_account_and_knows_where_its_result_goes() -> None:
    for fund in FUNDS.values():
        cash = [
            a for a in CHART.of_book(fund.book) if a.funds == (fund.code,) and "bank_account" in a.dimensions
        ]
        assert len(cash) == 1
        if fund.result_account:
            result = CHART[fund.book, fund.result_account]
            assert (result.class_, result.funds) == ("N", (fund.code,))
        else:
            assert not [a for a in ACCOUNTS if a.class_ in "IE" and fund.code in a.funds], "held for others"


def test_a_path_names_the_account_from_the_top() -> None:
    assert CHART.path("A", "500601") == "公共能耗/公共用电"
    assert CHART.path("A", "5001") == "人员费用"
    assert CHART.path("A", "9999") == ""
    assert account_class_name("N") == "净资产"


def test_a_new_trust_gets_the_default_charts(books: Books) -> None:
    with reading(books.engine) as conn:
        mine = load_chart(conn, books.trust_id)
    assert sorted(map(repr, mine)) == sorted(map(repr, CHART))


def test_an_added_leaf_inherits_from_its_group_and_takes_postings(books: Books) -> None:
    with writing(books.engine) as conn:
        added = add_account(conn, books.trust_id, "5005", "500507", "外墙清洗")
    assert (added.class_, added.side, added.funds, added.leaf) == ("E", "D", ("F1",), True)
    books.post(petty(50_00, "500507"))
    assert books.balance("500507") == 50_00


@pytest.mark.parametrize(
    ("parent", "code", "refusal"),
    [
        ("9999", "999901", "unknown_account"),
        ("5001", "500101", "leaf_parent"),
        ("5005", "5005", "bad_code"),
        ("5005", "500601", "bad_code"),
        ("5005", "50050x", "bad_code"),
        ("5005", "5005７", "bad_code"),
        ("5005", "50050", "bad_code"),
        ("5005", "5005011", "bad_code"),
        ("5005", "5005701", "bad_code"),
        ("5005", "50057001", "bad_code"),
        ("5005", "500501", "account_exists"),
    ],
)
def test_an_account_that_does_not_fit_is_not_added(
    books: Books, parent: str, code: str, refusal: str
) -> None:
    with pytest.raises(Refused) as refused, writing(books.engine) as conn:
        add_account(conn, books.trust_id, parent, code, "新科目")
    assert refused.value.codes == {refusal}


def test_a_closed_account_takes_nothing_dated_later_and_keeps_what_it_has(books: Books) -> None:
    books.post(petty(50_00, "5007"))
    with writing(books.engine) as conn:
        close_account(conn, books.trust_id, "A", "5007", date(2025, 3, 31))
    books.post(petty(30_00, "5007", date=date(2025, 3, 31)))
    with pytest.raises(Refused) as refused:
        books.post(petty(20_00, "5007", date=date(2025, 4, 1)))
    assert refused.value.codes == {"account_closed"}
    assert books.balance("5007") == 80_00


def test_what_a_closed_account_holds_can_still_be_cancelled(books: Books) -> None:
    posted = books.post(petty(50_00, "5007"))
    with writing(books.engine) as conn:
        close_account(conn, books.trust_id, "A", "5007", date(2025, 3, 31))
    books.reverse(posted.ref)
    assert books.balance("5007") == 0


def test_an_account_that_does_not_exist_cannot_be_closed(books: Books) -> None:
    with pytest.raises(Refused) as refused, writing(books.engine) as conn:
        close_account(conn, books.trust_id, "A", "5999", date(2025, 3, 31))
    assert refused.value.codes == {"unknown_account"}


def test_an_undone_set_up_is_not_remembered(books: Books) -> None:
    """What a rolled-back transaction added must not be found by a later one at the same version."""
    with pytest.raises(Refused), writing(books.engine) as conn:
        add_account(conn, books.trust_id, "5005", "500507", "外墙清洗")
        post(conn, books.trust_id, petty(1_00, "5007", summary=""), act())
    with writing(books.engine) as conn:
        add_account(conn, books.trust_id, "5005", "500508", "垃圾清运")
    books.post(petty(10_00, "500508"))
    with pytest.raises(Refused) as refused:
        books.post(petty(10_00, "500507"))
    assert "unknown_account" in refused.value.codes


def test_a_leaf_does_not_answer_for_its_neighbours(books: Books) -> None:
    books.post_many([petty(10_00, "500501"), petty(20_00, "500502"), petty(5_00, "500601")])
    with reading(books.engine) as conn:
        clock = resolve_clock(conn, books.trust_id, today=TODAY)
        totals = {c: account_totals(conn, books.trust_id, "A", c, clock).balance for c in ("5005", "500501", "500502", "5006")}  # fmt: skip
    assert totals == {"5005": 30_00, "500501": 10_00, "500502": 20_00, "5006": 5_00}


# --- What the database refuses ------------------------------------------------------------------------------


CHANGES = [
    "UPDATE account SET name = '改名' WHERE code = '5007'",
    "UPDATE account SET side = 'C' WHERE code = '5007'",
    "UPDATE account SET \"class\" = 'I' WHERE code = '5007'",
    "UPDATE account SET code = '5077' WHERE code = '5007'",
    "UPDATE account SET funds = 'F1|F3' WHERE code = '5007'",
    "UPDATE account SET dimensions = 'vendor' WHERE code = '5007'",
    "UPDATE account SET name = '改名', closed_on = '2025-03-31' WHERE code = '5007'",
    "DELETE FROM account WHERE code = '5007'",
    "UPDATE dimension_value SET name = '改名' WHERE code = 'V2'",
    "UPDATE dimension_value SET related = 'false' WHERE code = 'V2'",
    "DELETE FROM dimension_value WHERE code = 'V2'",
]


@pytest.mark.parametrize("as_owner", [False, True], ids=["application", "owner"])
def test_the_database_refuses_to_rename_or_remove_an_account(database: Database, as_owner: bool) -> None:
    engine = open_engine(database.url)
    open_books(engine)
    engine.dispose()
    engine = open_engine(database.owner_url, as_owner=True) if as_owner else open_engine(database.url)
    for statement in CHANGES:
        with pytest.raises(DBAPIError, match=r"append-only|permission denied"), writing(engine) as conn:
            conn.execute(text(statement))
    with reading(engine) as conn:
        _still_there(conn)
    engine.dispose()


@pytest.mark.db("sqlite")
@pytest.mark.parametrize("recursive", ["ON", "OFF"])
@pytest.mark.parametrize("how", ["INSERT OR REPLACE", "REPLACE"])
@pytest.mark.parametrize("rowid", [False, True], ids=["by key", "by rowid"])
def test_sqlite_refuses_to_rename_an_account_by_replacing_it(
    database: Database, recursive: str, how: str, rowid: bool
) -> None:
    engine = open_engine(database.url)
    open_books(engine)
    engine.dispose()
    bare = create_engine(database.url)
    code = "5999" if rowid else "5007"
    column, value = ("rowid, ", "rowid, ") if rowid else ("", "")
    columns = 'trust_id, book, code, name, parent, "class", side, funds, dimensions, leaf, closed_on'
    values = f"trust_id, book, '{code}', '改名', parent, \"class\", side, funds, dimensions, leaf, closed_on"
    with bare.connect() as conn:
        conn.exec_driver_sql(f"PRAGMA recursive_triggers={recursive}")
        with pytest.raises(DBAPIError, match="append-only"):
            conn.exec_driver_sql(
                f"{how} INTO account ({column}{columns}) SELECT {value}{values} FROM account WHERE code = '5007'"
            )
        _still_there(conn)
    bare.dispose()


def _still_there(conn: Connection) -> None:
    assert conn.exec_driver_sql("SELECT name FROM account WHERE code = '5007'").scalars().all() == ["办公费"]


def test_a_line_on_a_group_account_is_refused_with_its_name(books: Books) -> None:
    with pytest.raises(Refused) as refused:
        books.post(with_line(petty(), 1, account="5005"))
    (problem,) = refused.value.problems
    assert (problem.code, problem.where) == ("not_leaf", "第 1 行")
    assert "共用部位设施设备日常运行维护" in problem.message


def test_lines_are_made_as_they_are_asked_for() -> None:
    assert line("D", "5007", 5).signed == 5
    assert line("C", "5007", 5).signed == -5
