"""Special projects in the browser: from the need to the final account, what is refused, what the public sees."""

from __future__ import annotations

import io
import json
import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from python_calamine import CalamineWorkbook

from disclosure.cli.main import run
from ledger.people import Role
from ledger.projects.shares import agreed_amounts, milestone_amounts
from ledger.projects.value import Plan
from ledger.store.engine import reading, writing
from ledger.trust import add_units
from tests.decisions import note_decision
from tests.documents.papers import picture
from tests.ledger.books import contribution
from tests.office.conftest import PASSWORD, OfficeSite
from tests.projects.desk import LIFT_UNITS, RESOLUTION, lift_plan
from tests.shells import CommandClock

EMPTY = {"none": ("", b"", "application/octet-stream")}
PLAN: dict[str, Any] = {
    "project": "X1",
    "title": "7栋加装电梯",
    "place": "7栋",
    "purpose": "为7栋加装一部电梯",
    "total": "1000000",
    "starts_on": "2025-02-01",
    "ends_on": "2025-06-30",
    "source_government": "4/9",
    "source_society": "100000",
    "source_owners": "5/9",
    "binding": "1",
    "milestone_1": "开工",
    "shows_1": "设备到场，开工报告签字",
    "portion_1": "30%",
    "milestone_2": "竣工",
    "shows_2": "特检合格，竣工验收签字",
    "portion_2": "70%",
    "retention_2": "5",
    "retention_until": "2025-06-01",
    "resolution": RESOLUTION,
    "matter": "rebuild",
    "by": "floor",
    "kind": "building",
    "names": "07",
    "factors": "1=0 2=5 3=8 4=10 5=12 6=14",
    "need": "1",
}


@pytest.fixture
def office(office: OfficeSite) -> OfficeSite:
    """With building 07 and the owners' decision on its lift."""
    with writing(office.engine) as conn:
        add_units(conn, office.trust_id, LIFT_UNITS)
        note_decision(conn, office.trust_id, RESOLUTION, "rebuild")
    return office


def send(office: OfficeSite, role: str, path: str, *, papers: bool = True, **fields: Any) -> httpx.Response:
    """Post a form; those with papers as multipart, as browsers do."""
    if papers:
        fields.setdefault("files", EMPTY)
    return office.post(office.client(role), office.path(path), **fields)


def paper(kind: str, number: str = "") -> dict[str, Any]:
    """A form's row with a scan."""
    return {
        "doc_kind_1": kind,
        "doc_title_1": "扫描件",
        "doc_number_1": number,
        "files": {"doc_file_1": ("scan.png", picture(), "image/png")},
    }


def agree(office: OfficeSite, answer: httpx.Response, paid_on: str = "2025-06-20") -> None:
    """Review what a form prepared, and pay it if it is to be paid."""
    assert answer.status_code == 303, answer.text
    work = answer.headers["location"]
    assert office.post(office.client("reviewer"), f"{work}/review", note="").status_code == 303
    if "待付款" in office.client("cashier").get(work).text:
        paid = office.post(office.client("cashier"), f"{work}/pay", paid_on=paid_on, bank_number="H9")
        assert paid.status_code == 303, paid.text


def need_and_plan(office: OfficeSite, **changes: Any) -> httpx.Response:
    fields = {
        "title": "7栋没有电梯",
        "place": "7栋",
        "homes": "12",
        "urgency": "soon",
        "reporter": "residents",
    }
    assert send(office, "committee", "/project-needs", papers=False, **fields).status_code == 303
    return send(office, "preparer", "/project-plans", papers=False, **(PLAN | changes))


def adopt(office: OfficeSite) -> httpx.Response:
    """Press the button of the page as it stands now."""
    shown = office.client("committee").get(office.path("/projects/X1")).text
    found = re.search(r'name="version" value="(\d+)"', shown)
    assert found, shown
    return send(office, "committee", "/projects/X1/adopt", papers=False, version=found[1])


def adopted(office: OfficeSite) -> None:
    assert need_and_plan(office).status_code == 303
    answer = adopt(office)
    assert answer.status_code == 303, answer.text


def accept(office: OfficeSite, milestone: str) -> httpx.Response:
    fields = {"milestone": milestone, "on": "2025-06-10", "note": ""}
    return send(office, "committee", "/projects/X1/acceptance", **fields, **paper("acceptance"))


