"""A form sent twice is carried out once, and leads where it led the first time."""

from __future__ import annotations

import re
import threading
from typing import Any

import pytest
from sqlalchemy import func, select

from disclosure.office.once import KEPT
from ledger.store.engine import reading
from ledger.store.tables import audit_event, form_sent, work
from tests.ledger.books import DAY, TODAY, invoice, payment
from tests.office.conftest import OfficeSite

_FORM = re.compile(r'<form[^>]*method="post"[^>]*action="([^"]+)"[^>]*>(.*?)</form>', re.DOTALL)
_HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')


def hidden(page: str, below: str) -> dict[str, Any]:
    """The hidden fields of the form that is sent to this address."""
    (fields,) = [
        dict(_HIDDEN.findall(body)) for action, body in _FORM.findall(page) if action.endswith(below)
    ]
    return fields


def works(office: OfficeSite) -> int:
    with reading(office.engine) as conn:
        return conn.scalar(select(func.count()).select_from(work)) or 0


def voucher_fields(summary: str = "报销办公费") -> dict[str, Any]:
    return {
        "date": DAY.isoformat(),
        "summary": summary,
        "account_1": "5007",
        "side_1": "D",
        "fund_1": "F1",
        "amount_1": "50.00",
        "account_2": "122101",
        "side_2": "C",
        "fund_2": "F1",
        "amount_2": "50.00",
        "party_2": "STAFF",
        "doc_kind_1": "expense_sheet",
        "doc_number_1": "BX-1",
    }


def test_a_voucher_sent_twice_is_one_work(office: OfficeSite) -> None:
    client, path = office.client("preparer"), office.path("/vouchers/new")
    fields = hidden(client.get(f"{path}?event=E13b").text, "/vouchers/new") | voucher_fields()
    first = office.post(client, path, **fields)
    assert first.status_code == 303, first.text
    second = office.post(client, path, **fields)
    assert second.status_code == 303
    assert second.headers["location"] == first.headers["location"]
    assert works(office) == 1
    page = office.follow(client, second).text
    assert "已制成第 1 号单据，等待审核" in page
    assert "同一张表单只办理一次" in page


def test_the_same_form_opened_anew_is_another_work(office: OfficeSite) -> None:
    client, path = office.client("preparer"), office.path("/vouchers/new")
    for _ in range(2):
        fields = hidden(client.get(f"{path}?event=E13b").text, "/vouchers/new") | voucher_fields()
        assert office.post(client, path, **fields).status_code == 303
    assert works(office) == 2


def test_a_form_refused_may_be_sent_again_when_mended(office: OfficeSite) -> None:
    client, path = office.client("preparer"), office.path("/vouchers/new")
    fields = hidden(client.get(f"{path}?event=E13b").text, "/vouchers/new") | voucher_fields()
    assert office.post(client, path, **(fields | {"amount_2": "40.00"})).status_code == 422
    assert office.post(client, path, **fields).status_code == 303
    assert works(office) == 1


def test_red_letters_sent_twice_are_one_work(office: OfficeSite) -> None:
    ref = office.books.post(invoice(100_00)).ref
    client, page = office.client("preparer"), office.path(f"/entries/{ref}")
    fields = hidden(client.get(page).text, f"/{ref}/reverse") | {"reason": "记错", "on": TODAY.isoformat()}
    answers = [office.post(client, f"{page}/reverse", **fields) for _ in range(2)]
    assert [a.headers.get("location") for a in answers] == [office.path("/work-items/1")] * 2
    assert works(office) == 1


def test_an_amendment_sent_twice_is_one_work(office: OfficeSite) -> None:
    from tests.office.test_corrections import amend_form

    ref = office.books.post(payment(500_00)).ref
    fields: dict[str, Any] = amend_form(office, ref) | {"amount_1": "400.00", "amount_2": "400.00"}
    assert re.fullmatch("[0-9a-f]{24}", fields["once"])
    client, path = office.client("preparer"), office.path(f"/entries/{ref}/amend")
    answers = [office.post(client, path, step="prepare", **fields) for _ in range(2)]
    assert {a.headers.get("location") for a in answers} == {office.path("/work-items/1")}
    assert works(office) == 1


