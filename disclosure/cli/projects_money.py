"""``project grant``, ``receipt``, ``invoice``, ``pay``: money of a project, as work that others review."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import click

from disclosure.cli.acting import Acting, acting_as, sign_in, with_account
from disclosure.cli.chinese import ChineseCommand
from disclosure.cli.common import FILE, answer, open_desk, with_json, with_trust
from disclosure.cli.projects import DAY, day_of, paper, project
from ledger.errors import refuse
from ledger.journal import Document
from ledger.maintenance import Use, read_plan
from ledger.maintenance.cash import by_hand
from ledger.money import parse_yuan
from ledger.projects.grants import GRANT_KINDS, Grant, record_grant
from ledger.projects.movements import FUND
from ledger.projects.paying import (
    ProgressInvoice,
    ProgressPayment,
    fund_use_work,
    progress_invoice_work,
    progress_payment_work,
    project_debts,
)
from ledger.projects.receipts import ProjectReceipt, receipt_work
from ledger.projects.value import SOURCE_NAMES, SOURCES
from ledger.trust import load_setup
from ledger.work import Work, prepare

_GIVERS = [source for source in SOURCES if source != "owners"]
_BY_NAME = {name: source for source, name in SOURCE_NAMES.items()}


def _sums(texts: Sequence[str], where: str) -> dict[str, int]:
    """``NAME=YUAN`` items, in fen."""
    found: dict[str, int] = {}
    for text in texts:
        name, sign, amount = text.partition("=")
        if not sign or not name.strip():
            raise refuse("bad_item", f"“{text}”请写成 名称=金额", where)
        found[name.strip()] = parse_yuan(amount)
    return found


def _hand_over(at: Acting, work: Work, as_json: bool) -> None:
    prepared = prepare(at.conn, at.trust_id, work, at.actor, at.act)
    data = {"work": prepared.no, "waiting_for": prepared.waiting_for}
    answer(as_json, data, f"已制成第 {prepared.no} 号单据，等待审核。")


@project.command("grant", cls=ChineseCommand, help="登记限定用途资金（保障资金、专项基金、民生微实事等）。")
@click.argument("code", metavar="资金编号")
@click.option("--project", "project_code", required=True, metavar="项目编号", help="只能用于哪个项目")
@click.option("--title", required=True, metavar="名称", help="资金名称")
@click.option("--kind", required=True, type=click.Choice(list(GRANT_KINDS)), help="种类")
@click.option("--source", required=True, type=click.Choice(_GIVERS), help="来源")
@click.option("--giver", required=True, metavar="出资方", help="单位全称，会公开")
@click.option("--purpose", required=True, metavar="用途", help="照批文写")
@click.option("--amount", required=True, metavar="金额", help="批准金额（元）")
@click.option("--paper", "number", required=True, metavar="批文号", help="批文号")
@click.option("--on", type=DAY, required=True, metavar="日期", help="批准日期")
@with_account
@with_trust
@with_json
def grant(
    code: str,
    project_code: str,
    title: str,
    kind: str,
    source: str,
    giver: str,
    purpose: str,
    amount: str,
    number: str,
    on: datetime,
    account: str,
    slug: str | None,
    as_json: bool,
) -> None:
    """Record a restricted grant."""
    desk = open_desk(slug)
    made = Grant(
        code, title, kind, source, giver, purpose, project_code, parse_yuan(amount), number, on.date()
    )
    with acting_as(desk, sign_in(desk, account), "project.prepare", f"{project_code} {code}") as at:
        version = record_grant(at.conn, at.trust_id, made, at.actor, at.act)
    answer(as_json, {"grant": code, "version": version}, f"已登记限定用途资金 {code}。")


@project.command("receipt", cls=ChineseCommand, help="登记项目收款，制成单据等待审核。")
@click.argument("code", metavar="项目编号")
@click.argument("source", type=click.Choice(list(SOURCES)), metavar="来源")
@click.argument("amount", metavar="金额")
@click.option("--bank", required=True, metavar="账户", help="专项项目户的代码")
@click.option("--number", required=True, metavar="回单号", help="银行回单号或收据号")
@click.option("--on", type=DAY, metavar="日期", help="到账日期（默认今天）")
@click.option("--grant", "grant_code", default="", metavar="资金编号", help="限定用途资金")
@click.option("--giver", default="", metavar="出资方", help="社会捐赠的写")
@click.option("--public", "giver_public", is_flag=True, help="出资方是单位，名称可以公开")
@click.option("--home", "homes", multiple=True, metavar="房号=金额", help="业主交款的房屋，可写多个")
@with_account
@with_trust
@with_json
def receipt(
    code: str,
    source: str,
    amount: str,
    bank: str,
    number: str,
    on: datetime | None,
    grant_code: str,
    giver: str,
    giver_public: bool,
    homes: tuple[str, ...],
    account: str,
    slug: str | None,
    as_json: bool,
) -> None:
    """Prepare a receipt."""
    desk = open_desk(slug)
    with acting_as(desk, sign_in(desk, account), "project.prepare", code) as at:
        cash = by_hand(
            load_setup(at.conn, at.trust_id),
            bank_account=bank,
            fen=parse_yuan(amount),
            on=day_of(on, at),
            number=number,
            paper="bank_line",
            fund=FUND,
        )
        units = _sums(homes, "交款房屋") if source == "owners" else None
        asked = ProjectReceipt(code, source, cash, grant_code, giver, giver_public, units)
        _hand_over(at, receipt_work(at.conn, at.trust_id, asked), as_json)


@project.command("invoice", cls=ChineseCommand, help="登记进度款发票，节点验收后才能办；质保金自动留下。")
@click.argument("code", metavar="项目编号")
@click.argument("milestone", metavar="节点")
@click.argument("amount", metavar="金额")
@click.option("--contract", required=True, metavar="合同号", help="供应商合同")
@click.option("--number", required=True, metavar="发票号", help="发票号")
@click.option("--file", "file", type=FILE, metavar="文件", help="发票文件")
@click.option("--on", type=DAY, metavar="日期", help="入账日期（默认今天）")
@with_account
@with_trust
@with_json
def invoice(
    code: str,
    milestone: str,
    amount: str,
    contract: str,
    number: str,
    file: Path | None,
    on: datetime | None,
    account: str,
    slug: str | None,
    as_json: bool,
) -> None:
    """Prepare a vendor's invoice."""
    desk = open_desk(slug)
    with acting_as(desk, sign_in(desk, account), "project.prepare", code) as at:
        scan = (
            paper(at, desk.config.documents_dir, file, "invoice", number)
            if file
            else Document("invoice", number=number)
        )
        asked = ProgressInvoice(
            code, milestone, contract, number, parse_yuan(amount), day_of(on, at), documents=(scan,)
        )
        _hand_over(at, progress_invoice_work(at.conn, at.trust_id, asked, at.act), as_json)


