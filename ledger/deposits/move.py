"""Deposits taken (E08a), given back after acceptance (E08b), docked by agreement (E08c)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from ledger.billing.run import next_key
from ledger.billing.standard import known_units
from ledger.deposits.holdings import KINDS, REFERENCE, Deposit, find_deposit
from ledger.errors import Problem, Refused
from ledger.journal import Document, Draft, Line
from ledger.money import format_yuan
from ledger.receipts.counter import WAYS
from ledger.receipts.refund import account_of
from ledger.work import Link, Work

FUND = "F3"


@dataclass(frozen=True, slots=True)
class Taking:
    """A deposit paid at the counter (``way`` cash or pos) or into the bank (``bank_account``, and the
    bank's line if it is there). ``payer`` and ``slip`` are sealed."""

    unit: str
    account: str
    amount: int
    on: date
    way: str
    token: str
    bank_account: str = ""
    line_key: str = ""
    slip: str = ""
    payer: str = ""


@dataclass(frozen=True, slots=True)
class Return:
    """A deposit given back: acceptance report and the household's receipt are named."""

    deposit: str
    amount: int
    on: date
    bank_account: str
    acceptance: str
    receipt_number: str
    payee: str = ""


@dataclass(frozen=True, slots=True)
class Dock:
    """Part of a deposit kept for damage, by agreement and with proof; moved to the service fund."""

    deposit: str
    amount: int
    on: date
    bank_account: str
    service_account: str
    agreement: str
    proof: str


def take_work(conn: Connection, trust_id: int, asked: Taking) -> Work:
    """The work that books a deposit taken. Raises :class:`~ledger.errors.Refused`."""
    if problems := list(_taking_problems(conn, trust_id, asked)):
        raise Refused(problems)
    if asked.way == "bank":
        account = account_of(conn, trust_id, asked.bank_account, FUND)
        cash = Line(account, FUND, "D", asked.amount, bank_account=asked.bank_account)
        document = Document("bank_line", "银行收款回单", asked.line_key or asked.slip.strip())
    else:
        cash = Line(WAYS[asked.way][1], FUND, "D", asked.amount)
        document = Document("receipt", "押金收据", asked.slip.strip())
    title = KINDS[asked.account]
    draft = Draft(
        book="A",
        date=asked.on,
        event="E08a",
        summary=f"收业主{title}",
        lines=(cash, Line(asked.account, FUND, "C", asked.amount, unit=asked.unit)),
        preparer="",
        reviewer="",
        key=f"deposit:{asked.token}",
        documents=(document,),
        counterparty=asked.payer.strip(),
    )
    links = (Link(0, asked.bank_account, asked.line_key),) if asked.line_key else ()
    return Work(
        kind="deposit",
        title=f"收{title} {asked.unit}（{format_yuan(asked.amount)} 元）",
        drafts=(draft,),
        links=links,
    )


def _taking_problems(conn: Connection, trust_id: int, asked: Taking) -> Iterator[Problem]:
    if asked.account not in KINDS:
        yield Problem("bad_kind", f"押金种类只能是{'、'.join(KINDS.values())}", "种类")
    if asked.unit not in known_units(conn, trust_id, [asked.unit]):
        yield Problem("unknown_unit", f"没有登记过房号“{asked.unit}”", "房号")
    if asked.amount <= 0:
        yield Problem("bad_amount", "金额必须大于零", "金额")
    if asked.way not in (*WAYS, "bank"):
        yield Problem("bad_way", "收款方式只能是现金、POS 刷卡、银行转账", "收款方式")
    if asked.way == "bank" and not asked.bank_account:
        yield Problem("bad_account", "银行转账请选择押金户", "银行账户")
    if not asked.token:
        yield Problem("no_key", "缺少防重复编号，请重新打开页面再填", "防重复编号")


def return_work(conn: Connection, trust_id: int, asked: Return) -> Work:
    """The work that gives a deposit back; the cashier pays. Raises :class:`~ledger.errors.Refused`."""
    deposit = find_deposit(conn, trust_id, asked.deposit)
    problems = list(_more_than_held(deposit, asked.amount))
    if not asked.acceptance.strip():
        problems.append(Problem("no_acceptance", "退押金须先验收，请填写验收单编号", "验收单"))
    if not asked.receipt_number.strip():
        problems.append(Problem("no_receipt", "退押金须收回原收据或由业主签收，请填写编号", "收据编号"))
    if problems:
        raise Refused(problems)
    account = account_of(conn, trust_id, asked.bank_account, FUND)
    draft = Draft(
        book="A",
        date=asked.on,
        event="E08b",
        summary=f"验收后退业主{deposit.title}",
        lines=(
            Line(deposit.account, FUND, "D", asked.amount, unit=deposit.unit),
            Line(account, FUND, "C", asked.amount, bank_account=asked.bank_account),
        ),
        preparer="",
        reviewer="",
        key=next_key(conn, trust_id, f"deposit-return:{deposit.key}"),
        documents=(
            Document("acceptance", "装修验收单", asked.acceptance.strip()),
            Document("receipt", "押金原收据", asked.receipt_number.strip()),
        ),
        references={REFERENCE: deposit.ref},
        counterparty=asked.payee.strip(),
    )
    title = f"退{deposit.title} {deposit.unit}（{format_yuan(asked.amount)} 元）"
    return Work(kind="deposit_return", title=title, drafts=(draft,))


def dock_work(conn: Connection, trust_id: int, asked: Dock) -> Work:
    """The work that docks a deposit. The money moves from the deposit account to the service fund's.

    Raises :class:`~ledger.errors.Refused`.
    """
    deposit = find_deposit(conn, trust_id, asked.deposit)
    problems = list(_more_than_held(deposit, asked.amount))
    if not asked.agreement.strip():
        problems.append(Problem("no_agreement", "扣押金须有业主签字的扣款协议，请填写编号", "扣款协议"))
    if not asked.proof.strip():
        problems.append(Problem("no_proof", "扣押金须有损失证明，请填写编号", "损失证明"))
    if problems:
        raise Refused(problems)
    account = account_of(conn, trust_id, asked.bank_account, FUND)
    service = account_of(conn, trust_id, asked.service_account, "F1")
    draft = Draft(
        book="A",
        date=asked.on,
        event="E08c",
        summary=f"按协议从{deposit.title}中扣损失赔偿，转物业服务资金",
        lines=(
            Line(deposit.account, FUND, "D", asked.amount, unit=deposit.unit),
            Line(account, FUND, "C", asked.amount, bank_account=asked.bank_account),
            Line(service, "F1", "D", asked.amount, bank_account=asked.service_account),
            Line("4901", "F1", "C", asked.amount),
        ),
        preparer="",
        reviewer="",
        key=next_key(conn, trust_id, f"deposit-dock:{deposit.key}"),
        documents=(
            Document("agreement", "押金扣款协议", asked.agreement.strip()),
            Document("damage_proof", "损失证明", asked.proof.strip()),
        ),
        references={REFERENCE: deposit.ref},
    )
    title = f"扣{deposit.title} {deposit.unit}（{format_yuan(asked.amount)} 元）"
    return Work(kind="deposit_dock", title=title, drafts=(draft,))


def _more_than_held(deposit: Deposit, amount: int) -> Iterator[Problem]:
    if amount <= 0:
        yield Problem("bad_amount", "金额必须大于零", "金额")
    elif amount > deposit.left:
        yield Problem(
            "more_than_held",
            f"这笔{deposit.title}只剩 {format_yuan(deposit.left)} 元，不能退或扣 {format_yuan(amount)} 元",
            "金额",
        )
