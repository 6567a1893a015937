"""Statement files become bank lines once, and lines become entries by rules or by a person."""

from datetime import date, datetime
from typing import Any

import pytest
from sqlalchemy import Engine, func, select

from disclosure.demo.statement_files import write_statement
from ledger.balances import balances_by, resolve_clock
from ledger.bank import BankLine, StatementError
from ledger.bank.importing import Imported, import_statement
from ledger.bank.lines import open_lines
from ledger.bank.matching import Matched, bank_document, cash_line, draft_for, match_lines, post_lines
from ledger.bank.rules import room_in
from ledger.errors import Refused
from ledger.journal import Line, reverse
from ledger.journal.head import peek_head
from ledger.journal.read import read_entry
from ledger.periods.checklist import checklist
from ledger.store.engine import reading, writing
from ledger.store.tables import bank_balance, bank_line, bank_match, entry
from ledger.trust import BankAccount, Unit, add_bank_accounts, add_units, record_setting
from tests.ledger.books import PREPARER, REVIEWER, TODAY, Books, act, fee_charge, invoice, open_books

ACCOUNT = "51050100000000008888"
HOLDER = "明和苑业主大会共有资金"
PEOPLE = {"preparer": PREPARER, "reviewer": REVIEWER}
VENDOR = "蜀迅电梯有限公司"


def bank(engine: Engine, **settings: Any) -> Books:
    """Books with one more bank account, whose statements the tests write."""
    books = open_books(engine)
    with writing(engine) as conn:
        add_bank_accounts(
            conn,
            books.trust_id,
            [
                BankAccount("F1-NEW", "bank", "A", "F1", "100201", "建设银行", HOLDER, ACCOUNT),
                BankAccount("F1-TEN", "channel", "A", "F1", "101201", "微信支付", HOLDER, "1600000002"),
            ],
        )
        add_units(conn, books.trust_id, [Unit("03-2-1201", "03", "home", 9_000)])
        for name, value in settings.items():
            record_setting(
                conn, books.trust_id, name, value, effective_on=date(2024, 1, 1), authority="测试", act=act()
            )
    return books


def paid(
    day: int, amount: int, who: str = "王伟", memo: str = "物业费 3-2-1201", number: str = ""
) -> BankLine:
    moment = datetime(2025, 3, day, 10, 0, day)  # noqa: DTZ001 - statements carry no zone
    return BankLine(0, moment, amount, None, who, "", memo, number or f"F{day:04d}{abs(amount)}")


def statement(*lines: BankLine, opening: int = 0) -> bytes:
    return write_statement("ccb-corporate", lines, account_no=ACCOUNT, account_name=HOLDER, opening=opening)


def bring(books: Books, data: bytes, account: str = "F1-NEW", filename: str = "三月.csv") -> Imported:
    with writing(books.engine) as conn:
        return import_statement(conn, books.trust_id, account, data, filename, by=PREPARER, act=act())


def match(books: Books) -> Matched:
    with writing(books.engine) as conn:
        return match_lines(conn, books.trust_id, **PEOPLE, act=act())


def count(books: Books, table: Any) -> int:
    with reading(books.engine) as conn:
        return int(conn.execute(select(func.count()).select_from(table)).scalar_one())


def of_unit(books: Books, account: str) -> int:
    with reading(books.engine) as conn:
        clock = resolve_clock(conn, books.trust_id, today=TODAY)
        found = balances_by(conn, books.trust_id, "A", account, "unit", clock).get("03-2-1201")
        return found.balance if found else 0


def test_the_same_file_adds_nothing_the_second_time(engine: Engine) -> None:
    books = bank(engine)
    data = statement(paid(3, 200_00), paid(4, 100_00))
    assert (bring(books, data).new, bring(books, data).new, count(books, bank_line)) == (2, 0, 2)


