"""Entries in the office: found, shown in full, reversed and amended, always by way of a second person."""

from __future__ import annotations

import io
import re
from datetime import date

import pypdf
import pytest

from ledger.books import changes, manner
from ledger.documents.read import list_uploads
from ledger.store.engine import reading, writing
from ledger.trust import record_setting
from ledger.work import Work, prepare, read_work
from tests.documents.papers import picture
from tests.ledger.books import (
    OPENED,
    TODAY,
    act,
    changed,
    deposit,
    fee_charge,
    fee_receipt,
    invoice,
    payment,
    petty,
    with_line,
)
from tests.office.conftest import OfficeSite

DAY = date(2025, 3, 10)


def typed(page: str) -> dict[str, str]:
    """The fields of the amendment form as a browser would send them back."""
    form = page[page.index('/amend">') :]
    fields = {
        name: value
        for name, value in re.findall(r'<input[^>]*name="([^"]+)"[^>]*?value="([^"]*)"', form)
        if not name.startswith("keep_") and name != "csrf" and not name.startswith("counterparty_public")
    }
    fields |= dict.fromkeys(re.findall(r'name="(keep_\d+)" value="1" checked', form), "1")
    for name, options in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', form, re.S):
        chosen = re.search(r'value="([^"]*)" selected', options) or re.search(r'value="([^"]*)"', options)
        fields[name] = chosen[1] if chosen else ""
    fields |= dict(re.findall(r'<textarea[^>]*name="([^"]+)"[^>]*>([^<]*)</textarea>', form))
    return fields


def amend_form(office: OfficeSite, ref: str) -> dict[str, str]:
    answer = office.client("preparer").get(office.path(f"/entries/{ref}/amend"))
    assert answer.status_code == 200, answer.text
    return typed(answer.text)


# --- Finding ------------------------------------------------------------------------------------------------


@pytest.fixture
def kept(office: OfficeSite) -> OfficeSite:
    books = office.books
    books.post(
        fee_charge((("1-101", 345_67), ("1-102", 234_56)), date=date(2025, 2, 1), summary="计提二月物业费")
    )
    books.post(fee_receipt(300_00, "1-101", date=date(2025, 3, 5), summary="收物业费", counterparty="欧阳某"))
    books.post(invoice(2_000_00, date=date(2025, 3, 7), summary="电梯维保"))
    books.post(deposit(800_00, "1-102", date=date(2025, 4, 1), summary="装修保证金", memo="备注里的话"))
    return office


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["装修保证金", "电梯维保", "收物业费", "计提二月物业费"]),
        ("from=2025-03&to=2025-03", ["电梯维保", "收物业费"]),
        ("account=2202", ["电梯维保"]),
        ("account=112201", ["收物业费", "计提二月物业费"]),
        ("fund=F3", ["装修保证金"]),
        ("unit=1-102", ["装修保证金", "计提二月物业费"]),
        ("unit=1-101", ["收物业费", "计提二月物业费"]),
        ("vendor=V1", ["电梯维保"]),
        ("min=500&max=1000", ["装修保证金", "计提二月物业费"]),
        ("q=欧阳", ["收物业费"]),
        ("q=备注里", ["装修保证金"]),
        ("q=a-2025-000003", ["电梯维保"]),
        ("person=会计甲", ["装修保证金", "电梯维保", "收物业费", "计提二月物业费"]),
        ("person=无此人", []),
        ("q=%25", []),
    ],
)
def test_entries_are_found_by_what_is_known_of_them(kept: OfficeSite, query: str, found: list[str]) -> None:
    page = kept.client("supervisor").get(kept.path(f"/entries?{query}")).text
    assert re.findall(r'<td class="words">([^<]+?)\s*<', page) == found


def test_a_long_list_goes_on_by_key_and_misses_nothing(office: OfficeSite) -> None:
    posted = office.books.post_many([petty(n + 1, date=date(2025, 3, 1 + n % 5)) for n in range(120)])
    client, refs, address = office.client("preparer"), [], office.path("/entries")
    while address:
        page = client.get(address).text
        refs += re.findall(r'<a href="[^"]+/entries/(A-2025-\d+)">', page)
        more = re.search(r'href="([^"]+)">更早的', page)
        address = more[1].replace("&amp;", "&") if more else ""
    assert len(refs) == 120
    assert set(refs) == {item.ref for item in posted}