def money_there(office: OfficeSite) -> None:
    """The grant on record, all three sources paid in."""
    grant = {
        "grant": "BZ-1",
        "title": "加装电梯补助",
        "kind": "subsidy",
        "source": "government",
        "giver": "锦城区住建局",
        "purpose": "只用于7栋加装电梯",
        "amount": "400000",
        "paper": "锦住建〔2025〕8号",
        "approved_on": "2025-02-10",
    }
    answer = send(office, "preparer", "/projects/X1/grants", **grant, **paper("approval"))
    assert answer.status_code == 303, answer.text
    slip = {"bank_account": "F5-CMB", "on": "2025-06-01", "paper": "bank_line"}
    homes = "07-1-0601 300000\n07-1-0602 200000.00"
    for number, fields in enumerate(
        (
            {"source": "government", "grant": "BZ-1", "amount": "400000"},
            {"source": "society", "amount": "100000", "giver": "锦城慈善会", "giver_public": "1"},
            {"source": "owners", "amount": "500000", "homes": homes},
        )
    ):
        agree(
            office, send(office, "preparer", "/projects/X1/receipt", **slip, **fields, number=f"S-{number}")
        )


def invoice(office: OfficeSite, milestone: str, amount: str, number: str) -> httpx.Response:
    fields = {
        "milestone": milestone,
        "contract": "C1",
        "number": number,
        "amount": amount,
        "on": "2025-06-12",
    }
    papers = {**paper("invoice", number), "doc_kind_2": "acceptance", "doc_title_2": "验收单"}
    return send(office, "preparer", "/projects/X1/invoice", **fields, **papers)


def payables(office: OfficeSite) -> list[str]:
    from ledger.projects.paying import project_debts

    with reading(office.engine) as conn:
        return [debt.key for debt, _ in project_debts(conn, office.trust_id, "X1")]


def pay_all(office: OfficeSite, key: str, amount: str, **changes: str) -> httpx.Response:
    fields = {f"pick_{key}": "1", f"amount_{key}": amount, "bank_account": "F5-CMB", "on": "2025-06-15"}
    return send(office, "preparer", "/projects/X1/payment", **(fields | changes))


def public(office: OfficeSite, path: str) -> str:
    answer = office.anyone().get(f"/c/{office.slug}{path}")
    assert answer.status_code == 200, answer.text
    return answer.text


def test_a_lift_is_built_through_the_office(office: OfficeSite) -> None:
    adopted(office)
    money_there(office)
    assert accept(office, "1").status_code == 303
    agree(office, invoice(office, "1", "300000", "26000000000000000001"))
    (key,) = payables(office)
    form = office.client("preparer").get(office.path("/projects/X1/payment")).text
    for proposed in ("120000.00", "30000.00", "150000.00"):
        assert f'value="{proposed}"' in form
    split = {"source_government": "120000", "source_society": "30000", "source_owners": "150000"}
    agree(office, pay_all(office, key, "300000", **split, **{"grant_BZ-1": "120000"}))
    assert accept(office, "2").status_code == 303
    agree(office, invoice(office, "2", "690000", "26000000000000000002"))
    owed = next(key for key in payables(office) if key.endswith("220201"))
    split = {"source_government": "262200", "source_society": "65550", "source_owners": "327750"}
    agree(office, pay_all(office, owed, "655500", **split, **{"grant_BZ-1": "262200"}))
    counts = {"satisfied": "10", "fair": "1", "unsatisfied": "1", "on": "2025-06-25", "note": ""}
    assert send(office, "committee", "/projects/X1/evaluation", **counts).status_code == 303
    preview = office.client("supervisor").get(office.path("/projects/X1/final")).text
    assert "试算" in preview
    assert "公布决算并关闭" not in preview
    done = send(office, "committee", "/projects/X1/final", papers=False, note="结余退回")
    assert done.status_code == 303, done.text
    page = public(office, "/projects/X1")
    for text in (
        "已决算",
        "节约 10,000.00 元",
        "满意 10 户",
        "锦城区住建局",
        "BZ-1",
        f"/c/{office.slug}/resolutions/",
        "政府补助 120,000.00",
    ):
        assert text in page, text
    assert "07-1-0" not in page
    assert "100,000.00" in page
    assert "7栋没有电梯" in public(office, "/projects")


