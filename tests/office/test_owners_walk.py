"""The owners decide, over a summer, at browsers: a budget, a lift, and what the trustee may and may not pay.

A resident comments on the budget from a phone; the committee approves it; a request fits, another doesn't. The
owners vote to replace a lift out of three sources and the maintenance fund, on a phone and on paper; the project
is planned, apportioned, paid and closed. `WALK_SHOTS=folder` keeps pictures of every page on the way.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from random import Random

import pypdf
import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import Engine

from disclosure.app import create_app
from disclosure.config import Config
from disclosure.signing import Keys, sign_pending
from ledger.log.keys import create_key
from ledger.store.engine import open_engine, reading
from ledger.verify import verify_books
from tests.documents.papers import picture
from tests.ledger.books import TODAY, contribution
from tests.office.conftest import CHEAP, Clock, settle
from tests.office.walker import PASSWORD, Walker, newcomer
from tests.resolutions.assembly import HOMES, assemble
from tests.servers import Database
from tests.serving import serving

SITE = "/c/trust-1"
OFFICE, MINE = f"{SITE}/office", f"{SITE}/mine"
OPENS, CLOSED = date(2025, 7, 16), date(2025, 7, 25)
RESIDENT = "resident"
PAPER = {"3-101": "1", "3-201": "1", "3-301": "1", "3-302": "2"}
"""Ballots on paper: 1 agrees, 2 is against."""
IN_FUND = 30_000_00
"""Each home of building 3 has this in the maintenance fund, in fen."""


@dataclass
class Town:
    """The people, each at a browser of their own."""

    people: dict[str, Walker]
    clock: Clock
    engine: Engine
    config: Config

    def __getitem__(self, name: str) -> Walker:
        return self.people[name]

    def to(self, day: date) -> None:
        """Another day: everybody who is needed logs in again."""
        self.clock.to(day)
        for name, walker in self.people.items():
            if walker.secret or name == RESIDENT:
                sign_in(walker, name)

    def sign(self) -> None:
        """The log, at once: the site does it within a second."""
        sign_pending(self.engine, Keys(self.config), self.clock)

    def reviewed(self, walker: Walker) -> int:
        """The reviewer agrees to the work a page has just shown."""
        found = re.search(r"work-items/(\d+)", walker.path)
        assert found is not None, walker.page.inner_text("main")
        no = int(found[1])
        self["reviewer"].open(f"{OFFICE}/work-items/{no}").press("审核同意")
        return no

    def paid(self, walker: Walker, number: str) -> None:
        """Reviewed, then paid by the cashier."""
        no = self.reviewed(walker)
        cashier = self["cashier"].open(f"{OFFICE}/work-items/{no}")
        cashier.fill(paid_on=self.clock.now.date().isoformat(), bank_number=number).press("付款|已付")


def sign_in(walker: Walker, name: str) -> None:
    walker.open("/login").fill(account=f"{name}-1", password=PASSWORD).press("登录")
    if "/login/code" in walker.path:
        walker.fill(code=walker.code()).press("登录|确定|继续")


@pytest.fixture
def town(database: Database, tmp_path: Path, browser: Browser) -> Iterator[Town]:
    engine = open_engine(database.url)
    made = assemble(engine)
    made.rule("budget_approved_by", "committee")
    settle(made.books)
    made.books.post(contribution([(unit, IN_FUND) for unit in (*HOMES, "3-402")]))
    clock = Clock(TODAY)
    config = Config(tmp_path, database.url, "http://127.0.0.1", password_cost=CHEAP)
    create_key(config.key_path("trust-1"), Random(5).randbytes)
    shots = Path(os.environ["WALK_SHOTS"]) if "WALK_SHOTS" in os.environ else None
    names = ("preparer", "reviewer", "cashier", "committee", "chair", RESIDENT)
    with serving(create_app(config, now=clock)) as base:
        people = {name: newcomer(browser, base, clock, name, shots) for name in names}
        people[RESIDENT].page.set_viewport_size({"width": 390, "height": 844})
        yield Town(people, clock, engine, config)
        for person in people.values():
            person.page.context.close()
    engine.dispose()


def test_the_owners_decide_and_the_trustee_spends_what_was_decided(town: Town, database: Database) -> None:
    for name, walker in town.people.items():
        sign_in(walker, name) if name == RESIDENT else walker.log_in(f"{name}-1")
    draw_up_a_budget(town)
    comment_from_a_phone(town)
    number = give_notice_of_a_vote(town)
    open_too_early(town, number)
    town.to(OPENS)
    put_the_budget_in_force(town)
    ask_for_money(town)
    vote(town, number)
    town.to(CLOSED)
    publish(town, number)
    plan_the_lift(town, number)
    raise_the_money(town)
    pay_for_it(town, number)
    close_the_project(town)
    verify(database)


def draw_up_a_budget(town: Town) -> None:
    preparer = town["preparer"].open(f"{OFFICE}/budgets").shot("01-budgets")
    preparer.fill(year="2025", fund="F1").press("开始编|新编|编制|编")
    preparer.open(f"{OFFICE}/budgets/2025-F1/1/edit").fill(
        kind_1="I", title_1="物业费", accounts_1="4001", price_1="1.80", quantity_1="1000", times_1="12",
        kind_2="E", title_2="电梯维保", spread_2="once", accounts_2="500501", price_2="500", quantity_2="2", unit_2="台",
        note_2="合同期内不涨价",
    ).shot("01-budget-edit").press("保存$")  # fmt: skip
    preparer.sees("电梯维保", "1,000.00").shot("01-budget-drafted")
    town["reviewer"].open(f"{OFFICE}/budgets/2025-F1/1").press("公示").sees("公示")


def comment_from_a_phone(town: Town) -> None:
    resident = town[RESIDENT].open(MINE).sees("预算正在公示").shot("02-mine")
    resident.open(f"{MINE}/budgets/2025-F1")
    resident.fill(text="电梯维保为什么要两台的钱？").shot("02-comment").press("提交|提意见|发表")
    town["committee"].open(f"{OFFICE}/budgets/2025-F1/1").fill(text="两个单元各一台。").press("答复")
    resident.open(f"{SITE}/budgets/2025-F1").sees("一位业主", "两个单元各一台。").shot("02-public-budget")


def give_notice_of_a_vote(town: Town) -> str:
    member = town["committee"].open(f"{OFFICE}/resolutions/new")
    member.fill(
        title="更换 3 栋电梯",
        text="三栋电梯已用二十年，拟更换。共 30 万元：政府 12 万元，社会 3 万元，维修资金 15 万元。",
        item_title_1="是否同意动用维修资金 15 万元更换 3 栋电梯？",
        item_matter_1="use_maintenance_fund",
    ).shot("03-vote-draft").press("存草案")
    number = member.path.rsplit("/", 1)[1]
    member.fill(by="committee", moved_on=TODAY.isoformat()).press("登记提议")
    member.fill(
        opens_on=OPENS.isoformat(),
        closes_on="2025-07-24",
        how="张贴于 3 栋公告栏",
        neighbourhood="书面告知居委会",
    ).shot("03-vote-notice").press("登记通知")
    return number


def open_too_early(town: Town, number: str) -> None:
    """Before the notice has run its days nobody can open the vote, not even the chair."""
    chair = town["chair"].open(f"{OFFICE}/resolutions/{number}").sees(OPENS.isoformat()).shot("03-too-early")
    assert chair.page.get_by_role("button", name=re.compile("开始表决")).count() == 0


def put_the_budget_in_force(town: Town) -> None:
    chair = town["chair"].open(f"{OFFICE}/budgets/2025-F1/1").shot("04-budget-adopt")
    chair.fill(decision="业委会2025年第5次会议纪要", effective_on=OPENS.isoformat()).press("批准生效")
    chair.open(f"{SITE}/budgets/2025-F1").sees("业委会2025年第5次会议纪要", "用了多少，还剩多少")
    chair.shot("04-budget-in-force")


def ask_for_money(town: Town) -> None:
    """A request within the line goes on its way, one above it comes back with what to do."""
    preparer = town["preparer"].open(f"{OFFICE}/payments/invoice")
    number = "26000000000001234567"
    preparer.fill(
        contract="C1", number=number, on=OPENS.isoformat(), fund="F1", account_1="500501", amount_1="1000.01",
        budget_line="2025-F1-01", doc_kind_1="invoice", doc_number_1=number, doc_kind_2="acceptance",
        doc_title_2="验收单",
    ).press("交给审核|制单|提交")  # fmt: skip
    preparer.sees("还剩 1,000.00 元，这笔 1,000.01 元，超出 0.01 元", "请先申请预算调整").shot("05-over-line")
    preparer.fill(amount_1="400").press("交给审核|制单|提交")
    preparer.sees("等待审核")
    town.reviewed(preparer)
    preparer.open(f"{SITE}/budgets/2025-F1").sees("已用 40%").shot("05-budget-used")


def vote(town: Town, number: str) -> None:
    page = f"{OFFICE}/resolutions/{number}"
    town["chair"].open(page).shot("06-roll-preview").press("冻结名册，开始表决").sees("名册").shot("06-open")
    code = voting_code(town, page)
    resident = town[RESIDENT].open(MINE).shot("06-mine-open")
    resident.open(f"{MINE}/votes/{number}").shot("06-ballot")
    resident.page.get_by_label("同意", exact=True).check()
    resident.fill(code=code).press("下一步").sees("现在还没有投出").shot("06-confirm")
    resident.press("确认投出").sees("您的选票回执").shot("06-receipt")
    receipt = resident.page.inner_text("pre.note")
    town.sign()
    resident.open(f"{SITE}/resolutions/{number}/receipt").fill(receipt=receipt)
    resident.page.get_by_role("button", name="核对").click()
    expect(resident.page.locator("[data-verdict] strong")).to_have_text("一致")
    resident.shot("06-receipt-checked")
    for member in ("committee", "chair"):
        walker = town[member].open(f"{page}/ballots")
        for row, (unit, said) in enumerate(PAPER.items(), start=1):
            walker.fill(**{f"unit_{row}": unit, f"c_{row}_1": said})
        walker.fill(received_on=OPENS.isoformat()).shot(f"06-paper-{member}").press("提交这些选票")
    resident.open(f"{SITE}/resolutions/{number}").sees("人数").shot("06-public-live")


def voting_code(town: Town, page: str) -> str:
    """The code on the letter of the voter of 1-101, as printed."""
    member = town["committee"].open(f"{page}/letters").shot("06-letters")
    member.fill(units="1-101")
    with member.page.expect_download() as waiting:
        member.page.get_by_role("button", name="生成 PDF").click()
    paper = "".join(sheet.extract_text() for sheet in pypdf.PdfReader(waiting.value.path()).pages)
    return re.search(r"[A-Z2-9]{4}(?:-[A-Z2-9]{4})+", paper)[0]  # type: ignore[index]


def publish(town: Town, number: str) -> None:
    chair = town["chair"].open(f"{OFFICE}/resolutions/{number}").press("截止并计票").shot("07-counted")
    chair.press("公布结果").shot("07-published")
    resident = town[RESIDENT].open(f"{SITE}/resolutions/{number}")
    resident.sees("均达到三分之二；同意 91.3% 面积 / 80.0% 人数（占参与），均过半数；通过").shot(
        "07-public-result"
    )


def plan_the_lift(town: Town, number: str) -> None:
    member = town["committee"].open(f"{OFFICE}/project-needs")
    member.fill(title="3 栋电梯老旧", place="3栋", homes="8", urgency="soon", reporter="residents")
    member.press("登记").shot("08-needs")
    preparer = town["preparer"].open(f"{OFFICE}/maintenance/plans")
    preparer.fill(
        plan="WX-1", title="3 栋电梯更换", estimate="150000", kind="building", names="3", resolution=number,
        filing="维备〔2025〕3号", shortfall="refuse",
    ).press("登记方案").shot("08-fund-plan")  # fmt: skip
    preparer.open(f"{OFFICE}/project-plans").fill(
        project="X-2025-1", title="3 栋电梯更换", place="3 栋", purpose="更换 3 栋两部电梯", total="300000",
        starts_on="2025-07-25", ends_on="2025-12-31", need="1", source_government="120000",
        source_society="30000", source_owners="100%", binding="1", milestone_1="到货", shows_1="设备到场验收",
        portion_1="50%", milestone_2="竣工", shows_2="特检合格", portion_2="50%", resolution=number,
        matter="use_maintenance_fund", by="area", kind="building", names="3", fund_plan="WX-1",
    ).shot("08-plan").press("登记计划").sees("第 1 版")  # fmt: skip
    preparer.shot("08-project")
    member.open(f"{OFFICE}/projects/X-2025-1").press("先看每户分摊").sees("3-101").shot("08-parts")
    member.open(f"{OFFICE}/projects/X-2025-1").press("通过计划").shot("08-adopted")


def raise_the_money(town: Town) -> None:
    preparer = town["preparer"].open(f"{OFFICE}/projects/X-2025-1/grants")
    preparer.fill(
        grant="BZ-1", title="老旧电梯更新补助", kind="subsidy", source="government", giver="锦城区住建局",
        purpose="只用于 3 栋电梯更换", amount="120000", paper="锦住建〔2025〕8号", approved_on="2025-07-20",
        doc_kind_1="approval", doc_title_1="批文",
    ).shot("09-grant").press("登记|保存")  # fmt: skip
    for source, amount, named in (
        ("government", "120000", {"grant": "BZ-1"}),
        ("society", "30000", {"giver": "锦城慈善会", "giver_public": "1"}),
    ):
        preparer.open(f"{OFFICE}/projects/X-2025-1/receipt").fill(
            source=source, amount=amount, bank_account="F5-CMB", on=CLOSED.isoformat(), number=f"S-{source}",
            paper="bank_line", **named,
        ).shot(f"09-receipt-{source}").press("交给审核")  # fmt: skip
        town.reviewed(preparer)


def pay_for_it(town: Town, number: str) -> None:
    accept(town, "1")
    preparer = town["preparer"].open(f"{OFFICE}/projects/X-2025-1/fund")
    preparer.fill(
        plan="WX-1", milestone="1", amount="150000", on=CLOSED.isoformat(), payee="锦城电梯有限公司",
        bill="26000000000000000001", bank_account="M-ICBC",
    )  # fmt: skip
    papers(
        preparer, ("invoice", "26000000000000000001"), ("acceptance", "Y-1"), ("filing", "维备〔2025〕3号")
    )
    preparer.shot("10-fund").press("交给审核")
    town.paid(preparer, "H-1")
    accept(town, "2")
    preparer.open(f"{OFFICE}/projects/X-2025-1/invoice").fill(
        milestone="2", contract="C1", number="26000000000000000002", amount="148000", on=CLOSED.isoformat()
    )
    papers(preparer, ("invoice", "26000000000000000002"), ("acceptance", "Y-2"))
    preparer.press("交给审核")
    town.reviewed(preparer)
    preparer.open(f"{OFFICE}/projects/X-2025-1/payment").shot("10-payment")
    preparer.page.locator("main input[name^='pick_']").check()
    preparer.fill(bank_account="F5-CMB", on=CLOSED.isoformat(), source_government="118400", source_society="29600",
                  **{"grant_BZ-1": "118400"})  # fmt: skip
    preparer.press("交给审核")
    town.paid(preparer, "H-2")


def papers(walker: Walker, *wanted: tuple[str, str]) -> None:
    """Rows of the paper picker, each with a picture."""
    for no, (kind, number) in enumerate(wanted, start=1):
        walker.fill(**{f"doc_kind_{no}": kind, f"doc_title_{no}": "扫描件", f"doc_number_{no}": number})
        walker.choose_file(f"doc_file_{no}", "scan.png", picture())


def accept(town: Town, milestone: str) -> None:
    """The committee accepts a milestone, with a picture of the report."""
    member = town["committee"].open(f"{OFFICE}/projects/X-2025-1/acceptance?milestone={milestone}")
    member.fill(on=CLOSED.isoformat())
    papers(member, ("acceptance", ""))
    member.shot(f"10-accept-{milestone}").press("确认验收")


def close_the_project(town: Town) -> None:
    member = town["committee"].open(f"{OFFICE}/projects/X-2025-1/evaluation")
    member.fill(satisfied="6", fair="1", unsatisfied="0", on=CLOSED.isoformat()).press("登记|保存")
    member.open(f"{OFFICE}/projects/X-2025-1/final").shot("11-final-trial")
    member.fill(note="节约的部分按约定退回。").press("公布决算")
    resident = town[RESIDENT].open(f"{SITE}/projects/X-2025-1")
    resident.sees("已决算", "节约 2,000.00 元", "决定", "锦城区住建局").shot("11-public-final")
    resident.open(f"{SITE}/projects").shot("11-public-projects")


def verify(database: Database) -> None:
    engine = open_engine(database.url)
    with reading(engine) as conn:
        report = verify_books(conn, 1, None)
    engine.dispose()
    assert [f for f in report.findings if f.code != "checkpoint.missing"] == []
    assert report.records >= 4  # the vote opened, ballots, the result, the budget, the final account