def test_an_entry_is_shown_with_all_that_is_private(kept: OfficeSite) -> None:
    page = kept.client("committee").get(kept.path("/entries/A-2025-000002")).text
    for text in ("欧阳某", "1-101", "会计甲", "审核乙", "300.00", "银行流水", "112201"):
        assert text in page
    charge = kept.client("committee").get(kept.path("/entries/A-2025-000001")).text
    assert "2 户明细" in charge
    assert "234.56" in charge
    assert kept.client("committee").get(kept.path("/entries/A-2025-000099")).status_code == 404


def test_only_a_preparer_is_offered_corrections(kept: OfficeSite) -> None:
    assert "记错了？" in kept.client("preparer").get(kept.path("/entries/A-2025-000002")).text
    for role in ("reviewer", "cashier", "committee", "supervisor"):
        assert "记错了？" not in kept.client(role).get(kept.path("/entries/A-2025-000002")).text


# --- Red letters --------------------------------------------------------------------------------------------


def test_a_red_letter_takes_a_reason_and_a_second_person(kept: OfficeSite) -> None:
    preparer, reviewer = kept.client("preparer"), kept.client("reviewer")
    answer = kept.post(
        preparer, kept.path("/entries/A-2025-000003/reverse"), reason="重复入账", on=TODAY.isoformat()
    )
    assert "等待审核" in kept.follow(preparer, answer).text
    assert kept.books.balance("220201") == -2_000_00, "nothing is posted before the review"
    again = kept.post(
        preparer, kept.path("/entries/A-2025-000003/reverse"), reason="又一次", on=TODAY.isoformat()
    )
    assert again.status_code == 422, "one correction of an entry waits at a time"
    kept.post(reviewer, kept.path("/work-items/1/review"))
    red = kept.books.stored("A-2025-000005")
    assert [line.amount for line in red.draft.lines] == [-2_000_00, -2_000_00]
    assert red.draft.preparer == kept.actor("preparer").signature
    assert red.draft.reviewer == kept.actor("reviewer").signature
    assert "重复入账" in red.draft.summary
    page = preparer.get(kept.path("/entries/A-2025-000003")).text
    assert "红字冲销</a>" in page or "A-2025-000005" in page
    assert "记错了？" not in page, "an entry is cancelled once"
    shown = preparer.get(kept.path("/entries/A-2025-000005")).text
    assert "第 1 号单据" in shown


def test_without_a_reason_nothing_is_reversed(kept: OfficeSite) -> None:
    answer = kept.post(
        kept.client("preparer"), kept.path("/entries/A-2025-000003/reverse"), reason=" ", on=TODAY.isoformat()
    )
    assert answer.status_code == 422
    assert "请填写冲销原因" in answer.text
    with reading(kept.engine) as conn, pytest.raises(Exception, match="没有第 1 号单据"):
        read_work(conn, kept.trust_id, 1)


def test_an_entry_of_last_year_is_offered_amendment_only(office: OfficeSite) -> None:
    office.books.post(petty(date=date(2024, 6, 1)))
    page = office.client("preparer").get(office.path("/entries/A-2024-000001")).text
    assert "不能红字冲销，请用订正" in page
    answer = office.post(
        office.client("preparer"),
        office.path("/entries/A-2024-000001/reverse"),
        reason="错",
        on=TODAY.isoformat(),
    )
    assert answer.status_code == 422


# --- Amendments ---------------------------------------------------------------------------------------------


def test_the_form_is_the_original_and_sending_it_back_changes_nothing(kept: OfficeSite) -> None:
    for no in (1, 2, 3, 4):
        ref = f"A-2025-{no:06d}"
        fields = amend_form(kept, ref)
        answer = kept.post(
            kept.client("preparer"), kept.path(f"/entries/{ref}/amend"), step="prepare", **fields
        )
        assert answer.status_code == 422, ref
        assert "没有差额" in answer.text, ref