def test_the_public_page_of_a_running_project_shows_plan_against_actual(office: OfficeSite) -> None:
    adopted(office)
    money_there(office)
    page = public(office, "/projects/X1")
    for text in (
        "进行中",
        "已到账 1,000,000.00 元",
        "2 个付款节点验收了 0 个",
        "限定用途的资金",
        "共 10 户、500,000.00 元",
    ):
        assert text in page, text
    asking = f"/c/{office.slug}/ask?about=project:X1"
    assert f'href="{asking}"' in page, "what is not clear is asked from here"
    assert "7栋加装电梯" in office.client("resident").get(asking).text
    etag = office.anyone().get(f"/c/{office.slug}/projects/X1").headers["etag"]
    assert accept(office, "1").status_code == 303
    again = office.anyone().get(f"/c/{office.slug}/projects/X1", headers={"if-none-match": etag})
    assert again.status_code == 200, "a step of the committee is no entry, but the page changes"
    assert office.anyone().get(f"/c/{office.slug}/projects/X9").status_code == 404


def test_a_plan_form_comes_back_with_what_was_typed_and_all_that_is_wrong(office: OfficeSite) -> None:
    answer = need_and_plan(office, source_owners="1/9", portion_1="一半", factors="二楼", shows_2="")
    assert answer.status_code == 422
    for text in ("读不懂金额", "楼层系数", "付款节点 2 的付款条件", "为7栋加装一部电梯"):
        assert text in answer.text, text
    answer = send(office, "preparer", "/project-plans", papers=False, **(PLAN | {"source_owners": "1/9"}))
    assert answer.status_code == 422
    assert "应正好是 1" in answer.text


def test_each_home_is_previewed_and_kept_for_those_who_may_see_it(office: OfficeSite) -> None:
    assert need_and_plan(office).status_code == 303
    preview = office.client("supervisor").get(office.path("/projects/X1/parts")).text
    assert "试算" in preview
    assert "07-1-0601" in preview
    assert "07-1-0101" not in preview, "the ground floor bears nothing"
    adopt(office)
    sheet = office.client("supervisor").get(office.path("/projects/X1/parts/xlsx"))
    with CalamineWorkbook.from_filelike(io.BytesIO(sheet.content)) as book:
        rows = book.get_sheet_by_index(0).to_python()
    total = next(row for row in reversed(rows) if str(row[0]).startswith("合计"))
    assert (total[0], total[2]) == ("合计 10 户", 500_000.0)
    paper = office.client("supervisor").get(office.path("/projects/X1/parts/pdf"))
    assert paper.headers["content-type"] == "application/pdf"
    assert office.client("supervisor").get(office.path("/projects/X1/parts/exe")).status_code == 404
    kept = office.client("supervisor").get(office.path("/projects/X1/parts")).text
    assert "分毫不差" in kept
    assert "500,000.00" in kept


def test_a_resident_sees_what_the_own_home_bears_and_no_other(office: OfficeSite) -> None:
    plan = {"kind": "all", "by": "area", "factors": "", "names": ""}
    assert need_and_plan(office, **plan).status_code == 303
    resident, path = office.client("resident"), f"/c/{office.slug}/mine/projects"
    assert "没有要分摊的项目" in resident.get(path).text
    adopt(office)
    page = resident.get(path).text
    assert "7栋加装电梯" in page
    assert "1-101" in page
    assert "1-102" not in page
    assert "看我家的分摊" in resident.get(f"/c/{office.slug}/mine").text


def test_the_desk_of_the_committee_says_a_plan_waits(office: OfficeSite) -> None:
    assert need_and_plan(office).status_code == 303
    assert "项目计划待通过" in office.client("committee").get(office.path()).text
    adopt(office)
    assert "项目计划待通过" not in office.client("committee").get(office.path()).text


def test_a_plan_without_its_decision_is_not_adopted(office: OfficeSite) -> None:
    assert need_and_plan(office, resolution="业决〔2025〕99号").status_code == 303
    answer = adopt(office)
    assert answer.status_code == 422
    assert "没有登记过“业决〔2025〕99号”" in answer.text
    assert need_and_plan(office, matter="use_maintenance_fund").status_code == 303
    answer = adopt(office)
    assert answer.status_code == 422
    assert "不能用在这里" in answer.text