def test_a_request_to_pay_sent_twice_is_one_work(office: OfficeSite) -> None:
    office.books.post(invoice(900_00))
    client, path = office.client("preparer"), office.path("/payments/request")
    page = client.get(f"{path}?vendor=V1").text
    (pick,) = re.findall(r'name="pick_([^"]+)"', page)
    fields = hidden(page, "/payments/request") | {
        f"pick_{pick}": "1",
        f"amount_{pick}": "300.00",
        "bank_account": "F1-CCB",
        "on": TODAY.isoformat(),
    }
    answers = [office.post(client, path, **fields) for _ in range(2)]
    assert [a.status_code for a in answers] == [303, 303], answers[0].text
    assert works(office) == 1


def test_a_simple_payment_sent_twice_is_one_work(office: OfficeSite) -> None:
    client, path = office.client("preparer"), office.path("/payments/forms/petty_cash")
    page = client.get(path)
    fields = hidden(page.text, "/forms/petty_cash") | {
        "amount": "200.00",
        "on": TODAY.isoformat(),
        "bank_account": "F1-CCB",
        "party": "STAFF",
    }
    answers = [office.post(client, path, **fields) for _ in range(2)]
    assert [a.status_code for a in answers] == [303, 303], answers[0].text
    assert works(office) == 1


def test_two_clicks_at_the_same_moment_are_one_work(office: OfficeSite) -> None:
    client, path = office.client("preparer"), office.path("/vouchers/new")
    fields = hidden(client.get(f"{path}?event=E13b").text, "/vouchers/new") | voucher_fields()
    office.post(client, office.path("/vouchers/none"))  # so that the CSRF token is known
    answers: list[Any] = []
    clicks = [
        threading.Thread(target=lambda: answers.append(office.post(client, path, **fields))) for _ in "12"
    ]
    for click in clicks:
        click.start()
    for click in clicks:
        click.join()
    assert [a.headers.get("location") for a in answers] == [office.path("/work-items/1")] * 2
    assert works(office) == 1


def test_the_trail_tells_the_act_once(office: OfficeSite) -> None:
    ref = office.books.post(invoice(100_00)).ref
    client, page = office.client("preparer"), office.path(f"/entries/{ref}")
    fields = hidden(client.get(page).text, f"/{ref}/reverse") | {"reason": "记错", "on": TODAY.isoformat()}
    for _ in range(2):
        office.post(client, f"{page}/reverse", **fields)
    with reading(office.engine) as conn:
        query = select(func.count()).where(audit_event.c.trust_id == office.trust_id, audit_event.c.action == "entry.correct")  # fmt: skip
        assert conn.scalar(query) == 1


@pytest.mark.parametrize("token", ["", "x", "0" * 23, "'; --", "0" * 200])
def test_a_value_that_is_not_ours_is_no_value(office: OfficeSite, token: str) -> None:
    client, path = office.client("preparer"), office.path("/vouchers/new")
    fields = {"event": "E13b", "book": "A", "rows": "6", "once": token} | voucher_fields()
    for _ in range(2):
        assert office.post(client, path, **fields).status_code == 303
    assert works(office) == 2


def test_forms_sent_long_ago_are_forgotten(office: OfficeSite) -> None:
    def send() -> int:
        ref = office.books.post(invoice(100_00)).ref
        client, page = office.log_in(office.anyone(), "preparer"), office.path(f"/entries/{ref}")
        fields = hidden(client.get(page).text, f"/{ref}/reverse") | {
            "reason": "记错",
            "on": TODAY.isoformat(),
        }
        assert office.post(client, f"{page}/reverse", **fields).status_code == 303
        with reading(office.engine) as conn:
            return conn.scalar(select(func.count()).select_from(form_sent)) or 0

    assert send() == 1
    office.clock.forward(days=KEPT.days - 1)
    assert send() == 2
    office.clock.forward(days=2)
    assert send() == 2, "the first is gone"
