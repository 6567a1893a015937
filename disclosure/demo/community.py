"""Who lives and works in 明和苑: homes, accounts, companies, contracts, rules."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from random import Random

from sqlalchemy import Connection

from ledger.billing import record_fee_standard
from ledger.money import split_largest_remainder
from ledger.trust import (
    Act,
    BankAccount,
    Contract,
    Deed,
    Unit,
    add_bank_accounts,
    add_contracts,
    add_dimension_values,
    add_units,
    open_trust,
    record_setting,
)

SLUG = "mingheyuan"
NAME = "明和苑"
TRUSTEE = "锦安物业服务有限公司"
REMUNERATION = 13_200_00
"""Fen a month, by the deed."""
HOLDER = "明和苑业主大会共有资金"
HOME_AREA = 83_404_00
"""0.01 m² over 782 homes."""

STATEMENT_FORMATS = {
    "F1-CCB": "ccb-corporate",
    "F2-CMB": "cmb-corporate",
    "F3-ICBC": "icbc-corporate",
    "F4-CCB": "ccb-corporate",
    "F5-CMB": "cmb-corporate",
    "M-ICBC": "icbc-corporate",
    "F1-WX": "wechat-merchant",
    "F1-ALI": "alipay-personal",
}

ACCOUNTS = [
    BankAccount(
        "F1-CCB", "bank", "A", "F1", "100201", "建设银行物业服务资金户", HOLDER, "51050100636000000101"
    ),
    BankAccount("F2-CMB", "bank", "A", "F2", "100202", "招商银行公共收益专户", HOLDER, "128900000010202"),
    BankAccount("F3-ICBC", "bank", "A", "F3", "100203", "工商银行押金户", HOLDER, "4402000009100000303"),
    BankAccount("F4-CCB", "bank", "A", "F4", "100204", "建设银行代收代付户", HOLDER, "51050100636000000404"),
    BankAccount("F5-CMB", "bank", "A", "F5", "100205", "招商银行专项项目户", HOLDER, "128900000010505"),
    BankAccount("M-ICBC", "bank", "M", "M", "1001", "工商银行维修资金专户", HOLDER, "4402000009100000606"),
    BankAccount("F1-WX", "channel", "A", "F1", "101201", "微信支付", HOLDER, "1600000001"),
    BankAccount("F1-ALI", "channel", "A", "F1", "101202", "支付宝", HOLDER, "mingheyuan@example.com"),
]

OPENING = {
    "F1-CCB": 386_215_40,
    "F2-CMB": 241_880_00,
    "F3-ICBC": 46_000_00,
    "F4-CCB": 0,
    "F5-CMB": 0,
    "M-ICBC": 6_842_310_55,
}
"""Bank balances handed over on the day the books open, in fen."""


@dataclass(frozen=True, slots=True)
class Supplier:
    """A vendor with its contract and what it bills each month (fen), to which expense account."""

    code: str
    name: str
    contract: str
    title: str
    account: str
    monthly: int
    months: tuple[int, ...] = tuple(range(1, 13))


SUPPLIERS = [
    Supplier("V01", "蜀迅电梯工程有限公司", "C-2025-01", "电梯维保", "500501", 12_150_00),
    Supplier("V02", "卫安保安服务有限公司", "C-2025-02", "秩序维护服务", "5002", 38_000_00),
    Supplier("V03", "洁邻环境服务有限公司", "C-2025-03", "保洁服务", "5003", 26_000_00),
    Supplier("V04", "绿野园林养护有限公司", "C-2025-04", "绿化养护", "5004", 9_800_00),
    Supplier("V05", "安泰消防技术有限公司", "C-2025-05", "消防维保", "500502", 10_500_00, (3, 6, 9, 12)),
    Supplier("V06", "视安电子工程有限公司", "C-2025-06", "监控门禁维保", "500505", 2_100_00),
    Supplier("V07", "清源供水设备有限公司", "C-2025-07", "二次供水清洗检测", "500503", 6_400_00, (4, 10)),
    Supplier("V08", "邻里修缮工程队", "C-2025-08", "零星维修", "500506", 4_650_00),
    Supplier("V09", "安平财产保险股份有限公司", "C-2025-09", "公众责任险", "5008", 28_600_00, (1,)),
    Supplier("V10", "正明会计师事务所", "C-2025-10", "年度审计", "5012", 15_000_00, (3,)),
]
POWER = Supplier("V11", "锦城供电公司", "C-2025-11", "公共用电", "500601", 21_300_00)
WATER = Supplier("V12", "锦城自来水公司", "C-2025-12", "公共用水", "500602", 3_580_00)
LIFT_MAKER = Supplier("V13", "蜀升电梯制造有限公司", "C-2026-01", "3栋电梯更新", "5018", 0)

REVENUE = {
    "ads": ("R-2025-01", "电梯轿厢广告", "P-ADS", "声扬广告传媒有限公司", "S-LIFT", "电梯轿厢"),
    "lockers": ("R-2025-02", "智能快递柜", "P-LOCK", "邻收智能科技有限公司", "S-GATE", "南门、北门"),
    "parking": ("R-2025-03", "共有车位经营", "P-PARK", "泊安停车管理有限公司", "S-ROAD", "小区道路"),
    "charging": ("R-2025-04", "充电桩分成", "P-CHRG", "绿电充电服务有限公司", "S-YARD", "地面充电区"),
}
RESOLUTIONS = {
    "fees": "业决〔2025〕1号",
    "revenue": "业决〔2025〕2号",
    "waiver": "业决〔2026〕1号",
    "transfer": "业决〔2026〕2号",
    "lift": "业决〔2026〕3号",
    "repair": "业决〔2025〕3号",
}
PROJECT = ("X-2026-01", "3栋高龄电梯更新")


def found(conn: Connection, trust_id: int, opened_on: date, host: str, rng: Random, act: Act) -> list[Unit]:
    """Open the trust and record everything postings refer to; returns the units."""
    open_trust(
        conn,
        trust_id=trust_id,
        slug=SLUG,
        name=NAME,
        trustee=TRUSTEE,
        host=host,
        opened_on=opened_on,
        deed=Deed(
            effective_on=opened_on,
            purpose="管理和使用本小区物业费、公共收益等共有资金，为全体业主提供物业服务",
            parties=f"委托人：明和苑业主大会；受托人：{TRUSTEE}",
            beneficiaries="明和苑全体业主",
            property_scope="物业费、停车服务费、公共收益、押金、代收代付款、专项项目资金",
            benefit_form="按专有部分面积享有，以物业服务形式受益，结余归全体业主共有",
            authority="首次业主大会决议",
        ),
        act=act,
    )
    units = make_units(rng)
    add_units(conn, trust_id, units)
    add_bank_accounts(conn, trust_id, ACCOUNTS)
    suppliers = [*SUPPLIERS, POWER, WATER, LIFT_MAKER]
    add_dimension_values(conn, trust_id, "vendor", [{"code": s.code, "name": s.name} for s in suppliers])
    parties = [("TRUSTEE", TRUSTEE), ("MANAGER", "项目备用金")]
    parties += [(party, name) for _, _, party, name, _, _ in REVENUE.values()]
    add_dimension_values(conn, trust_id, "party", [{"code": code, "name": name} for code, name in parties])
    sites = {(site, place) for *_, site, place in REVENUE.values()}
    add_dimension_values(
        conn, trust_id, "site", [{"code": code, "name": name} for code, name in sorted(sites)]
    )
    add_dimension_values(conn, trust_id, "project", [{"code": PROJECT[0], "name": PROJECT[1]}])
    add_contracts(
        conn,
        trust_id,
        [
            *(Contract(s.contract, s.title, s.code, "", opened_on, None) for s in suppliers),
            *(
                Contract(c, title, party, site, opened_on, None)
                for c, title, party, _, site, _ in REVENUE.values()
            ),
        ],
    )
    _rules(conn, trust_id, opened_on, act)
    return units


def make_units(rng: Random) -> list[Unit]:
    """782 homes in 16 buildings with 83,404 m² together, 24 shops and 12 unsold homes."""
    codes = [
        (f"{building:02d}-{entrance}-{floor * 100 + door:04d}", f"{building:02d}")
        for building in range(1, 17)
        for entrance in (1, 2)
        for floor in range(1, 14)
        for door in (1, 2)
    ]
    homes, unsold = codes[:782], codes[782:794]
    weights = [rng.choice((7_600, 8_900, 9_800, 11_200, 12_800, 14_300)) + rng.randrange(200) for _ in homes]
    areas = split_largest_remainder(HOME_AREA, weights)
    units = [Unit(code, building, "home", area) for (code, building), area in zip(homes, areas, strict=True)]
    units += [Unit(code, building, "unsold", 9_860 + 35 * n) for n, (code, building) in enumerate(unsold)]
    units += [Unit(f"{n:02d}-0-0101", f"{n:02d}", "shop", 6_200 + 410 * (n % 7)) for n in range(1, 17)]
    units += [Unit(f"{n:02d}-0-0102", f"{n:02d}", "shop", 5_800 + 380 * (n % 5)) for n in range(1, 9)]
    return units


def _rules(conn: Connection, trust_id: int, opened_on: date, act: Act) -> None:
    for use, rate in (("home", 19_800), ("shop", 35_000), ("unsold", 19_800)):
        record_fee_standard(conn, trust_id, use, rate, effective_on=opened_on, authority=RESOLUTIONS["fees"])
    settings = {
        "co_sign_above": 30_000_00,
        "remuneration_clause": "每月固定酬金 13,200 元，按季支付",
        "evaluation_pay": True,
        "evaluation_rectify_days": 30,
        "evaluation_renewal": True,
        "match_templates": _templates(),
        "match_by_hand": "押金扣赔偿|未售房屋|租金|场地费|经营收入|分成|筹款|维修资金|公共收益转",
    }
    for name, value in settings.items():
        record_setting(conn, trust_id, name, value, effective_on=opened_on, authority="信托文件", act=act)


def _templates() -> list[dict[str, object]]:
    settlement = [{"kind": "channel_settlement", "title": "渠道结算单"}]
    receipt = [{"kind": "receipt", "title": "收据"}]
    return [
        {"name": "微信结算", "direction": "in", "pattern": "财付通", "event": "E03", "account": "101201",
         "summary": "微信支付结算到银行", "accounts": ["F1-CCB"], "dims": {"bank_account": "F1-WX"}, "documents": settlement,
         "fees_from": "F1-WX"},
        {"name": "支付宝结算", "direction": "in", "pattern": "支付宝.*结算", "event": "E03", "account": "101202",
         "summary": "支付宝结算到银行", "accounts": ["F1-CCB"], "dims": {"bank_account": "F1-ALI"}, "documents": settlement},
        {"name": "微信手续费", "direction": "out", "pattern": "微信支付手续费", "event": "E03b", "account": "5016",
         "summary": "微信支付手续费", "accounts": ["F1-WX"], "grouped": True,
         "payee": "财付通支付科技有限公司"},
        {"name": "利息", "direction": "in", "pattern": "利息|结息", "event": "E16", "account": "4101",
         "summary": "{bank}存款利息", "accounts": ["F1-CCB", "F2-CMB", "F5-CMB"]},
        {"name": "维修资金利息", "direction": "in", "pattern": "利息|结息", "event": "E23b", "account": "4101",
         "summary": "维修资金存款利息", "accounts": ["M-ICBC"]},
        {"name": "银行手续费", "direction": "out", "pattern": "手续费|账户管理费", "event": "E16b", "account": "5016",
         "summary": "{bank}手续费", "accounts": ["F1-CCB", "F2-CMB"]},
        {"name": "装修保证金", "direction": "in", "pattern": "装修保证金", "event": "E08a", "account": "224101",
         "summary": "收到业主装修保证金", "accounts": ["F3-ICBC"], "room": True, "documents": receipt},
        {"name": "代收水费", "direction": "in", "pattern": "水费", "event": "E09a", "account": "224103",
         "summary": "代收业主水费", "accounts": ["F4-CCB"], "room": True},
        {"name": "违约金", "direction": "in", "pattern": "违约金", "event": "E07", "account": "4201",
         "summary": "收到业主违约金", "accounts": ["F1-CCB"], "room": True},
        {"name": "受托人赔偿", "direction": "in", "pattern": "赔偿款", "event": "E27b", "account": "122103",
         "summary": "收到受托人赔偿款", "accounts": ["F1-CCB"], "dims": {"party": "TRUSTEE"}, "payee": TRUSTEE},
        {"name": "备用金", "direction": "out", "pattern": "备用金", "event": "E13a", "account": "122101",
         "summary": "拨付项目备用金", "accounts": ["F1-CCB"], "dims": {"party": "MANAGER"}},
        {"name": "缴纳增值税", "direction": "out", "pattern": "增值税", "event": "E17b", "account": "222101",
         "summary": "缴纳公共收益增值税", "accounts": ["F2-CMB"], "payee": "国家税务总局"},
    ]  # fmt: skip