def test_an_overlapping_file_adds_only_what_is_new(engine: Engine) -> None:
    books = bank(engine)
    bring(books, statement(paid(3, 200_00), paid(4, 100_00)))
    later = statement(paid(4, 100_00), paid(5, 50_00), opening=200_00)
    assert bring(books, later, filename="另一份.csv").new == 1
    assert count(books, bank_line) == 3


def test_the_banks_own_balances_are_kept_by_day(engine: Engine) -> None:
    books = bank(engine)
    bring(books, statement(paid(3, 200_00), paid(3, -50_00, VENDOR, "维保费", "x1"), paid(9, 100_00)))
    with reading(engine) as conn:
        rows = conn.execute(select(bank_balance.c.as_of, bank_balance.c.balance).order_by("as_of")).all()
    assert [tuple(row) for row in rows] == [(date(2025, 3, 3), 150_00), (date(2025, 3, 9), 250_00)]


def test_an_unreadable_file_changes_nothing(engine: Engine) -> None:
    books = bank(engine)
    broken = statement(paid(3, 200_00), paid(4, 100_00)).replace("200.00".encode("gb18030"), b"2OO.00", 1)
    before = count(books, bank_line)
    with pytest.raises(StatementError, match="一行都没有入账"):
        bring(books, broken)
    assert count(books, bank_line) == before


def test_a_file_of_another_account_is_refused(engine: Engine) -> None:
    books = bank(engine)
    with pytest.raises(Refused, match=r"账号尾号 8888 的流水.*请选对账户"):
        bring(books, statement(paid(3, 200_00)), account="F1-CCB")


def test_a_payment_settles_the_oldest_debt_and_the_rest_is_paid_ahead(engine: Engine) -> None:
    books = bank(engine)
    books.post(fee_charge((("03-2-1201", 120_00),)))
    bring(books, statement(paid(12, 200_00)))
    assert match(books).by_rule == {"household": 1}
    assert (of_unit(books, "112201"), of_unit(books, "220301")) == (0, -80_00)


def test_the_public_summary_of_a_payment_names_no_one(engine: Engine) -> None:
    books = bank(engine)
    bring(books, statement(paid(12, 200_00, "欧阳某某")))
    match(books)
    with reading(engine) as conn:
        body = conn.execute(select(entry.c.summary)).scalars().all()
    assert not any("欧阳" in text or "1201" in text for text in body)


def test_money_out_to_a_vendor_pays_its_oldest_invoice(engine: Engine) -> None:
    books = bank(engine)
    books.post(invoice(500_00))
    with reading(engine) as conn:
        stored = read_entry(conn, books.trust_id, peek_head(conn, books.trust_id).tree.size - 1)
    assert stored.draft.lines[1].vendor == "V1"
    vendor = _vendor_name(books)
    bring(books, statement(paid(20, -500_00, vendor, "维保费"), opening=900_00))
    assert match(books).by_rule == {"vendor": 1}
    assert books.balance("220201") == 0


def test_a_payment_above_the_limit_waits_for_a_co_signature_whatever_its_memo_says(engine: Engine) -> None:
    books = bank(engine, co_sign_above=400_00)
    books.post(invoice(500_00))
    line = paid(20, -500_00, _vendor_name(books), "维保费 双签")
    bring(books, statement(line, paid(21, 66_00, "某人", "转账"), opening=900_00))
    result = match(books)
    assert [left.amount for left in result.left] == [-500_00]
    assert result.by_rule == {"to-be-cleared": 1}
    assert books.balance("220201") == -500_00


def test_a_template_cannot_co_sign_a_payment_above_the_limit(engine: Engine) -> None:
    template = {
        "name": "备付", "direction": "out", "pattern": "偿还代垫", "event": "E14b", "account": "224106",
        "summary": "偿还代垫", "dims": {"party": "TRUSTEE"}, "references": {"co_sign": "双签"},
    }  # fmt: skip
    books = bank(engine, co_sign_above=400_00, match_templates=[template])
    bring(books, statement(paid(20, -500_00, "物业公司", "偿还代垫"), opening=900_00))
    result = match(books)
    assert [left.amount for left in result.left] == [-500_00]
    assert result.by_rule == {}