def test_a_plan_drafted_while_another_was_being_read_is_not_adopted(office: OfficeSite) -> None:
    assert need_and_plan(office).status_code == 303
    assert need_and_plan(office).status_code == 303
    answer = send(office, "committee", "/projects/X1/adopt", papers=False, version="1")
    assert answer.status_code == 422
    assert "您看的是第 1 版，现在最新的是第 2 版" in answer.text
    blind = send(office, "committee", "/projects/X1/adopt", papers=False)
    assert blind.status_code == 422
    assert adopt(office).status_code == 303


def test_no_payment_before_acceptance_and_none_beyond_the_milestone(office: OfficeSite) -> None:
    adopted(office)
    money_there(office)
    early = invoice(office, "1", "300000", "26000000000000000001")
    assert early.status_code == 422
    assert "还没有验收" in early.text
    without = send(office, "committee", "/projects/X1/acceptance", milestone="1", on="2025-06-10")
    assert without.status_code == 422
    assert "请上传签字的验收单" in without.text
    accept(office, "1")
    above = invoice(office, "1", "300000.01", "26000000000000000001")
    assert above.status_code == 422
    assert "超过约定的 300,000.00 元" in above.text


def test_a_grant_is_spent_on_its_purpose_and_named(office: OfficeSite) -> None:
    adopted(office)
    money_there(office)
    accept(office, "1")
    agree(office, invoice(office, "1", "300000", "26000000000000000001"))
    (key,) = payables(office)
    unnamed = pay_all(office, key, "300000", source_government="300000")
    assert unnamed.status_code == 422
    assert "限定用途资金须写明资金编号" in unnamed.text
    short = pay_all(office, key, "300000", source_owners="299999.99")
    assert "两者应相等" in short.text
    beyond = pay_all(office, key, "300000", source_society="300000")
    assert "超过约定承担的 100,000.00 元" in beyond.text


def test_resources_and_needs_can_be_changed_and_are_listed_for_everybody(office: OfficeSite) -> None:
    fields = {"title": "加装电梯补助", "source": "government", "giver": "锦城区住建局", "state": "applied"}
    assert send(office, "preparer", "/project-resources", **fields, **paper("approval")).status_code == 303
    page = office.client("preparer").get(office.path("/project-resources?no=1")).text
    assert "修改资源第 1 号" in page
    promised = fields | {"no": "1", "state": "promised", "amount": "400000"}
    refused = send(office, "preparer", "/project-resources", **promised)
    assert refused.status_code == 422
    assert "请填写文号" in refused.text
    done = send(office, "preparer", "/project-resources", **promised, paper="锦住建〔2025〕8号")
    assert done.status_code == 303
    page = public(office, "/projects")
    assert "400,000.00" in page
    assert "已承诺" in page


@pytest.mark.parametrize(
    "path",
    ["", "/project-needs", "/project-resources", "/project-plans", "/project-plans?project=X1"]
    + [
        f"/projects/X1{part}"
        for part in ("", "/parts", "/grants", "/receipt", "/fund", "/invoice", "/payment", "/final")
    ],
)
def test_every_page_opens_before_anything_happened(office: OfficeSite, path: str) -> None:
    assert need_and_plan(office).status_code == 303
    page = office.client("preparer").get(office.path(path or "/projects"))
    assert page.status_code == 200, page.text


