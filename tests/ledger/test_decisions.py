"""Entries that rest on the owners' decision are refused without one: carried, in force, on the right matter."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from ledger.errors import Refused
from ledger.journal import Document, Draft
from ledger.store.engine import writing
from tests.decisions import note_decision
from tests.ledger.books import DAY, FUND_USE, MAJOR, SITE_USE, Books, cash, draft, line, maintenance, payment


def advertising(**references: str) -> Draft:
    lines = [cash("D", 500_00, "F2"), line("C", "400301", 500_00, "F2", contract="R1", site="S1")]
    named: dict[str, Any] = {"references": {"contract": "R1", **references}}
    return draft("E17", lines, "bank_line", "contract", **named)


def make_up(number: str) -> Draft:
    """Shared revenue makes up the property-service fund."""
    lines = [
        line("D", "5902", 700_00, "F2", counter_fund="F1"),
        cash("C", 700_00, "F2"),
        cash("D", 700_00),
        line("C", "4902", 700_00, counter_fund="F2"),
    ]
    return draft("E22", lines, "resolution", references={"resolution": number})


def refusal(books: Books, asked: Draft) -> tuple[str, str]:
    before = books.footprint()
    with pytest.raises(Refused) as caught:
        books.post(asked)
    assert books.footprint() == before
    (problem,) = caught.value.problems
    return problem.code, problem.message


@pytest.fixture
def books(new_books: Callable[..., Books]) -> Books:
    made = new_books()
    with writing(made.engine) as conn:
        note_decision(conn, made.trust_id, "业决〔2024〕8号", "use_maintenance_fund", passed=False)
        note_decision(conn, made.trust_id, "业决〔2025〕9号", "other", decided_on=date(2025, 3, 11))
    return made


def test_the_right_decision_lets_the_entry_in(books: Books) -> None:
    books.post_many([maintenance(), advertising(resolution=SITE_USE), make_up(MAJOR), make_up(SITE_USE)])
    assert books.check_log() == 4


def test_a_number_nobody_decided_is_refused(books: Books) -> None:
    code, message = refusal(books, make_up("业决〔2025〕404号"))
    assert code == "unknown_decision"
    assert "没有“业决〔2025〕404号”这项已公布的决定" in message


def test_a_decision_on_another_matter_says_which_threshold_is_missing(books: Books) -> None:
    code, message = refusal(books, advertising(resolution=MAJOR))
    assert code == "wrong_matter"
    assert "改变共有部分的用途" in message
    assert "四分之三以上" in message
    assert refusal(books, maintenance(references={"resolution": SITE_USE}))[0] == "wrong_matter"
    assert refusal(books, make_up(FUND_USE))[0] == "wrong_matter"


def test_a_decision_that_was_voted_down_carries_nothing(books: Books) -> None:
    code, message = refusal(books, maintenance(references={"resolution": "业决〔2024〕8号"}))
    assert code == "decision_failed"
    assert "没有表决通过" in message


def test_a_decision_carries_nothing_before_its_day(books: Books) -> None:
    code, message = refusal(books, make_up("业决〔2025〕9号"))
    assert code == "decision_not_in_force"
    assert f"{DAY} 还不能执行" in message


def test_a_decision_of_another_community_is_unknown_here(
    books: Books, new_books: Callable[..., Books]
) -> None:
    other = new_books()
    assert refusal(other, make_up("业决〔2025〕9号"))[0] == "unknown_decision"


def test_a_payment_above_the_owners_limit_needs_their_decision(new_books: Callable[..., Books]) -> None:
    books = new_books(resolve_above=1_000_00)
    books.post(payment(1_000_00))
    code, message = refusal(books, payment(1_000_01))
    assert code == "gate_large_payment"
    assert "大额支付限额" in message
    books.post(payment(1_000_01, references={"resolution": MAJOR}))


def test_a_payment_to_the_trustees_own_needs_consent_that_was_given(books: Books) -> None:
    quotes = tuple(Document("quote", name) for name in ("甲报价", "乙报价"))
    own = payment(10_00, "V2", references={"related_party_consent": "没有这号"})
    own_with = Draft(
        **{f: getattr(own, f) for f in own.__struct_fields__} | {"documents": (*own.documents, *quotes)}
    )
    code, message = refusal(books, own_with)
    assert code == "unknown_decision"
    assert "请核对号码" in message
