"""A compact but varied community, made through the real code paths.

August and September 2025 are closed, October is open. Everything private carries a text of ``SECRETS``, so
that a test can search every page for it.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import Connection, Engine

from disclosure.statements import publish_statement
from ledger.balances import Clock, account_totals
from ledger.bank.importing import record_bank_balance
from ledger.journal import Detail, Document, Draft, Line, amend, post, post_many, reverse
from ledger.log.keys import create_key, load_signer
from ledger.log.store import origin_of, sign_log
from ledger.periods import close_period
from ledger.store.engine import writing
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
from tests.decisions import note_decision

SLUG = "heyuan"
TRUST_ID = 7_000_001
NAME = "和园小区"
TRUSTEE = "安心物业服务有限公司"
NOW = datetime(2025, 10, 15, 4, tzinfo=UTC)
TODAY = date(2025, 10, 15)
SECRETS = (
    "88-8801",
    "88-8802",
    "欧阳隐名",
    "绝密备忘",
    "制单人隐甲",
    "审核人隐乙",
    "职工隐丙",
    "P-HIDDEN",
    "FLOW-HIDDEN",
    "6230999900001111",
    "key-hidden",
)
_UNIT, _OTHER_UNIT = SECRETS[0], SECRETS[1]
_BANKS = (
    ("F1-CCB", "A", "F1", "100201", "建设银行基本户"),
    ("F2-CCB", "A", "F2", "100202", "建设银行公共收益户"),
    ("F3-CCB", "A", "F3", "100203", "建设银行押金户"),
    ("F4-CCB", "A", "F4", "100204", "建设银行代收户"),
    ("F5-CCB", "A", "F5", "100205", "建设银行专项户"),
    ("M-ABC", "M", "M", "1001", "农业银行维修资金户"),
)
_numbers = itertools.count(1)


def entropy(size: int) -> bytes:
    """Bytes that look random and are the same every time for the same call number."""
    return next(_numbers).to_bytes(8, "big").rjust(size, b"\x07")


def act_on(day: date, hour: int = 2) -> Act:
    """A command given on a day."""
    return Act(datetime(day.year, day.month, day.day, hour, tzinfo=UTC), entropy)


@dataclass(frozen=True)
class Community:
    """What the tests need to know of it. ``refs`` names entries by their role."""

    engine: Engine
    data_dir: Path
    vkey: str
    refs: dict[str, str]


def draft(
    event: str,
    day: date,
    summary: str,
    lines: list[Line],
    *documents: str,
    book: Literal["A", "M"] = "A",
    **more: Any,
) -> Draft:
    """An entry with this community's people and a document of each kind."""
    return Draft(
        book=book,
        date=day,
        event=event,
        summary=summary,
        lines=tuple(lines),
        preparer="制单人隐甲",
        reviewer="审核人隐乙",
        key=f"key-hidden-{next(_numbers)}",
        documents=tuple(
            Document(
                kind,
                number=f"{'FLOW-HIDDEN' if kind in ('bank_line', 'receipt') else 'FP'}-{next(_numbers)}",
                original=f"{next(_numbers):064x}",
            )
            for kind in documents
        ),
        memo="绝密备忘：不得公开",
        **more,
    )


def cash(side: Literal["D", "C"], fund: str, amount: int) -> Line:
    """A line on the bank account of a fund."""
    code, _, _, account, _ = next(bank for bank in _BANKS if bank[2] == fund)
    return Line(account, fund, side, amount, bank_account=code)


def build_community(engine: Engine, data_dir: Path) -> Community:
    """Open, post, correct, close, sign and publish."""
    refs: dict[str, str] = {}
    with writing(engine) as conn:
        _open(conn)
        _august(conn, refs)
        _close(conn, 202508, act_on(date(2025, 9, 3)))
        _september(conn, refs)
        _close(conn, 202509, act_on(date(2025, 10, 3)))
        origin = origin_of(conn, TRUST_ID)
    key_path = data_dir / "keys" / f"{SLUG}.pem"
    create_key(key_path, entropy)
    signer = load_signer(key_path, origin)
    sign_log(engine, TRUST_ID, signer, act_on(date(2025, 10, 3)).now)
    with writing(engine) as conn:
        for period in (202508, 202509):
            publish_statement(conn, TRUST_ID, period, act_on(date(2025, 10, 4)))
        _october(conn, refs)
    sign_log(engine, TRUST_ID, signer, NOW)
    return Community(engine, data_dir, signer.verifier.vkey, refs)