def test_a_wrong_amount_becomes_one_entry_of_the_difference(kept: OfficeSite) -> None:
    preparer, ref = kept.client("preparer"), "A-2025-000003"
    fields = amend_form(kept, ref) | {"amount_1": "2,500.00", "amount_2": "2,500.00"}
    preview = kept.post(preparer, kept.path(f"/entries/{ref}/amend"), step="preview", **fields)
    assert preview.status_code == 200
    assert "差额补充登记" in preview.text
    assert "500.00" in preview.text
    with reading(kept.engine) as conn, pytest.raises(Exception, match="没有第 1 号单据"):
        read_work(conn, kept.trust_id, 1)
    kept.post(preparer, kept.path(f"/entries/{ref}/amend"), step="prepare", **typed(preview.text))
    kept.post(kept.client("reviewer"), kept.path("/work-items/1/review"))
    posted = kept.books.stored("A-2025-000005").draft
    assert (posted.event, [line.amount for line in posted.lines]) == ("E26c", [500_00, 500_00])
    assert kept.books.balance("220201") == -2_500_00


def test_a_wrong_account_becomes_a_red_and_a_blue_entry(kept: OfficeSite) -> None:
    preparer, ref = kept.client("preparer"), "A-2025-000003"
    fields = amend_form(kept, ref) | {"account_1": "500502 消防"}
    preview = kept.post(preparer, kept.path(f"/entries/{ref}/amend"), step="preview", **fields)
    assert "先红字冲销原凭证，再用蓝字" in preview.text
    kept.post(preparer, kept.path(f"/entries/{ref}/amend"), step="prepare", **fields)
    kept.post(kept.client("reviewer"), kept.path("/work-items/1/review"))
    assert [kept.books.stored(f"A-2025-00000{n}").draft.event for n in (5, 6)] == ["E26a", "E26b"]
    assert kept.books.balance("500501") == 0
    assert kept.books.balance("500502") == 2_000_00
    page = preparer.get(kept.path("/entries/A-2025-000006")).text
    assert "订正 <a" in page


def test_a_households_part_is_put_right_in_the_list_of_households(kept: OfficeSite) -> None:
    ref = "A-2025-000001"
    fields = amend_form(kept, ref)
    assert "1-102 234.56" in fields["details_1"]
    parts = "1-101 345.67\n1-102 200.00"
    fields |= {"details_1": parts, "details_2": parts}
    kept.post(kept.client("preparer"), kept.path(f"/entries/{ref}/amend"), step="prepare", **fields)
    kept.post(kept.client("reviewer"), kept.path("/work-items/1/review"))
    posted = kept.books.stored("A-2025-000005").draft
    assert [[(d.unit, d.amount) for d in line.details] for line in posted.lines] == [[("1-102", -34_56)]] * 2


def test_an_error_of_last_year_goes_through_3201(office: OfficeSite) -> None:
    office.books.post(petty(50_00, date=date(2024, 6, 1)))
    office.books.close_year(2024)
    fields = amend_form(office, "A-2024-000001") | {"amount_1": "80.00", "amount_2": "80.00"}
    path = office.path("/entries/A-2024-000001/amend")
    preview = office.post(office.client("preparer"), path, step="preview", **fields)
    assert "3201" in preview.text
    office.post(office.client("preparer"), path, step="prepare", **fields)
    office.post(office.client("reviewer"), office.path("/work-items/1/review"))
    assert office.books.balance("3201") == 30_00


def test_mistakes_come_back_with_what_was_typed(kept: OfficeSite) -> None:
    ref = "A-2025-000003"
    fields = amend_form(kept, ref) | {"amount_1": "两千", "date": "明天"}
    answer = kept.post(kept.client("preparer"), kept.path(f"/entries/{ref}/amend"), step="prepare", **fields)
    assert answer.status_code == 422
    assert "读不懂金额“两千”" in answer.text
    assert "读不懂日期“明天”" in answer.text
    assert 'value="两千"' in answer.text


