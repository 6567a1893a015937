"""Advances, petty cash, fronted wages, taxes: each from its form to the books, none beyond what there is."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Engine

from ledger.errors import Refused
from ledger.journal import Document
from ledger.payments.simple import simple_forms
from tests.ledger.books import Books, open_books
from tests.payments.desk import finish, prepare_simple

PAPERS = {
    "E12b": "invoice",
    "E13b": "expense_sheet",
    "E14a": "payroll_summary",
    "E18": "tax_sheet",
    "E17b": "tax_return",
}
NAMES = {
    "advance": {"vendor": "V1"},
    "advance_use": {"vendor": "V1"},
    "petty_cash": {"party": "STAFF"},
    "petty_claim": {"party": "STAFF"},
    "wages": {"party": "TRUSTEE"},
    "wages_repaid": {"party": "TRUSTEE"},
    "remuneration_paid": {"party": "TRUSTEE"},
}
ACCOUNTS = {"advance_use": "500501", "petty_claim": "5007", "tax_paid": "222102"}
FIRST = {
    "advance_use": "advance",
    "petty_claim": "petty_cash",
    "wages_repaid": "wages",
    "tax_paid": "tax_due",
}
"""What has to happen before."""


@pytest.fixture
def books(engine: Engine) -> Books:
    return open_books(engine)


def typed(form: str, **changes: Any) -> dict[str, Any]:
    """What a bookkeeper fills in."""
    paper = PAPERS.get(simple_forms()[form].event)
    documents = (Document(paper, number="1" if paper == "invoice" else ""),) if paper else ()
    values = {"names": NAMES.get(form, {}), "account": ACCOUNTS.get(form, ""), "documents": documents}
    return values | changes


def do(books: Books, form: str, amount: int = 100_00, **changes: Any) -> str:
    return finish(books, prepare_simple(books, form, amount, **typed(form, **changes)))[0]


@pytest.mark.parametrize("form", sorted(set(simple_forms()) - {"remuneration_paid"}))
def test_each_form_ends_as_the_entry_of_its_event(books: Books, form: str) -> None:
    if form in FIRST:
        do(books, FIRST[form])
    draft = books.stored(do(books, form)).draft
    assert draft.event == simple_forms()[form].event
    assert draft.total == 100_00
    assert draft.counterparty_public is ("vendor" in NAMES.get(form, {}))


@pytest.mark.parametrize("form", sorted(FIRST))
@pytest.mark.db("sqlite")
def test_no_more_is_taken_than_stands_there_waiting_work_included(books: Books, form: str) -> None:
    with pytest.raises(Refused) as refused:
        do(books, form, 1)
    assert refused.value.codes == {"beyond_balance"}
    do(books, FIRST[form], 300_00)
    prepare_simple(books, form, 200_00, **typed(form))
    with pytest.raises(Refused, match=r"超过账上的 100\.00 元"):
        prepare_simple(books, form, 100_01, **typed(form))
    do(books, form, 100_00)


@pytest.mark.parametrize(
    ("form", "changes", "code"),
    [
        ("advance", {"names": {}}, "missing"),
        ("advance", {"bank_account": "F1-WX"}, "bad_account"),
        ("advance", {"bank_account": "M-ICBC"}, "bad_account"),
        ("advance", {"names": {"vendor": "V9"}}, "unknown_dimension"),
        ("advance", {"names": {"vendor": "V2"}}, "gate_related_party"),
        ("wages", {"documents": ()}, "missing_document"),
        ("wages", {"fund": "F2"}, "fund_not_allowed"),
        ("wages", {"fund": "M"}, "bad_fund"),
        ("tax_paid", {"account": "1002"}, "bad_choice"),
        ("petty_claim", {"account": ""}, "bad_choice"),
        ("wages", {"summary": "张某工资 13800000000"}, "private_data"),
        ("nothing", {}, "unknown_form"),
    ],
)
@pytest.mark.db("sqlite")
def test_each_wrong_form_is_refused_with_its_reason(
    books: Books, form: str, changes: dict[str, Any], code: str
) -> None:
    fields = typed(form, **changes) if form in simple_forms() else changes
    with pytest.raises(Refused) as refused:
        prepare_simple(books, form, 1_00, **fields)
    assert code in refused.value.codes


@pytest.mark.db("sqlite")
def test_an_amount_of_nothing_is_refused(books: Books) -> None:
    with pytest.raises(Refused, match="大于零"):
        prepare_simple(books, "advance", 0, **typed("advance"))


@pytest.mark.db("sqlite")
def test_fronted_wages_above_the_limit_are_repaid_only_with_the_committees_signature(engine: Engine) -> None:
    books = open_books(engine, co_sign_above=50_00)
    do(books, "wages", 100_00)
    ref = do(books, "wages_repaid", 100_00)
    assert "会签" in books.stored(ref).draft.references["co_sign"]