def _open(conn: Connection) -> None:
    act = act_on(date(2025, 8, 1))
    deed = Deed(
        date(2025, 8, 1), "管理小区", "业主大会与物业", "全体业主", "共有资金", "按专有部分面积", "决议1号"
    )
    open_trust(
        conn,
        trust_id=TRUST_ID,
        slug=SLUG,
        name=NAME,
        trustee=TRUSTEE,
        host="mingzhang.example",
        opened_on=date(2025, 8, 1),
        deed=deed,
        act=act,
    )
    units = [_UNIT, _OTHER_UNIT, *(f"1-{floor}01" for floor in range(1, 9))]
    add_units(conn, TRUST_ID, [Unit(unit, unit.split("-")[0], "home", 9_000) for unit in units])
    note_decision(conn, TRUST_ID, "决议2号", "shared_use")
    add_bank_accounts(
        conn,
        TRUST_ID,
        [
            BankAccount(code, "bank", book, fund, account, bank, f"{NAME}业主大会", f"623099990000111{place}")
            for place, (code, book, fund, account, bank) in enumerate(_BANKS, start=1)
        ],
    )
    add_dimension_values(conn, TRUST_ID, "vendor", [{"code": "V1", "name": "迅达电梯维保有限公司"}])
    add_dimension_values(conn, TRUST_ID, "party", [{"code": "P-HIDDEN", "name": "职工隐丙"}])
    add_dimension_values(conn, TRUST_ID, "site", [{"code": "S1", "name": "一号电梯轿厢"}])
    add_contracts(
        conn,
        TRUST_ID,
        [
            Contract("C1", "电梯维保合同", "V1", "", date(2025, 1, 1), None),
            Contract("C2", "电梯广告合同", "V1", "S1", date(2025, 1, 1), None),
        ],
    )
    record_setting(
        conn,
        TRUST_ID,
        "remuneration_clause",
        "10%",
        effective_on=date(2025, 8, 1),
        authority="决议1号",
        act=act,
    )


def _post(conn: Connection, refs: dict[str, str], name: str, made: Draft) -> None:
    refs[name] = post(conn, TRUST_ID, made, act_on(made.date)).ref


def _august(conn: Connection, refs: dict[str, str]) -> None:
    day = date(2025, 8, 1)
    openings: list[Line] = []
    for fund, amount, against in (("F1", 5_000_000, "3001"), ("F2", 2_000_000, "3002")):
        openings += [cash("D", fund, amount), Line(against, fund, "C", amount)]
    _post(conn, refs, "opening", draft("E00", day, "期初建账：接收各专户余额", openings, "handover"))
    units = [f"1-{floor}01" for floor in range(1, 9)] + [_UNIT, _OTHER_UNIT]
    details = tuple(Detail(unit, 17_820, "90㎡×1.98元") for unit in units)
    charge = draft(
        "E01",
        date(2025, 8, 1),
        "计提 2025年8月物业费",
        [
            Line("112201", "F1", "D", 178_200, details=details),
            Line("400101", "F1", "C", 178_200, details=details),
        ],
        "charge_list",
        references={"fee_standard": "2025-1"},
    )
    _post(conn, refs, "charge", charge)
    receipts = [
        draft(
            "E02",
            date(2025, 8, 3 + number),
            "收到物业费（2025年8月）",
            [cash("D", "F1", 17_820), Line("112201", "F1", "C", 17_820, unit=unit)],
            "bank_line",
            counterparty="欧阳隐名",
        )
        for number, unit in enumerate(units[:8])
    ]
    posted = post_many(conn, TRUST_ID, receipts, act_on(date(2025, 8, 15)))
    refs["receipt"] = posted[0].ref
    _post(
        conn,
        refs,
        "channel",
        draft(
            "E02b",
            date(2025, 8, 20),
            "微信收到物业费",
            [Line("101201", "F1", "D", 17_820), Line("112201", "F1", "C", 17_820, unit=_UNIT)],
            "channel_line",
            counterparty="欧阳隐名",
        ),
    )
    _post(
        conn,
        refs,
        "settlement",
        draft(
            "E03",
            date(2025, 8, 21),
            "微信结算到银行",
            [cash("D", "F1", 17_713), Line("5016", "F1", "D", 107), Line("101201", "F1", "C", 17_820)],
            "bank_line",
            "channel_settlement",
        ),
    )
    _post(
        conn,
        refs,
        "deposit",
        draft(
            "E08a",
            date(2025, 8, 22),
            "收装修保证金",
            [cash("D", "F3", 200_000), Line("224101", "F3", "C", 200_000, unit=_UNIT)],
            "receipt",
            counterparty="欧阳隐名",
        ),
    )
    _post(
        conn,
        refs,
        "maintenance",
        draft(
            "E23a",
            date(2025, 8, 25),
            "业主交存维修资金",
            [cash("D", "M", 900_000), Line("4001", "M", "C", 900_000, unit=_UNIT)],
            "bank_line",
            book="M",
            counterparty="欧阳隐名",
        ),
    )