@project.command(
    "pay",
    cls=ChineseCommand,
    help="申请支付项目的应付款（写成 凭证号:科目，后面可加 =金额）；来源不写按约定比例。",
)
@click.argument("code", metavar="项目编号")
@click.argument("parts", nargs=-1, required=True, metavar="应付款[=金额]...")
@click.option("--bank", required=True, metavar="账户", help="专项项目户的代码")
@click.option("--source", "sources", multiple=True, metavar="来源=金额", help="从哪个来源出，可写多个")
@click.option("--grant", "grants", multiple=True, metavar="资金编号=金额", help="其中限定用途资金，可写多个")
@click.option("--on", type=DAY, metavar="日期", help="申请日期（默认今天）")
@with_account
@with_trust
@with_json
def pay(
    code: str,
    parts: tuple[str, ...],
    bank: str,
    sources: tuple[str, ...],
    grants: tuple[str, ...],
    on: datetime | None,
    account: str,
    slug: str | None,
    as_json: bool,
) -> None:
    """Prepare a request to pay."""
    desk = open_desk(slug)
    with acting_as(desk, sign_in(desk, account), "project.prepare", code) as at:
        opened = {debt.key: debt.open for debt, _ in project_debts(at.conn, at.trust_id, code)}
        chosen = {}
        for text in parts:
            key, _, amount = text.partition("=")
            chosen[key] = parse_yuan(amount) if amount else opened.get(key, 0)
        named = {_BY_NAME.get(name, name): fen for name, fen in _sums(sources, "资金来源").items()}
        asked = ProgressPayment(
            code,
            chosen,
            bank,
            day_of(on, at),
            sources=named or None,
            grants=_sums(grants, "限定用途资金") or None,
        )
        _hand_over(at, progress_payment_work(at.conn, at.trust_id, asked, at.act), as_json)


@project.command("fund", cls=ChineseCommand, help="从维修资金支付业主部分，按关联的使用方案和付款节点。")
@click.argument("code", metavar="项目编号")
@click.argument("milestone", metavar="节点")
@click.argument("amount", metavar="金额")
@click.option("--plan", "name", required=True, metavar="方案编号", help="维修资金使用方案")
@click.option("--payee", required=True, metavar="收款单位", help="收款单位全称")
@click.option("--bill", required=True, metavar="号码", help="发票号或结算单号")
@click.option("--bank", required=True, metavar="账户", help="维修资金专户的代码")
@click.option("--on", type=DAY, metavar="日期", help="业务日期（默认今天）")
@with_account
@with_trust
@with_json
def fund(
    code: str,
    milestone: str,
    amount: str,
    name: str,
    payee: str,
    bill: str,
    bank: str,
    on: datetime | None,
    account: str,
    slug: str | None,
    as_json: bool,
) -> None:
    """Prepare a payment from the maintenance fund."""
    desk = open_desk(slug)
    with acting_as(desk, sign_in(desk, account), "project.prepare", code) as at:
        plan = read_plan(at.conn, at.trust_id, name)
        use = Use(plan, parse_yuan(amount), day_of(on, at), payee, bill, bank)
        setup = load_setup(at.conn, at.trust_id)
        _hand_over(at, fund_use_work(at.conn, setup, code, milestone, use, (), at.act), as_json)


COMMANDS = (project,)
