"""What the desk proposes for open lines and why, what it learns, and what becomes of what is accepted."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import Engine, select

from ledger.bank import BankLine
from ledger.bank.accepting import Pick, book_by_hand
from ledger.bank.lessons import list_rules, set_rule
from ledger.bank.suggesting import suggestions
from ledger.errors import Refused
from ledger.journal import Line
from ledger.people import Actor, Role
from ledger.people.roles import Forbidden
from ledger.store.engine import reading, writing
from ledger.store.tables import bank_match, entry
from ledger.work import read_work, send_back
from tests.bank.desks import CHECKER, CLERK, proposed, reviewed, take, take_best
from tests.bank.test_importing import bank, bring, count, match, of_unit, paid, statement
from tests.ledger.books import Books, act, fee_charge, invoice


def april(day: int, amount: int, who: str = "王伟", memo: str = "转账", account: str = "") -> BankLine:
    moment = datetime(2025, 4, day, 10, 0, day)  # noqa: DTZ001 - statements carry no zone
    return BankLine(0, moment, amount, None, who, account, memo, f"A{day:03d}{abs(amount)}")


def learned(engine: Engine) -> Books:
    """Books in which 王伟 paid for 03-2-1201 in March."""
    books = bank(engine)
    bring(books, statement(paid(3, 120_00)))
    match(books)
    return books


def test_the_room_in_the_memo_and_the_exact_debt_are_the_reasons(engine: Engine) -> None:
    books = bank(engine)
    books.post(fee_charge((("03-2-1201", 120_00),)))
    bring(books, statement(paid(3, 120_00)))
    (item,) = proposed(books)
    assert item.best is not None
    assert item.best.id == "household:03-2-1201"
    assert item.best.reasons == ("摘要含房号 03-2-1201", "金额正好是欠费")
    assert "冲欠物业费 03-2-1201 120.00" in item.best.title


@pytest.mark.parametrize("memo", ["1-101 物业费", "1栋101", "1号楼101房", "３－２－１２０１"])
def test_rooms_are_read_as_payers_write_them(engine: Engine, memo: str) -> None:
    books = bank(engine)
    bring(books, statement(paid(3, 120_00, memo=memo)))
    (item,) = proposed(books)
    assert item.best is not None
    assert item.best.id in ("household:1-101", "household:03-2-1201")


def test_proposing_takes_no_debt_away_but_accepting_does(engine: Engine) -> None:
    books = bank(engine)
    books.post(fee_charge((("03-2-1201", 120_00),)))
    bring(books, statement(paid(3, 100_00), paid(4, 100_00)))
    assert all("冲欠物业费 03-2-1201 100.00" in item.best.title for item in proposed(books) if item.best)
    take_best(books)
    reviewed(books)
    assert of_unit(books, "112201") == 0
    assert of_unit(books, "220301") == -80_00


def test_what_waits_for_review_settles_no_debt_twice(engine: Engine) -> None:
    books = bank(engine)
    books.post(fee_charge((("03-2-1201", 120_00),)))
    bring(books, statement(paid(3, 120_00)))
    take_best(books)
    bring(books, statement(april(3, 50_00, memo="3-2-1201")), filename="四月.csv")
    waiting, fresh = proposed(books)
    assert (waiting.waiting, waiting.choices) == (1, ())
    assert fresh.best is not None
    assert "预收 03-2-1201 50.00" in fresh.best.title


def test_many_choices_are_one_piece_of_work_and_nothing_is_posted_before_review(engine: Engine) -> None:
    books = bank(engine)
    bring(books, statement(paid(3, 120_00), paid(4, 66_00, "某人", "转账")))
    before = count(books, entry)
    done = take_best(books)
    assert done.prepared is not None
    assert (done.entries, count(books, entry), count(books, bank_match)) == (2, before, 0)
    with reading(engine) as conn:
        file = read_work(conn, books.trust_id, done.prepared.no)
    assert (file.item.kind, len(file.work.drafts), len(file.work.links)) == ("bank", 2, 2)
    reviewed(books)
    assert (count(books, entry), count(books, bank_match)) == (before + 2, 2)
    assert proposed(books) == []


def test_a_line_in_work_can_not_be_taken_again_until_it_is_sent_back(engine: Engine) -> None:
    books = bank(engine)
    bring(books, statement(paid(3, 120_00)))
    (item,) = proposed(books)
    assert item.best is not None
    pick = Pick("F1-NEW", item.line.line_key, item.best.id)
    take(books, pick)
    with pytest.raises(Refused, match="第 1 号单据里等待审核"):
        take(books, pick)
    with writing(engine) as conn:
        send_back(conn, books.trust_id, 1, CHECKER, act(), "房号不对")
    assert take(books, pick).entries == 1


def test_a_payer_seen_before_is_recognised_by_name(engine: Engine) -> None:
    books = learned(engine)
    bring(books, statement(april(5, 80_00)), filename="四月.csv")
    (item,) = proposed(books)
    assert item.best is not None
    assert item.best.reasons == ("户名与3月相同",)
    take_best(books)
    reviewed(books)
    assert of_unit(books, "220301") == -200_00
    bring(books, statement(april(25, 90_00)), filename="五月.csv")
    assert proposed(books)[0].choices[0].reasons == ("户名与3月、4月相同",)


def test_a_name_that_led_to_two_homes_is_no_sure_choice(engine: Engine) -> None:
    books = learned(engine)
    bring(books, statement(paid(6, 70_00, memo="1-101")), filename="又一份.csv")
    match(books)
    bring(books, statement(april(5, 80_00)), filename="四月.csv")
    (item,) = proposed(books)
    ways = [choice for choice in item.choices if choice.id.startswith("learned:")]
    assert len(ways) == 2
    assert not any(choice.sure for choice in ways)


def test_a_red_letter_takes_the_ground_from_a_rule(engine: Engine) -> None:
    books = learned(engine)
    with reading(engine) as conn:
        seq = conn.execute(select(bank_match.c.seq)).scalar_one()
    assert books.reverse(f"A-2025-{seq + 1:06d}").ref
    bring(books, statement(april(5, 80_00)), filename="四月.csv")
    later = proposed(books)[-1]
    assert [choice.id for choice in later.choices] == ["to-be-cleared"]


def test_a_revoked_rule_is_not_proposed_until_it_is_taken_back(engine: Engine) -> None:
    books = learned(engine)
    bring(books, statement(april(5, 80_00)), filename="四月.csv")
    with reading(engine) as conn:
        ((rule, active),) = list_rules(conn, books.trust_id)
    assert active
    for wanted in (False, True):
        with writing(engine) as conn:
            set_rule(conn, books.trust_id, rule.lesson, CLERK, act(), active=wanted, note="试试")
        assert any(c.id == f"learned:{rule.lesson}" for c in proposed(books)[0].choices) == wanted
    with writing(engine) as conn, pytest.raises(Refused, match="已经是这个状态"):
        set_rule(conn, books.trust_id, rule.lesson, CLERK, act(), active=True, note="")


def test_what_was_booked_by_hand_is_proposed_the_next_time(engine: Engine) -> None:
    books = bank(engine)
    bring(books, statement(paid(20, -15_00, "建设银行", "账户管理费 03"), opening=100_00))
    (item,) = proposed(books)
    with writing(engine) as conn:
        book_by_hand(
            conn, books.trust_id, ("F1-NEW", item.line.line_key), CLERK, act(),
            event="E16b", summary="3月账户管理费", others=[Line("5016", "F1", "D", 15_00)],
        )  # fmt: skip
    reviewed(books)
    bring(books, statement(april(20, -16_00, "", "账户管理费 04"), opening=85_00), filename="四月.csv")
    (item,) = proposed(books)
    assert item.best is not None
    assert item.best.reasons == ("摘要与3月相同",)
    assert item.best.draft is not None
    assert item.best.draft.summary == "4月账户管理费"
    assert books.balance("5016") == 15_00
    take_best(books)
    reviewed(books, 2)
    assert books.balance("5016") == 31_00


def test_a_vendor_with_the_exact_payable_is_proposed(engine: Engine) -> None:
    books = bank(engine)
    books.post(invoice(500_00))
    bring(books, statement(paid(20, -500_00, "电梯公司", "维保"), opening=900_00))
    (item,) = proposed(books)
    assert item.best is not None
    assert item.best.id == "vendor:V1"


def test_money_out_that_nothing_explains_has_no_choice(engine: Engine) -> None:
    books = bank(engine)
    bring(books, statement(paid(20, -500_00, "陌生公司", "服务费"), opening=900_00))
    assert proposed(books)[0].choices == ()


def test_a_choice_that_is_gone_is_refused_and_names_the_line(engine: Engine) -> None:
    books = bank(engine)
    bring(books, statement(paid(3, 120_00), paid(4, 66_00, "某人", "转账")))
    key = proposed(books)[0].line.line_key
    with pytest.raises(Refused, match=r"王伟.*已经变了"):
        take(books, Pick("F1-NEW", key, "household:99-9-9999"))
    with pytest.raises(Refused, match="还没有选中"):
        take(books)
    assert count(books, bank_match) == 0


def test_by_hand_the_entry_must_be_the_line_s_money(engine: Engine) -> None:
    books = bank(engine)
    bring(books, statement(paid(20, -15_00, "银行", "管理费"), opening=100_00))
    key = ("F1-NEW", proposed(books)[0].line.line_key)
    with writing(engine) as conn, pytest.raises(Refused, match="金额不符"):
        book_by_hand(
            conn, books.trust_id, key, CLERK, act(), event="E16b", summary="手续费",
            others=[Line("5016", "F1", "D", 14_00)],
        )  # fmt: skip


def test_only_a_preparer_may_accept(engine: Engine) -> None:
    books = bank(engine)
    bring(books, statement(paid(3, 120_00)))
    (item,) = proposed(books)
    from ledger.bank.accepting import accept

    cashier = Actor("p3", "出纳丙", frozenset({Role.CASHIER}))
    with writing(engine) as conn, pytest.raises(Forbidden):
        accept(conn, books.trust_id, [Pick("F1-NEW", item.line.line_key, "to-be-cleared")], cashier, act())


def test_pages_of_lines_go_on_where_the_last_one_ended(engine: Engine) -> None:
    books = bank(engine)
    bring(books, statement(*(paid(3, 100_00 + n, number=f"N{n}") for n in range(7))))
    seen: list[str] = []
    after = None
    with reading(engine) as conn:
        while page := suggestions(conn, books.trust_id, act(), after=after, limit=3):
            seen += [item.line.flow_no for item in page]
            after = page[-1].line.place
    assert sorted(seen) == [f"N{n}" for n in range(7)]


def test_more_lines_take_no_more_queries(engine: Engine, count_queries: Callable[[Engine], Any]) -> None:
    books = learned(engine)
    bring(books, statement(april(5, 80_00)), filename="一.csv")
    with count_queries(engine) as few:
        proposed(books)
    bring(books, statement(*(april(day, 10_00 + day) for day in range(6, 28))), filename="多.csv")
    with count_queries(engine) as many:
        assert len(proposed(books)) == 23
    assert len(many) == len(few)