def _september(conn: Connection, refs: dict[str, str]) -> None:
    _post(
        conn,
        refs,
        "invoice",
        draft(
            "E11a",
            date(2025, 9, 4),
            "电梯维保发票",
            [
                Line("500501", "F1", "D", 320_000),
                Line("220201", "F1", "C", 320_000, vendor="V1", contract="C1"),
            ],
            "invoice",
            "acceptance",
            references={"contract": "C1"},
            counterparty="迅达电梯维保有限公司",
            counterparty_public=True,
        ),
    )
    _post(
        conn,
        refs,
        "payment",
        draft(
            "E11b",
            date(2025, 9, 10),
            "支付电梯维保费",
            [Line("220201", "F1", "D", 320_000, vendor="V1", contract="C1"), cash("C", "F1", 320_000)],
            "bank_line",
            counterparty="迅达电梯维保有限公司",
            counterparty_public=True,
        ),
    )
    _post(
        conn,
        refs,
        "advert",
        draft(
            "E17",
            date(2025, 9, 12),
            "电梯广告收入（一季度）",
            [
                cash("D", "F2", 636_000),
                Line("400301", "F2", "C", 600_000, contract="C2", site="S1"),
                Line("222101", "F2", "C", 36_000),
            ],
            "bank_line",
            "contract",
            references={"contract": "C2", "resolution": "决议2号"},
        ),
    )
    _post(
        conn,
        refs,
        "kept",
        draft(
            "E08c",
            date(2025, 9, 15),
            "押金扣除墙面赔偿",
            [
                Line("224101", "F3", "D", 50_000, unit=_UNIT),
                cash("C", "F3", 50_000),
                cash("D", "F1", 50_000),
                Line("4901", "F1", "C", 50_000),
            ],
            "agreement",
            "damage_proof",
        ),
    )
    _post(
        conn,
        refs,
        "late",
        draft(
            "E16b",
            date(2025, 9, 16),
            "补记 8 月银行手续费",
            [Line("5016", "F1", "D", 1_500), cash("C", "F1", 1_500)],
            "bank_line",
            original_date=date(2025, 8, 30),
        ),
    )
    wrong = draft(
        "E16",
        date(2025, 9, 20),
        "银行利息",
        [cash("D", "F1", 12_345), Line("4101", "F1", "C", 12_345)],
        "bank_line",
    )
    _post(conn, refs, "reversed", wrong)
    refs["reversal"] = reverse(
        conn,
        TRUST_ID,
        refs["reversed"],
        on=date(2025, 9, 21),
        reason="记错账户",
        preparer="制单人隐甲",
        reviewer="审核人隐乙",
        key="key-hidden-reversal",
        act=act_on(date(2025, 9, 21)),
    ).ref
    fee = [Line("5016", "F2", "D", 2_000), cash("C", "F2", 2_000)]
    _post(conn, refs, "amended", draft("E16b", date(2025, 9, 22), "银行手续费", fee, "bank_line"))
    right = [Line("5016", "F2", "D", 1_200), cash("C", "F2", 1_200)]
    refs["amendment"] = amend(
        conn,
        TRUST_ID,
        refs["amended"],
        draft("E16b", date(2025, 9, 23), "银行手续费应为 12 元", right, "bank_line"),
        act_on(date(2025, 9, 23)),
    )[0].ref


def _october(conn: Connection, refs: dict[str, str]) -> None:
    _post(
        conn,
        refs,
        "open_month",
        draft(
            "E13a",
            date(2025, 10, 9),
            "拨付备用金",
            [Line("122101", "F1", "D", 30_000, party="P-HIDDEN"), cash("C", "F1", 30_000)],
            "payment_order",
            counterparty="职工隐丙",
        ),
    )


def _close(conn: Connection, period: int, act: Act) -> None:
    year, month = divmod(period, 100)
    last = date(year, month, {8: 31, 9: 30}[month])
    for code, book, fund, account, _ in _BANKS:
        clock = Clock(last, 10**9, True)
        balance = account_totals(conn, TRUST_ID, book, account, clock, fund=fund, bank_account=code).balance
        record_bank_balance(conn, TRUST_ID, code, last, balance, "0" * 64, act)
    for book in ("A", "M"):
        close_period(conn, TRUST_ID, book, period, by="审核人隐乙", act=act)


def clock_at(moment: datetime) -> Callable[[], datetime]:
    """A clock that stands still."""
    return lambda: moment
