"""The trustee changes: the books freeze, are counted and signed for by three, and go on without a break."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

import httpx
import msgspec
import pytest
from PIL import Image
from pypdf import PdfReader
from sqlalchemy import select

from ledger.balances import resolve_clock, trial_balance
from ledger.errors import Refused
from ledger.handover import handover_state, refuse_if_frozen
from ledger.handover.read import HandoverFile, handover_items, read_handover
from ledger.handover.snapshot import snapshot_bytes, snapshot_digest, take_snapshot
from ledger.journal.head import peek_head
from ledger.store.engine import reading, writing
from ledger.store.tables import handover_snapshot, trust
from ledger.trust.deeds import deed_versions
from ledger.trust.setup import load_setup
from ledger.trust.tenure import tenures
from ledger.work import Work, prepare
from tests.ledger.books import TRUSTEE, deposit, fee_charge, fee_receipt, interest, invoice
from tests.office.conftest import OfficeSite

OLD, NEW = "锦安物业服务有限公司", "和润物业服务有限公司"
BEGIN = {"incoming": NEW, "reason": "expired", "authority": TRUSTEE, "planned_on": "2025-07-01"}
COMPLETE = {
    "t_trustee": NEW,
    "t_starts_on": "2025-06-30",
    "t_ends_on": "2028-06-30",
    "t_contract": "物业服务合同 W-2025-1",
    "t_notice_days": "90",
    "t_authority": TRUSTEE,
    "purpose": "提供物业服务",
    "parties": f"委托人：业主大会；受托人：{NEW}",
    "beneficiaries": "全体业主",
    "property_scope": "物业费、公共收益",
    "benefit_form": "按面积",
    "effective_on": "2025-06-30",
    "authority": TRUSTEE,
}


def do(
    office: OfficeSite, step: str, role: str = "chair", scan: bytes = b"", **fields: str
) -> httpx.Response:
    files = {"scan": ("签字页.png", scan, "image/png")} if scan else None
    if step in ("check", "sign") and files is None:
        files = {"scan": ("", b"", "application/octet-stream")}
    return office.post(office.client(role), office.path(f"/handover/{step}"), files=files, **fields)


def scan() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (40, 30), "white").save(file, "PNG")
    return file.getvalue()


def file_of(office: OfficeSite) -> HandoverFile:
    with reading(office.engine) as conn:
        found = read_handover(conn, office.trust_id)
    assert found is not None
    return found


def some_books(office: OfficeSite) -> None:
    office.books.post_many([fee_charge(), fee_receipt(), invoice(), interest(), deposit()])


def frozen(office: OfficeSite) -> None:
    assert do(office, "begin", **BEGIN).status_code == 303
    assert do(office, "freeze").status_code == 303


def count_everything(office: OfficeSite) -> None:
    for item in handover_items():
        fields = {"item": item, "outcome": "agreed", "note": ""}
        assert do(office, "check", "preparer", **fields).status_code == 303


def sign_all(office: OfficeSite) -> None:
    assert do(office, "sign", "reviewer", party="outgoing").status_code == 303
    assert do(office, "sign", "chair", party="committee").status_code == 303
    paper = do(office, "sign", "chair", scan=scan(), party="incoming", name="赵经理")
    assert paper.status_code == 303, paper.text
    assert do(office, "sign", "reviewer", party="incoming").status_code == 303


def trial(office: OfficeSite) -> dict[Any, int]:
    with reading(office.engine) as conn:
        clock = resolve_clock(conn, office.trust_id, today=office.act().today)
        return {
            (book, r.account, r.fund): r.totals.balance
            for book in ("A", "M")
            for r in trial_balance(conn, office.trust_id, book, clock)
        }


def test_a_handover_from_beginning_to_end(office: OfficeSite) -> None:
    some_books(office)
    before, size = trial(office), office.books.check_log()
    frozen(office)
    count_everything(office)
    sign_all(office)
    page = office.client("chair").get(office.path("/handover")).text
    assert "接任受托人上任" in page
    assert f'value="{NEW}"' in page
    done = do(office, "complete", **COMPLETE)
    assert "受托人已变更为" in office.follow(office.client("chair"), done).text
    assert trial(office) == before, "nothing is carried to profit"
    assert office.books.check_log() == size, "no entry was posted"
    with reading(office.engine) as conn:
        assert conn.scalar(select(trust.c.trustee).where(trust.c.trust_id == office.trust_id)) == NEW
        assert tenures(conn, office.trust_id)[0].tenure.trustee == NEW
        assert [v.version for v in deed_versions(conn, office.trust_id)] == [2, 1]
    assert NEW in office.anyone().get(f"/c/{office.slug}").text
    assert office.books.post(interest()).ref == "A-2025-000006", "numbers go on"


def test_while_the_books_are_frozen_new_work_is_refused(office: OfficeSite) -> None:
    assert do(office, "begin", **BEGIN).status_code == 303
    with reading(office.engine) as conn:
        refuse_if_frozen(conn, office.trust_id, "charge")
    do(office, "freeze")
    with reading(office.engine) as conn:
        with pytest.raises(Refused) as refused:
            refuse_if_frozen(conn, office.trust_id, "charge")
        refuse_if_frozen(conn, office.trust_id, "handover")
    assert refused.value.codes == {"books_frozen"}
    assert NEW in str(refused.value)
    do(office, "cancel", note="业主大会撤销决议，业决〔2025〕9号")
    with reading(office.engine) as conn:
        refuse_if_frozen(conn, office.trust_id, "charge")
        state = handover_state(conn, office.trust_id)
    assert state is not None
    assert (state.stage, state.under_way) == ("cancelled", False)


def test_work_under_way_is_finished_before_the_books_freeze(office: OfficeSite) -> None:
    do(office, "begin", **BEGIN)
    with writing(office.engine) as conn:
        work = Work(kind="voucher", title="利息", drafts=(interest(),))
        prepare(conn, office.trust_id, work, office.actor("preparer"), office.act())
    answer = do(office, "freeze")
    assert answer.status_code == 422
    assert "还有 1 张单据在途" in answer.text


def test_the_snapshot_is_what_the_books_say_and_can_be_made_again(office: OfficeSite) -> None:
    some_books(office)
    frozen(office)
    file = file_of(office)
    assert file.snapshot is not None
    value = file.snapshot.value
    for book in ("A", "M"):
        shown = {(book, row["account"], row["fund"]): row["balance"] for row in value["trial"][book]}
        assert shown == {key: b for key, b in trial(office).items() if key[0] == book and b}
    for fund in ("F1", "F2", "F3"):
        assert sum(row["balance"] for row in value["trial"]["A"] if row["fund"] == fund) == 0
    totals = {row["account"]: row["balance"] for row in value["trial"]["A"]}
    for entry in value["lists"]:
        assert sum(row["balance"] for row in entry["rows"]) == totals[entry["account"]]
    assert {row["code"]: row["balance"] for row in value["bank"]}["F3-ICBC"] == totals["100203"]
    with reading(office.engine) as conn:
        head = peek_head(conn, office.trust_id)
        again = take_snapshot(conn, load_setup(conn, office.trust_id, head.setup_version), office.act())
        kept = conn.execute(select(handover_snapshot.c.body)).scalar_one().encode()
    assert (again["size"], again["log_root"]) == (head.tree.size, head.tree.root().hex())
    again["checkpoint_size"], again["checkpoint_root"] = value["checkpoint_size"], value["checkpoint_root"]
    assert snapshot_bytes(again) == kept
    assert snapshot_digest(kept) == file.snapshot.digest
    assert msgspec.json.decode(kept) == value


def test_nobody_signs_before_everything_is_counted_or_for_two(office: OfficeSite) -> None:
    frozen(office)
    early = do(office, "sign", "chair", party="committee")
    assert "还没有清点：银行账户与余额" in early.text
    count_everything(office)
    assert do(office, "sign", "chair", party="outgoing").status_code == 403
    assert do(office, "sign", "reviewer", party="committee").status_code == 403
    assert "请上传签字的扫描件" in do(office, "sign", "chair", party="incoming").text
    assert "请填写签字人" in do(office, "sign", "chair", scan=scan(), party="incoming").text
    assert do(office, "sign", "chair", party="committee").status_code == 303
    assert "已经签收" in do(office, "sign", "chair", party="committee").text
    assert set(file_of(office).signed) == {"committee"}
    assert "清点结果不能再改" in do(office, "check", "preparer", item="bank", outcome="agreed", note="").text


def test_a_paper_of_the_incoming_trustee_counts_when_a_second_person_confirmed_it(office: OfficeSite) -> None:
    frozen(office)
    count_everything(office)
    assert do(office, "sign", "chair", scan=scan(), party="incoming", name="赵经理").status_code == 303
    assert set(file_of(office).signed) == set()
    page = office.client("reviewer").get(office.path("/handover")).text
    assert "等另一个人核对原件后确认" in page
    assert "我已核对签字页，确认" in page
    assert "我已核对签字页，确认" not in office.client("chair").get(office.path("/handover")).text
    again = do(office, "sign", "chair", scan=scan(), party="incoming", name="钱经理")
    assert "须由另一个人核对原件后确认" in again.text
    assert do(office, "sign", "reviewer", party="incoming").status_code == 303
    signed = file_of(office).signed["incoming"]
    assert (signed.note, signed.person) == ("赵经理", office.person("chair").person)
    assert "已经签收" in do(office, "sign", "reviewer", scan=scan(), party="incoming", name="钱经理").text


def test_nobody_records_the_paper_of_another_party(office: OfficeSite) -> None:
    frozen(office)
    count_everything(office)
    for role, party in (("chair", "outgoing"), ("reviewer", "committee")):
        assert do(office, "sign", role, scan=scan(), party=party, name="某某").status_code == 403
    assert do(office, "sign", "chair", scan=scan(), party="committee", name="周主任").status_code == 303
    assert file_of(office).signed["committee"].outcome == "paper"


def test_what_one_person_recorded_opens_no_door(office: OfficeSite) -> None:
    some_books(office)
    frozen(office)
    count_everything(office)
    assert do(office, "sign", "reviewer", scan=scan(), party="outgoing", name="李经理").status_code == 303
    assert do(office, "sign", "chair", party="committee").status_code == 303
    assert do(office, "sign", "chair", scan=scan(), party="incoming", name="赵经理").status_code == 303
    assert "接任受托人还没有签收" in do(office, "complete", **COMPLETE).text
    assert "清点结果不能再改" in do(office, "check", "preparer", item="bank", outcome="agreed", note="").text


def test_a_difference_is_explained(office: OfficeSite) -> None:
    frozen(office)
    bare = do(office, "check", "cashier", item="bank", outcome="difference", note="")
    assert "要写明差多少" in bare.text
    fields = {"item": "bank", "outcome": "difference", "note": "银行少 12 元手续费，待入账"}
    assert do(office, "check", "cashier", scan=scan(), **fields).status_code == 303
    found = file_of(office).counted["bank"]
    assert (found.outcome, len(found.document)) == ("difference", 64)


def test_entries_posted_around_the_freeze_void_the_snapshot(office: OfficeSite) -> None:
    some_books(office)
    frozen(office)
    count_everything(office)
    sign_all(office)
    office.books.post(interest())
    refused = do(office, "complete", **COMPLETE)
    assert "快照以后账簿里又入了账" in refused.text
    assert do(office, "freeze").status_code == 303
    assert (file_of(office).counted, file_of(office).signed) == ({}, {})
    count_everything(office)
    sign_all(office)
    assert do(office, "complete", **COMPLETE).status_code == 303


def test_the_new_trustee_comes_in_complete_or_not_at_all(office: OfficeSite) -> None:
    frozen(office)
    assert "还没有签收" in do(office, "complete", **COMPLETE).text
    count_everything(office)
    sign_all(office)
    for changes, said in (
        ({"t_trustee": "另一家物业有限公司"}, "新任期的受托人应是"),
        ({"t_contract": ""}, "请填写合同"),
        ({"t_starts_on": "2025-07-01"}, "请到那天再办理上任"),
        ({"authority": ""}, "请填写决议号"),
        ({"parties": "委托人、受托人"}, "没有需要登记的改动"),
        ({"benefit_form": ""}, "请填写受益方式"),
    ):
        answer = do(office, "complete", **(COMPLETE | changes))
        assert (answer.status_code, said in answer.text) == (422, True), said
    assert file_of(office).state.frozen
    with reading(office.engine) as conn:
        assert tenures(conn, office.trust_id) == []


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"incoming": " 锦安物业服务有限公司　"}, "接任的就是现任受托人"),
        ({"authority": ""}, "请填写决议号"),
        ({"reason": "other"}, "没有“other”这个选项"),
        ({"planned_on": ""}, "请填写计划交接日"),
    ],
)
@pytest.mark.db("sqlite")
def test_a_handover_that_makes_no_sense_is_refused(
    office: OfficeSite, changes: dict[str, str], said: str
) -> None:
    assert said in do(office, "begin", **(BEGIN | changes)).text
    with reading(office.engine) as conn:
        assert read_handover(conn, office.trust_id) is None


def test_there_is_one_handover_at_a_time(office: OfficeSite) -> None:
    do(office, "begin", **BEGIN)
    assert "已有一次移交正在办理" in do(office, "begin", **BEGIN).text
    assert "请先冻结账簿" in do(office, "check", item="bank", outcome="agreed").text


def test_the_list_is_a_pdf_with_balances_and_signatures(office: OfficeSite) -> None:
    some_books(office)
    client = office.client("supervisor")
    assert client.get(office.path("/handover/list.pdf")).status_code == 404
    frozen(office)
    count_everything(office)
    sign_all(office)
    answer = client.get(office.path("/handover/list.pdf"))
    assert answer.headers["content-type"] == "application/pdf"
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.content)).pages)
    for said in ("受托人移交清册", OLD, NEW, "2,000.00", "装修保证金", "赵经理", "纸面签字"):
        assert said in text, said
    assert "1-101" in client.get(office.path("/handover/snapshot")).text


def test_who_may_do_which_step(office: OfficeSite) -> None:
    frozen(office)
    for role, allowed in {
        "preparer": {"check"},
        "cashier": {"check"},
        "reviewer": {"check", "freeze", "sign", "begin"},
        "committee": {"check"},
        "chair": {"check", "freeze", "sign", "begin", "complete", "cancel"},
        "supervisor": set(),
        "resident": set(),
        "operator": set(),
    }.items():
        for step in ("begin", "freeze", "check", "sign", "complete", "cancel"):
            status = do(office, step, role).status_code
            assert status in ((303, 422) if step in allowed else (403,)), (role, step)


def test_a_later_day_sees_the_old_trustee_in_the_history(office: OfficeSite) -> None:
    frozen(office)
    count_everything(office)
    sign_all(office)
    do(office, "complete", **COMPLETE)
    office.clock.to(date(2025, 7, 2))
    page = office.client("supervisor").get(office.path("/handover")).text
    assert f"{OLD} → {NEW}" in page
    assert "已完成" in page


def test_the_desk_says_that_a_handover_is_under_way(office: OfficeSite) -> None:
    client = office.client("reviewer")
    assert "账簿已冻结" not in client.get(office.path()).text
    do(office, "begin", **BEGIN)
    assert "等待冻结账簿" in client.get(office.path()).text
    do(office, "freeze")
    assert "账簿已冻结" in client.get(office.path()).text