def test_a_payment_that_is_too_large_leaves_the_payable_for_the_right_one(engine: Engine) -> None:
    books = bank(engine)
    books.post(invoice(500_00))
    vendor = _vendor_name(books)
    bring(
        books,
        statement(paid(19, -700_00, vendor, "多付"), paid(20, -500_00, vendor, "维保费"), opening=2_000_00),
    )
    result = match(books)
    assert [left.amount for left in result.left] == [-700_00]
    assert books.balance("220201") == 0


def test_money_out_that_no_payable_explains_waits_for_a_person(engine: Engine) -> None:
    books = bank(engine)
    bring(books, statement(paid(20, -500_00, "陌生公司", "服务费"), opening=900_00))
    result = match(books)
    assert [line.counterparty for line in result.left] == ["陌生公司"]
    with reading(engine) as conn:
        items = checklist(conn, books.trust_id, "A", 202503, TODAY)
    assert any("还有 1 条流水没有入账" in item.finding for item in items if not item.ok)


def test_money_in_that_nothing_explains_is_kept_to_be_cleared(engine: Engine) -> None:
    books = bank(engine)
    bring(books, statement(paid(20, 66_00, "某人", "转账")))
    assert match(books).by_rule == {"to-be-cleared": 1}
    assert books.balance("224105") == -66_00


def test_matching_again_posts_nothing_twice(engine: Engine) -> None:
    books = bank(engine)
    bring(books, statement(paid(12, 200_00), paid(13, 66_00, "某人", "转账")))
    match(books)
    before = count(books, entry)
    assert match(books).by_rule == {}
    assert count(books, entry) == before


def test_a_line_whose_entry_was_reversed_waits_again_and_can_be_posted_anew(engine: Engine) -> None:
    books = bank(engine)
    bring(books, statement(paid(12, 200_00)))
    match(books)
    with reading(engine) as conn:
        seq = conn.execute(select(bank_match.c.seq)).scalar_one()
        ref = read_entry(conn, books.trust_id, seq).ref
    with writing(engine) as conn:
        reverse(
            conn, books.trust_id, ref, on=date(2025, 3, 12), reason="户号认错", key="r1", act=act(), **PEOPLE
        )
    with reading(engine) as conn:
        waiting = open_lines(conn, books.trust_id)
    assert len(waiting) == 1
    assert match(books).by_rule == {"household": 1}
    assert of_unit(books, "220301") == -200_00


