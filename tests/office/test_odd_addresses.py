"""Addresses nobody clicks on, and work under rules that changed: pages answer, nothing fails inside."""

from __future__ import annotations

from datetime import date

import pytest

from ledger.store.engine import reading, writing
from ledger.trust.settings import change_setting
from ledger.work import CO_SIGN, Work, prepare, read_work, review
from tests.ledger.books import act, cash, changed, draft, line
from tests.office.conftest import OfficeSite

HUGE = "9" * 30
TOO_LONG_TO_READ = "9" * 5_000


@pytest.mark.parametrize("number", [HUGE, TOO_LONG_TO_READ, "①", "-1"])
@pytest.mark.parametrize(
    "below",
    ["/work-items?before=", "/documents?before=", "/receipts/list?before=", "/deposits?after="],
)
def test_a_list_asked_for_from_an_impossible_place_begins_at_its_beginning(
    office: OfficeSite, below: str, number: str
) -> None:
    answer = office.client("preparer").get(office.path(below + number))
    assert answer.status_code == 200


def test_owners_papers_and_a_household_too(office: OfficeSite) -> None:
    papers = f"/c/{office.slug}/owners/documents"
    assert office.client("resident").get(f"{papers}?before={HUGE}").status_code == 200
    assert office.client("resident").get(f"{papers}/{HUGE}").status_code == 404
    household = office.path(f"/households/1-101?before={HUGE}")
    assert office.client("preparer").get(household).status_code == 200


@pytest.mark.parametrize("below", ["/work-items/", "/documents/", "/payments/slip/"])
def test_a_number_no_database_holds_is_not_found(office: OfficeSite, below: str) -> None:
    assert office.client("preparer").get(office.path(below + HUGE)).status_code == 404


def test_a_step_on_a_number_no_database_holds_is_refused(office: OfficeSite) -> None:
    answer = office.post(office.client("reviewer"), office.path(f"/work-items/{HUGE}/review"))
    assert answer.status_code == 422


def test_work_waiting_for_a_co_signature_is_shown_when_the_limit_went_up(office: OfficeSite) -> None:
    limits = ((date(2025, 3, 1), "100.00"), (date(2025, 3, 2), "900.00"))
    lines = [line("D", "122101", 200_00, party="STAFF"), cash("C", 200_00)]
    one = changed(draft("E13a", lines), date=date(2025, 3, 10), preparer="", reviewer="")
    for day, yuan in limits:
        with writing(office.engine) as conn:
            change_setting(
                conn, office.trust_id, "co_sign_above", {"value": yuan},
                effective_on=day, authority="业决〔2025〕3号", actor=office.actor("chair"), act=act(),
            )  # fmt: skip
        if yuan == "100.00":
            with writing(office.engine) as conn:
                work = Work(kind="voucher", title="备用金", drafts=(one,))
                no = prepare(conn, office.trust_id, work, office.actor("preparer"), act()).no
                review(conn, office.trust_id, no, office.actor("reviewer"), act())
    with reading(office.engine) as conn:
        assert read_work(conn, office.trust_id, no).item.waiting_for == CO_SIGN
    page = office.client("committee").get(office.path(f"/work-items/{no}"))
    assert page.status_code == 200
    assert "待会签" in page.text
