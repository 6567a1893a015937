"""A new community's first month, on an empty database, by four people at four browsers and one operator.

Set up from a sheet, charge 782 homes, import a bank's and a channel's file, match, reconcile, pay a vendor
through all signatures, correct a mistake by red letters, close the month, print the books. `WALK_SHOTS=folder`
keeps pictures of every page on the way.
"""

from __future__ import annotations

import io
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import count
from pathlib import Path

import pypdf
import pytest
from PIL import Image
from playwright.sync_api import Browser
from sqlalchemy import select

from disclosure.app import create_app
from disclosure.config import Config
from disclosure.demo.statement_files import write_statement
from disclosure.identity.passwords import hash_password
from ledger.bank import BankLine
from ledger.people import Role
from ledger.people.accounts import create_person
from ledger.people.credentials import record_credential
from ledger.people.members import grant
from ledger.store.engine import open_engine, reading, writing
from ledger.store.tables import INSTALLATION, trust
from ledger.trust.opening_balances import OPENING_FORM
from ledger.verify import verify_books
from tests.ledger.books import act
from tests.office.conftest import CHEAP, Clock
from tests.office.walker import PASSWORD, Walker, newcomer
from tests.servers import Database
from tests.serving import serving
from tests.trust.sheets import filled

TODAY = date(2025, 10, 2)
HOMES = 782
RATE = "1.98"
AREA = "106.65"
FEE = 211_17  # 106.65 m² × 1.98 yuan
OFFICE = "/c/qinghe/office"


@dataclass
class House:
    """The people, each at a browser."""

    base: str
    operator: Walker
    preparer: Walker
    reviewer: Walker
    cashier: Walker
    chair: Walker

    def reviewed(self, no: int) -> None:
        """The reviewer agrees to a piece of work."""
        self.reviewer.open(f"{OFFICE}/work-items/{no}").press("审核同意").sees(f"第 {no} 号单据已审核")


@pytest.fixture
def address(database: Database, tmp_path: Path) -> Iterator[tuple[str, Clock]]:
    """The site on a real port over an empty database, with one operator of the installation."""
    engine, now = open_engine(database.url), act(date(2025, 9, 1))
    with writing(engine) as conn:
        person = create_person(conn, "guanli", "管理员", by="", act=now)
        record_credential(conn, person.person, by="", act=now, password_hash=hash_password(PASSWORD, CHEAP))
        grant(conn, INSTALLATION, person.person, Role.OPERATOR, by="", act=now)
    engine.dispose()
    clock = Clock(TODAY)
    config = Config(tmp_path, database.url, "http://127.0.0.1", password_cost=CHEAP)
    with serving(create_app(config, now=clock)) as base:
        yield base, clock


@pytest.fixture
def house(address: tuple[str, Clock], browser: Browser) -> Iterator[House]:
    base, clock = address
    shots = Path(os.environ["WALK_SHOTS"]) if "WALK_SHOTS" in os.environ else None
    people = {
        name: newcomer(browser, base, clock, name, shots)
        for name in ("operator", "preparer", "reviewer", "cashier", "chair")
    }
    yield House(base, **people)
    for person in people.values():
        person.page.context.close()


def test_a_new_community_lives_its_first_month(house: House, database: Database) -> None:
    open_the_books(house)
    invite_everybody(house)
    set_up(house)
    register_homes(house)
    open_balances(house)
    charge(house)
    pay_a_vendor(house)
    import_and_match(house)
    correct_a_mistake(house)
    reconcile(house)
    close(house)
    print_books(house)
    verify(database)


def open_the_books(house: House) -> None:
    operator = house.operator.log_in("guanli")
    operator.open("/office/new").shot("01-new")
    operator.fill(
        slug="Qinghe",
        name="青禾里",
        trustee="安心物业服务有限公司",
        opened_on="2025-09-01",
        authority="业主大会决议 2025-1 号",
        purpose="用全体业主的钱，办好小区的物业服务",
        parties="委托人：青禾里业主大会；受托人：安心物业服务有限公司",
        beneficiaries="青禾里全体业主",
        property_scope="物业费、公共收益、押金、代收款及其孳息",
        benefit_form="按专有部分面积受益",
    ).press("开")
    operator.sees("网址名“Qinghe”只能用小写字母").shot("01-new-refused")
    operator.fill(slug="qinghe").press("开").sees("账套已开", "开账准备").shot("02-checklist")