def test_the_maintenance_fund_pays_the_owners_part(office: OfficeSite) -> None:
    office.books.post(contribution([(u.unit, 100_000_00) for u in LIFT_UNITS], date=date(2025, 1, 5)))
    with writing(office.engine) as conn:
        note_decision(conn, office.trust_id, "业决〔2025〕8号", "use_maintenance_fund")
    plan = {"plan": "WX-1", "title": "7栋加装电梯", "estimate": "500000", "kind": "building", "names": "07"}
    more = {"resolution": "业决〔2025〕8号", "filing": "备案3号", "shortfall": "refuse"}
    kept = send(office, "preparer", "/maintenance/plans", papers=False, **plan, **more)
    assert kept.status_code == 303, kept.text
    shares = {"source_government": "1/2", "source_society": "", "source_owners": "1/2", "by": ""}
    assert need_and_plan(office, **shares, fund_plan="WX-1").status_code == 303
    adopt(office)
    accept(office, "1")
    use = {
        "plan": "WX-1",
        "amount": "200000",
        "on": "2025-06-12",
        "payee": "电梯公司",
        "bank_account": "M-ICBC",
    }
    bare = send(office, "preparer", "/maintenance/use", **use, bill="JS-1")
    assert bare.status_code == 422
    assert "请在“专项项目”里从维修资金支付" in bare.text
    form = office.client("preparer").get(office.path("/projects/X1/fund")).text
    assert "还可列支 300000.00 元" in form
    agree(office, send(office, "preparer", "/projects/X1/fund", **use, milestone="1", bill="JS-1"))
    page = public(office, "/projects/X1")
    assert "从维修资金支付" in page
    assert "200,000.00" in page
    above = send(
        office, "preparer", "/projects/X1/fund", **(use | {"amount": "100000.01"}), milestone="1", bill="JS-2"
    )
    assert "超过约定的 300,000.00 元" in above.text


# --- The command line ----------------------------------------------------------------------------------------


@dataclass
class Shell:
    """The installation as the command line finds it."""

    office: OfficeSite
    clock: CommandClock

    def __call__(self, role: str, *words: str) -> int:
        """Run a command as the person of a role."""
        self.office.client(role)  # the first log-in sets up the phone
        self.clock.show_code(self.office.secrets[Role(role)])
        return run(["project", *words, "--as", self.office.person(role).account])


@pytest.fixture
def shell(office: OfficeSite, monkeypatch: pytest.MonkeyPatch) -> Shell:
    monkeypatch.setenv("DATA_DIR", str(office.config.data_dir))
    monkeypatch.setenv("DATABASE_URL", office.config.database_url)
    monkeypatch.setenv("PUBLIC_URL", office.config.public_url)
    monkeypatch.setenv("MINGZHANG_PASSWORD", PASSWORD)
    return Shell(office, CommandClock(monkeypatch))


@pytest.mark.db("sqlite")  # a process of its own in earnest: it leaves its connections open
def test_the_command_line_does_the_same(
    shell: Shell, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    scan = tmp_path / "scan.png"
    scan.write_bytes(picture())
    file = tmp_path / "plan.json"
    file.write_bytes(msgspec.json.encode(lift_plan()))
    steps = [
        ("committee", ["need", "7栋没有电梯", "--place", "7栋", "--homes", "12"]),
        ("preparer", ["plan", str(file)]),
        ("chair", ["adopt", "X1", "--version", "1"]),
        ("committee", ["accept", "X1", "1", "--file", str(scan)]),
    ]
    for role, words in steps:
        assert shell(role, *words) == 0, capsys.readouterr().err
    capsys.readouterr()
    assert run(["project", "show", "X1", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert (shown["state"], len(shown["milestones"])) == ("running", 2)
    assert run(["project", "parts", "X1", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["total"] == 500_000_00
    assert run(["project", "list"]) == 0
    assert "7栋没有电梯" in capsys.readouterr().out
    assert run(["project", "final", "X1"]) == 0
    assert "试算" in capsys.readouterr().out


@pytest.mark.db("sqlite")  # a process of its own in earnest: it leaves its connections open
def test_the_command_line_refuses_with_the_same_words(
    shell: Shell, capsys: pytest.CaptureFixture[str]
) -> None:
    adopted(shell.office)
    words = ["invoice", "X1", "1", "100", "--contract", "C1", "--number", "26000000000000000009"]
    assert shell("preparer", *words) == 1
    assert "还没有验收" in capsys.readouterr().err
    receipt = ["receipt", "X1", "government", "100", "--bank", "F5-CMB", "--number", "S-1"]
    assert shell("reviewer", *receipt) == 1
    assert "您没有" in capsys.readouterr().err


def test_the_example_of_a_plan_can_be_read() -> None:
    text = (Path(__file__).resolve().parents[2] / "docs" / "project-plan.example.json").read_bytes()
    plan = msgspec.json.decode(text, type=Plan)
    assert sum(agreed_amounts(plan).values()) == sum(milestone_amounts(plan).values()) == plan.total