def test_a_late_line_goes_to_the_open_month_with_its_true_day(engine: Engine) -> None:
    books = bank(engine)
    for period in (*range(202401, 202413), 202501, 202502):
        if period % 100 == 12:
            books.close_year(period // 100)
        books.close(period)
    late = BankLine(0, datetime(2025, 2, 27, 9), 30_00, None, "王伟", "", "3-2-1201", "LATE1")  # noqa: DTZ001
    bring(books, statement(late))
    match(books)
    with reading(engine) as conn:
        row = conn.execute(select(entry.c.business_date, entry.c.original_date)).one()
    assert tuple(row) == (date(2025, 3, 1), date(2025, 2, 27))


def test_what_a_person_chooses_must_be_the_lines_money(engine: Engine) -> None:
    books = bank(engine)
    bring(books, statement(paid(20, -500_00, "银行", "账户费用"), opening=900_00))
    match(books)
    with writing(engine) as conn:
        (waiting,) = open_lines(conn, books.trust_id)
        fields: dict[str, Any] = {
            "event": "E16b",
            "summary": "银行账户费用",
            "documents": (bank_document(waiting),),
            **PEOPLE,
        }
        half = Line("100201", "F1", "C", 250_00, bank_account="F1-NEW")
        wrong = draft_for(waiting, {}, lines=(Line("5016", "F1", "D", 250_00), half), **fields)
        with pytest.raises(Refused, match="与这条流水不符"):
            post_lines(conn, books.trust_id, [waiting], wrong, act())
        right = draft_for(waiting, {}, lines=(Line("5016", "F1", "D", 500_00), cash_line(waiting)), **fields)
        post_lines(conn, books.trust_id, [waiting], right, act())
        assert open_lines(conn, books.trust_id) == []


def test_two_lines_are_not_shown_by_an_entry_of_one(engine: Engine) -> None:
    books = bank(engine)
    bring(books, statement(paid(20, -5_00, "银行", "费用"), paid(21, -5_00, "银行", "费用"), opening=90_00))
    with writing(engine) as conn:
        lines = open_lines(conn, books.trust_id)
        fields: dict[str, Any] = {
            "event": "E16b",
            "summary": "银行账户费用",
            "documents": (bank_document(lines[0]),),
            **PEOPLE,
        }
        one = (Line("5016", "F1", "D", 5_00), cash_line(lines[0]))
        with pytest.raises(Refused, match="与这条流水不符"):
            post_lines(conn, books.trust_id, lines, draft_for(lines[0], {}, lines=one, **fields), act())
        both = (Line("5016", "F1", "D", 10_00), *map(cash_line, lines))
        post_lines(conn, books.trust_id, lines, draft_for(lines[0], {}, lines=both, **fields), act())
        assert open_lines(conn, books.trust_id) == []


def test_channel_fees_go_into_the_settlement_and_the_rest_into_one_entry(engine: Engine) -> None:
    templates = [
        {"name": "结算", "direction": "in", "pattern": "商户结算", "event": "E03", "account": "101201",
         "summary": "微信结算", "dims": {"bank_account": "F1-TEN"}, "fees_from": "F1-TEN",
         "documents": [{"kind": "channel_settlement"}]},
        {"name": "手续费", "direction": "out", "pattern": "微信支付手续费", "event": "E03b", "account": "5016",
         "summary": "微信支付手续费", "accounts": ["F1-TEN"], "grouped": True},
    ]  # fmt: skip
    books = bank(engine, match_templates=templates)
    orders = [paid(3, 1_000_00, number="W1"), paid(4, 500_00, number="W2"), paid(4, 500_00, number="W3")]
    fees = [
        BankLine(0, order.occurred_at, -order.amount * 6 // 1000, None, "财付通", "", "微信支付手续费", f"{order.flow_no}-微信支付手续费")
        for order in orders
    ]  # fmt: skip
    bill = write_statement(
        "wechat-merchant", [*orders, *fees], account_no="1600000002", account_name=HOLDER, opening=0
    )
    bring(books, bill, account="F1-TEN")
    bring(books, statement(paid(4, 994_00, "财付通", "商户结算")))
    result = match(books)
    assert result.left == []
    with reading(engine) as conn:
        events = conn.execute(select(entry.c.event, func.count()).group_by(entry.c.event)).all()
    assert {row[0]: row[1] for row in events}["E03b"] == 1
    assert books.balance("5016") == 12_00
    assert books.balance("101201") == 1_000_00 - 6_00


@pytest.mark.parametrize(
    ("memo", "unit"),
    [
        ("3栋2单元1201物业费", "03-2-1201"),
        ("物业费 3-2-1201", "03-2-1201"),
        ("03-2-1201 三月", "03-2-1201"),
        ("2025-03-12 物业费", None),
        ("物业费", None),
        ("订单 13-2-12010", None),
    ],
)
def test_a_room_number_is_read_from_the_memo(memo: str, unit: str | None) -> None:
    assert room_in(memo) == unit


def _vendor_name(books: Books) -> str:
    from ledger.trust import load_setup

    with reading(books.engine) as conn:
        return load_setup(conn, books.trust_id).values["vendor", "V1"].name