def invite_everybody(house: House) -> None:
    roles = {
        "preparer": ("preparer", "林会计"),
        "reviewer": ("reviewer", "沈审核"),
        "cashier": ("cashier", "楚出纳"),
        "chair": ("chair", "祝主任"),
    }
    for who, (role, name) in roles.items():
        operator = house.operator.open(f"{OFFICE}/people")
        operator.fill(label=name, role=role).press("生成邀请码")
        code = operator.page.inner_text(".big-code")
        walker: Walker = getattr(house, who)
        walker.join(code, f"{who}-1", name)
        walker.open(OFFICE).sees("工作台")
    house.operator.open(f"{OFFICE}/people").sees("林会计", "祝主任").shot("03-people")


def set_up(house: House) -> None:
    preparer = house.preparer
    house.chair.open(f"{OFFICE}/deed/tenure").fill(
        trustee="安心物业服务有限公司",
        starts_on="2025-09-01",
        ends_on="2028-08-31",
        contract="2025 物业服务（信托）合同",
        notice_days="90",
        authority="业主大会决议 2025-1 号",
    ).press("登记任期")
    accounts = (
        ("bank", "F1", "100201", "F1-CCB", "建设银行物业服务资金户", "青禾里业主大会", "62220000000001"),
        ("channel", "F1", "101201", "F1-WX", "微信支付", "青禾里业主大会", "1600000001"),
        ("bank", "F2", "100202", "F2-CMB", "招商银行公共收益户", "青禾里业主大会", "62220000000002"),
    )
    preparer.open(f"{OFFICE}/setup/accounts")
    for kind, fund, account, code, bank, holder, number in accounts:
        place = preparer.page.locator(f"select[name=place] option[value*='{account}'][value*='{fund}']")
        preparer.fill(kind=kind, place=place.first.get_attribute("value") or "")
        preparer.fill(code=code, bank=bank, holder="安心物业服务有限公司", number=number).press("登记账户")
        preparer.sees("受托人").fill(holder=holder).press("登记账户").sees(code)
    preparer.shot("04-accounts")
    house.chair.open(f"{OFFICE}/settings/co_sign_above").fill(
        value="5000", effective_on="2025-09-01", authority="信托文件第十条"
    ).press("登记")
    preparer.open(f"{OFFICE}/charges/standards").fill(
        item="property",
        scope="use",
        target="住宅",
        price=RATE,
        effective_on="2025-09-01",
        authority="业主大会决议 2025-2 号",
    )
    method = preparer.page.locator("select[name=method] option", has_text="面积").first
    preparer.fill(method=method.get_attribute("value") or "").press("登记").sees(RATE).shot("05-standards")


