"""The demo community's budget: drawn up in December for the next year, in force since January, adjusted lately."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from sqlalchemy import Engine

from disclosure.demo.bookkeeper import Bookkeeper
from disclosure.demo.community import POWER, SUPPLIERS, WATER, Supplier
from ledger.budget.codes import EXPENSE, INCOME
from ledger.budget.comments import answer, comment
from ledger.budget.course import adopt, give_notice
from ledger.budget.drafting import open_draft, save_lines
from ledger.budget.lines import MONTHLY, ONCE, Line
from ledger.budget.read import current
from ledger.people import Actor, Role
from ledger.store.engine import writing
from ledger.trust import record_setting

_FUND = "F1"
_YEAR_LONG = 12
_EXTRA = {"5004": 300_00}
"""Fen a month on top of a contract: plants put in anew in spring."""


def plan_year(
    engine: Engine, trust_id: int, people: Mapping[Role, Actor], keeper: Bookkeeper, year: int
) -> None:
    """Take the budget of a year through its course in the December before; from then on the bookkeeper names
    its lines."""
    december = date(year - 1, 12, 1)
    begun, ended = keeper.act(december, hour=9), keeper.act(date(year - 1, 12, 31), hour=20)
    preparer, reviewer, resident = (people[role] for role in (Role.PREPARER, Role.REVIEWER, Role.RESIDENT))
    with writing(engine) as conn:
        record_setting(
            conn, trust_id, "budget_approved_by", "committee",
            effective_on=december, authority="信托文件第九条", act=begun,
        )  # fmt: skip
        key = open_draft(conn, trust_id, year, _FUND, actor=preparer, act=begun)
        save_lines(conn, trust_id, key, _lines(), preparer, begun)
        give_notice(conn, trust_id, key, actor=reviewer, act=begun)
        asked = keeper.act(december + timedelta(days=4), hour=19)
        code = f"{year}-{_FUND}-02"
        for text, line in (
            ("保安 38000 元一个月，是几个人？夜班有几个？", code),
            ("希望把电梯故障次数和维保费一起公布。", ""),
        ):
            comment(conn, trust_id, key, text, line=line, actor=resident, act=asked)
        replied = keeper.act(december + timedelta(days=8))
        answer(
            conn,
            trust_id,
            key,
            1,
            "共 9 人三班倒，夜班 3 人，名册张贴在南门岗亭。",
            actor=reviewer,
            act=replied,
        )
        answer(
            conn, trust_id, key, 2, "同意。从一月起每月在公示栏一并公布。",
            actor=people[Role.COMMITTEE], act=replied,
        )  # fmt: skip
        adopt(
            conn, trust_id, key, decision=f"业委会{year - 1}年第6次会议纪要",
            effective_on=date(year, 1, 1), actor=people[Role.CHAIR], act=ended,
        )  # fmt: skip
        held = current(conn, trust_id, year, _FUND)
    lines = held[1] if held else []
    keeper.budget |= {(year, _FUND, account): line.code for line in lines for account in line.accounts}


def adjust(
    engine: Engine, trust_id: int, people: Mapping[Role, Actor], keeper: Bookkeeper, today: date
) -> None:
    """Put an adjustment on notice some days ago: one comment is answered, one waits."""
    begun = keeper.act(today - timedelta(days=5), hour=9)
    preparer, resident = people[Role.PREPARER], people[Role.RESIDENT]
    with writing(engine) as conn:
        held = current(conn, trust_id, today.year, _FUND)
        if held is None:
            return
        key = open_draft(
            conn, trust_id, today.year, _FUND,
            reason="3 栋电梯更换曳引钢丝绳，零星维修不够用", actor=preparer, act=begun,
        )  # fmt: skip
        changed = [
            Line(x.code, x.kind, x.title, x.accounts, x.price + 1_500_0000, x.quantity, x.times, x.unit, x.spread, x.note)
            if x.accounts == ("500506",)
            else x
            for x in held[1]
        ]  # fmt: skip
        save_lines(conn, trust_id, key, changed, preparer, begun)
        give_notice(conn, trust_id, key, actor=people[Role.REVIEWER], act=begun)
        said = keeper.act(today - timedelta(days=2), hour=20)
        for text in ("钢丝绳不在电梯维保合同里吗？", "请附上三家报价。"):
            comment(conn, trust_id, key, text, actor=resident, act=said)
        answer(
            conn, trust_id, key, 1, "维保合同只含保养，更换部件另算，合同第七条，已公开。",
            actor=people[Role.REVIEWER], act=keeper.act(today - timedelta(days=1)),
        )  # fmt: skip


def _lines() -> list[Line]:
    """Income first, then what the suppliers' contracts, wages and bills come to."""
    return [
        _line("物业费", "4001", 1_9000, 83_404_000, "平方米", 12, kind=INCOME, note="住宅、商铺和未售房屋，按平均单价"),
        _line("停车服务费", "4002", 150_0000, 240_000, "个", 12, kind=INCOME),
        _line("人员费用", "5001", 46_800_0000, 1_000, "", 12, note="项目经理、客服、工程，受托人代垫"),
        *(_supplier_line(s) for s in sorted(SUPPLIERS, key=lambda s: s.account)),
        _line("公共用电", POWER.account, 9500, 25_000_000, "度", 12, note="路灯、电梯、水泵"),
        _line("公共用水", WATER.account, 3_8000, 1_050_000, "吨", 12),
        _line("办公费", "5007", 2_000_0000, 1_000, "", 6, spread=ONCE),
        _line("附加税费", "5013", 300_0000, 1_000, "", 12),
        _line("受托人酬金", "5014", 13_200_0000, 1_000, "", 12, note="按信托文件酬金条款"),
    ]  # fmt: skip


def _supplier_line(supplier: Supplier) -> Line:
    times = len(supplier.months)
    return _line(
        supplier.title,
        supplier.account,
        (supplier.monthly + _EXTRA.get(supplier.account, 0)) * 100,
        1_000,
        "",
        times,
        spread=MONTHLY if times == _YEAR_LONG else ONCE,
        note=f"合同 {supplier.contract}，{supplier.name}",
    )


def _line(
    title: str,
    account: str,
    price: int,
    quantity: int,
    unit: str,
    times: int,
    *,
    kind: str = EXPENSE,
    spread: str = MONTHLY,
    note: str = "",
) -> Line:
    return Line("", kind, title, (account,), price, quantity, times, unit, spread, note)