def test_an_amendment_takes_a_new_paper_in_its_form(kept: OfficeSite) -> None:
    preparer, ref = kept.client("preparer"), "A-2025-000003"
    path = kept.path(f"/entries/{ref}/amend")
    paper = {"doc_file_1": ("验收单.png", picture(), "image/png")}
    fields = amend_form(kept, ref) | {
        "amount_1": "2500.00",
        "amount_2": "2500.00",
        "doc_kind_1": "acceptance",
    }
    preview = kept.post(preparer, path, step="preview", files=paper, **fields)
    assert "请再选一次" in preview.text, "a browser forgets the file"
    with reading(kept.engine) as conn:
        assert not list_uploads(conn, kept.trust_id), "looking at the difference keeps nothing"
    sent = kept.post(preparer, path, step="prepare", files=paper, **typed(preview.text))
    assert sent.status_code == 303, sent.text
    kept.post(kept.client("reviewer"), kept.path("/work-items/1/review"))
    with reading(kept.engine) as conn:
        (upload,) = list_uploads(conn, kept.trust_id)
    papers = kept.books.stored("A-2025-000005").draft.documents
    assert ("acceptance", upload.original) in [(item.kind, item.original) for item in papers]


def test_an_amended_payment_above_the_limit_is_co_signed_again(office: OfficeSite) -> None:
    with writing(office.engine) as conn:
        record_setting(conn, office.trust_id, "co_sign_above", 1_000_00, effective_on=OPENED, authority="信托文件", act=act())  # fmt: skip
    ref = office.books.post(payment(500_00, date=DAY)).ref
    fields = amend_form(office, ref) | {"amount_1": "1500.00", "amount_2": "1500.00"}
    answer = office.post(
        office.client("preparer"), office.path(f"/entries/{ref}/amend"), step="prepare", **fields
    )
    assert answer.status_code == 303, answer.text
    office.post(office.client("reviewer"), office.path("/work-items/1/review"))
    assert office.books.balance("220201") == 500_00, "the committee has not agreed yet"
    office.post(office.client("committee"), office.path("/work-items/1/co-sign"))
    assert office.books.balance("220201") == 500_00, "the cashier has not paid yet"
    cashier = office.client("cashier")
    assert "订正后比原凭证多付 ¥1,000.00" in cashier.get(office.path("/work-items/1")).text
    waiting = cashier.get(office.path("/payments/waiting")).text
    assert "1,000.00" in waiting
    assert "1,500.00" not in waiting, "only what is added is still to be paid"
    office.post(cashier, office.path("/work-items/1/pay"), paid_on=TODAY.isoformat(), bank_number="回单9")
    assert office.books.balance("220201") == 1_500_00


def test_who_paid_and_who_co_signed_stands_on_the_voucher(office: OfficeSite) -> None:
    with writing(office.engine) as conn:
        record_setting(conn, office.trust_id, "co_sign_above", 100_00, effective_on=OPENED, authority="信托文件", act=act())  # fmt: skip
        draft = payment(500_00, preparer="", reviewer="", documents=())
        prepare(conn, office.trust_id, Work(kind="voucher", title="付维保费", drafts=(draft,)), office.actor("preparer"), office.act())  # fmt: skip
    office.post(office.client("reviewer"), office.path("/work-items/1/review"))
    office.post(office.client("committee"), office.path("/work-items/1/co-sign"))
    paid = office.post(office.client("cashier"), office.path("/work-items/1/pay"), paid_on=TODAY.isoformat(), bank_number="回单7")  # fmt: skip
    assert paid.status_code == 303, paid.text
    client = office.client("supervisor")
    page = client.get(office.path("/entries/A-2025-000001")).text
    pdf = client.get(office.path("/books/vouchers/pdf?from=2025-06&to=2025-06")).content
    paper = "".join(p.extract_text() for p in pypdf.PdfReader(io.BytesIO(pdf)).pages)
    for role, label in (
        ("preparer", "制单"),
        ("reviewer", "审核"),
        ("cashier", "出纳"),
        ("committee", "会签"),
    ):
        assert office.actor(role).signature in page
        assert f"{label}：{office.actor(role).signature}" in paper
    assert "第 1 号单据" in page
    assert "回单7" in page


def test_the_difference_names_what_comes_what_goes_and_what_stays() -> None:
    original = petty(50_00)
    corrected = with_line(original, 1, account="5008")
    found = [(c.line.account, c.before, c.after, c.change) for c in changes(original, corrected)]
    assert found == [("5007", 50_00, None, -50_00), ("122101", 50_00, 50_00, 0), ("5008", None, 50_00, 50_00)]
    assert manner(original, corrected) == "red_and_blue"
    assert manner(changed(original, date=date(2024, 5, 1)), corrected) == "prior_year"