def register_homes(house: House) -> None:
    rows = [
        {
            "building": f"{1 + number // 64}栋",
            "entrance": str(1 + number % 64 // 32),
            "room": f"{number % 32 // 2 + 1:02d}{number % 2 + 1:02d}",
            "use": "住宅",
            "area": AREA,
            "name": f"业主{number:03d}",
            "phone": "13900000001",
        }
        for number in range(HOMES)
    ]
    preparer = house.preparer.open(f"{OFFICE}/units/import")
    wrong = [*rows[:2], rows[2] | {"area": "约一百"}]
    preparer.choose_file("file", "房屋.xlsx", filled(wrong)).press("上传并预览")
    preparer.sees("有 1 行要改", "读不懂面积“约一百”").shot("06-units-wrong")
    preparer.open(f"{OFFICE}/units/import").choose_file("file", "房屋.xlsx", filled(rows)).press("上传并预览")
    preparer.sees("782 套").shot("07-units").press("确认登记").sees("已登记 782 套房屋")


def open_balances(house: House) -> None:
    rows = [
        {"fund": "F1", "account": "100201", "debit": "50000.00", "bank_account": "F1-CCB"},
        {"fund": "F1", "account": "3001", "credit": "50000.00"},
        {"fund": "F2", "account": "100202", "debit": "3000.00", "bank_account": "F2-CMB"},
        {"fund": "F2", "account": "3002", "credit": "3000.00"},
    ]
    preparer = house.preparer.open(f"{OFFICE}/setup/opening")
    preparer.choose_file("file", "期初.xlsx", filled(rows, OPENING_FORM)).press("上传并预览").shot(
        "08-opening"
    )
    preparer.fill(authority="移交清册 2025-1").press("交给审核|制单|确认").sees("第 1 号单据")
    house.reviewed(1)


def charge(house: House) -> None:
    preparer = house.preparer.open(f"{OFFICE}/charges")
    preparer.fill(period="2025-09", kind="property").press("看预览")
    preparer.sees("782", "165,134.94").shot("09-charge").press("计提 782 户").sees("第 2 号单据")
    house.reviewed(2)
    preparer.open(f"{OFFICE}/charges/preview?period=2025-09&kind=property").sees("已经计提过了")


def pay_a_vendor(house: House) -> None:
    preparer = house.preparer.open(f"{OFFICE}/vendors/new")
    preparer.fill(name="蜀安电梯工程有限公司", code="V01", bank="工商银行", bank_number="62229999").press(
        "保存"
    )
    preparer.open(f"{OFFICE}/contracts/new").fill(
        number="DT-2025-01", title="2025年电梯维保合同", vendor="V01", starts_on="2025-09-01"
    ).press("登记")
    preparer.open(f"{OFFICE}/payments/invoice").fill(
        contract="DT-2025-01",
        number="25512000000012345678",
        on="2025-09-10",
        fund="F1",
        account_1="500501",
        amount_1="8500.00",
        doc_kind_1="invoice",
        doc_number_1="25512000000012345678",
        doc_kind_2="acceptance",
    )
    preparer.choose_file("doc_file_1", "发票.png", picture()).choose_file(
        "doc_file_2", "验收单.png", picture()
    )
    preparer.shot("10-invoice").press("交给审核").sees("第 3 号单据")
    house.reviewed(3)
    preparer.open(f"{OFFICE}/payments").sees("蜀安电梯工程有限公司", "8,500.00").press("申请付款")
    preparer.page.locator("main input[type=checkbox][name^=pick_]").first.check()
    preparer.fill(bank_account="F1-CCB", on="2025-09-15").shot("11-request")
    preparer.press("交给审核").sees("第 4 号单据", "待会签")
    assert not preparer.page.locator("main").get_by_role("button", name="审核同意").count()
    house.reviewed(4)
    house.chair.open(OFFICE).sees("待我会签").open(f"{OFFICE}/work-items/4").shot("12-co-sign").press(
        "会签同意"
    )
    house.cashier.open(f"{OFFICE}/work-items/4").fill(paid_on="2025-09-16", bank_number="HD0916001")
    house.cashier.shot("13-pay").press("我已付款，入账").sees("已付款，已入账")


def bank_lines() -> list[BankLine]:
    """September at the bank: three households, the vendor, interest, one unknown payer."""
    rows = (
        (3, 211_17, "王一", "1栋1单元0101物业费", "L001"),
        (9, 211_17, "王二", "1-1-0102 物业费", "L002"),
        (16, -8_500_00, "蜀安电梯工程有限公司", "维保费", "HD0916001"),
        (20, 422_34, "王三", "2栋1单元0101 两个月物业费", "L004"),
        (21, 66_00, "不明", "转账", "L005"),
    )
    return [
        BankLine(0, datetime(2025, 9, day, 10, day), fen, None, who, "", memo, number)  # noqa: DTZ001
        for day, fen, who, memo, number in rows
    ]


def wechat_lines() -> list[BankLine]:
    """September in the channel: two households."""
    return [
        BankLine(0, datetime(2025, 9, day, 9, day), FEE, None, "", "", memo, f"42000{day:08d}")  # noqa: DTZ001
        for day, memo in ((12, "3栋1单元0101物业费"), (18, "3栋2单元0202物业费"))
    ]


def import_and_match(house: House) -> None:
    files = (
        ("F1-CCB", "建行9月.csv", "ccb-corporate", "62220000000001", 50_000_00, bank_lines()),
        ("F1-WX", "微信9月.csv", "wechat-merchant", "1600000001", 0, wechat_lines()),
    )
    preparer = house.preparer
    for account, filename, form, number, opening, lines in files:
        data = write_statement(form, lines, account_no=number, account_name="青禾里业主大会", opening=opening)
        broken = data.replace(b"211.17", b"2x1.17", 1)
        preparer.open(f"{OFFICE}/bank/import").fill(account=account)
        preparer.choose_file("file", filename, broken).press("上传并预览")
        preparer.sees("行").shot(f"14-refused-{account}")
        preparer.open(f"{OFFICE}/bank/import").fill(account=account)
        preparer.choose_file("file", filename, data).press("上传并预览").shot(f"15-preview-{account}")
        preparer.press(f"导入 {len(lines)} 条新流水")
    preparer.open(f"{OFFICE}/bank/lines").sees("房号").shot("16-lines")
    for box in preparer.page.locator("main .bank-take input[type=checkbox]").all():
        box.check()
    preparer.press("采纳勾选的，交审核").shot("17-taken")
    house.reviewed(5)
    preparer.open(f"{OFFICE}/bank/lines").sees("没有待处理的流水")


def correct_a_mistake(house: House) -> None:
    preparer = house.preparer.open(f"{OFFICE}/vouchers/new?event=E18")
    preparer.fill(
        date="2025-09-20",
        summary="计提附加税费",
        side_1="D",
        account_1="5013",
        fund_1="F1",
        amount_1="98.00",
        side_2="C",
        account_2="222102",
        fund_2="F1",
        amount_2="98.00",
        doc_kind_1="tax_sheet",
    )
    preparer.choose_file("doc_file_1", "计算表.png", picture())
    preparer.shot("18-voucher").press("交给审核").sees("第 6 号单据")
    house.reviewed(6)
    ref = house.reviewer.page.locator("main a", has_text=re.compile(r"A-2025-\d{6}")).first.inner_text()
    preparer.open(f"{OFFICE}/entries/{ref}").shot("19-entry").unfold("红字冲销")
    preparer.fill(reason="税率用错", on="2025-09-21").press("交给审核").sees("第 7 号单据")
    house.reviewed(7)
    preparer.open(f"{OFFICE}/entries/{ref}").sees("红字").shot("20-reversed")


def reconcile(house: House) -> None:
    preparer = house.preparer
    preparer.open(f"{OFFICE}/bank/reconciliation?account=F1-CCB&month=2025-09").sees("42,410.68")
    preparer.shot("21-reconciliation")
    for account, balance in (("F1-CCB", "42410.68"), ("F2-CMB", "3000.00")):
        preparer.open(f"{OFFICE}/bank/reconciliation?account={account}&month=2025-09")
        if preparer.page.get_by_text("还没有到 2025-09-30 的银行余额").count():
            preparer.unfold("登记银行余额对账单").fill(on="2025-09-30", balance=balance)
            preparer.choose_file("doc_file_1", f"{account}对账单.png", picture()).press("登记")
        preparer.press("我已核对").sees("第 1 次")


_shades = count()


def picture() -> bytes:
    """A scan, each another one."""
    file, shade = io.BytesIO(), next(_shades)
    Image.new("RGB", (60, 40), (shade, 200, 200)).save(file, "PNG")
    return file.getvalue()


def close(house: House) -> None:
    preparer = house.preparer.open(f"{OFFICE}/closing").sees("2025年9月").shot("22-closing")
    preparer.press("申请2025年9月结账")
    house.reviewer.open(f"{OFFICE}/closing").press("确认2025年9月结账").sees("2025年9月").shot("23-closed")


def print_books(house: House) -> None:
    preparer = house.preparer
    for kind in ("vouchers", "trial", "income", "position", "general"):
        preparer.open(f"{OFFICE}/books/{kind}?from=2025-09&to=2025-09").shot(f"24-{kind}")
        pdf = preparer.download("下载 PDF")
        assert pypdf.PdfReader(io.BytesIO(pdf)).pages
        assert preparer.download("下载 XLSX").startswith(b"PK")
        if preparer.shots is not None:
            (preparer.shots / f"24-{kind}.pdf").write_bytes(pdf)


def verify(database: Database) -> None:
    engine = open_engine(database.url)
    with reading(engine) as conn:
        trust_id = conn.execute(select(trust.c.trust_id)).scalar_one()
        report = verify_books(conn, trust_id, None, now=Clock(TODAY)())
        assert report.ok, report
    engine.dispose()
