"""``vendor``, ``contract``, ``invoice``, ``pay``: money out from the shell, in somebody's name."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

import click
import msgspec

from disclosure.cli.acting import Acting, acting_as, sign_in, with_account
from disclosure.cli.chinese import ChineseCommand, ChineseGroup
from disclosure.cli.common import FILE, answer, open_desk, with_json, with_trust
from ledger.documents.upload import Paper
from ledger.errors import refuse
from ledger.events import DOCUMENT_KINDS
from ledger.invoices import hand_in, read_invoice
from ledger.journal import Document
from ledger.money import format_yuan, parse_yuan, plain_yuan
from ledger.payments.contracts import Purchase, add_purchase
from ledger.payments.payables import open_payables
from ledger.payments.requests import PaymentRequest, payment_work
from ledger.payments.vendors import Vendor, add_vendor, list_vendors
from ledger.store.engine import reading
from ledger.work import prepare

_DAY = click.DateTime(["%Y-%m-%d"])


def _day(value: datetime | None) -> date | None:
    return value.date() if value else None


@click.group(cls=ChineseGroup, help="供应商：登记、列出。")
def vendor() -> None:
    """The group."""


@vendor.command("add", cls=ChineseCommand, help="登记一家供应商；编号不写由系统编。")
@click.argument("name", metavar="全称")
@click.option("--code", default="", metavar="编号", help="字母、数字和短横线")
@click.option("--tax-no", default="", metavar="税号", help="纳税人识别号")
@click.option("--bank", default="", metavar="开户行", help="收款开户行")
@click.option("--bank-number", default="", metavar="账号", help="收款账号")
@click.option("--related", default="", metavar="关系", help="与受托人有关联的，写明是什么关系")
@with_account
@with_trust
@with_json
def add_vendor_(
    name: str,
    code: str,
    tax_no: str,
    bank: str,
    bank_number: str,
    related: str,
    account: str,
    slug: str | None,
    as_json: bool,
) -> None:
    """Register a vendor."""
    desk = open_desk(slug)
    with acting_as(desk, sign_in(desk, account), "vendor.prepare", "供应商") as at:
        made = Vendor(
            name,
            code,
            tax_no,
            bank,
            bank_number,
            related=bool(related.strip()),
            relation=related,
        )
        given = add_vendor(at.conn, at.trust_id, made, at.actor, at.act)
    answer(as_json, {"vendor": given}, f"已登记供应商 {name}，编号 {given}。")


@vendor.command("list", cls=ChineseCommand, help="列出供应商和未付款项。")
@click.option("--find", default="", metavar="文字", help="名称或编号里含有的文字")
@click.option("--after", default="", metavar="编号", help="从这个编号之后列起")
@click.option("--limit", default=200, show_default=True, help="最多几家")
@with_trust
@with_json
def list_vendors_(find: str, after: str, limit: int, slug: str | None, as_json: bool) -> None:
    """Print vendors with what they are owed."""
    desk = open_desk(slug)
    with reading(desk.engine) as conn:
        rows = list_vendors(conn, desk.trust_id, find=find, after=after, limit=limit)
        owed: dict[str, int] = {}
        for debt in open_payables(conn, desk.trust_id):
            owed[debt.vendor] = owed.get(debt.vendor, 0) + debt.open
    data = [
        {"vendor": x.code, "name": x.name, "related": x.related, "open": owed.get(x.code, 0)} for x in rows
    ]
    sentences = [
        f"{x.code} {x.name}{'（与受托人关联）' if x.related else ''} 还可付 {format_yuan(owed.get(x.code, 0))} 元"
        for x in rows
    ]
    answer(as_json, {"vendors": data}, *(sentences or ["还没有登记供应商。"]))


@click.group(cls=ChineseGroup, help="合同：登记。")
def contract() -> None:
    """The group."""


@contract.command("add", cls=ChineseCommand, help="登记一份采购合同。")
@click.argument("number", metavar="合同号")
@click.argument("title", metavar="名称")
@click.option("--vendor", "vendor_code", required=True, metavar="编号", help="供应商编号")
@click.option("--from", "starts_on", required=True, type=_DAY, metavar="日期", help="开始日")
@click.option("--to", "ends_on", type=_DAY, metavar="日期", help="到期日")
@click.option("--total", default="", metavar="金额", help="合同总额（元）；没有约定的不写")
@click.option("--site", default="", metavar="点位", help="涉及的点位")
@click.option("--file", "files", type=FILE, multiple=True, metavar="文件", help="合同扫描件，可写多个")
@with_account
@with_trust
@with_json
def add_contract(
    number: str,
    title: str,
    vendor_code: str,
    starts_on: datetime,
    ends_on: datetime | None,
    total: str,
    site: str,
    files: tuple[Path, ...],
    account: str,
    slug: str | None,
    as_json: bool,
) -> None:
    """Register a contract."""
    desk = open_desk(slug)
    purchase = Purchase(
        number,
        title,
        vendor_code,
        starts_on.date(),
        _day(ends_on),
        site,
        parse_yuan(total) if total else None,
    )
    with acting_as(desk, sign_in(desk, account), "vendor.prepare", f"contract {number}") as at:
        papers = [_hand_in(at, desk.config.documents_dir, file, "contract") for file in files]
        add_purchase(at.conn, at.trust_id, purchase, papers, at.actor, at.act)
    answer(as_json, {"contract": number}, f"已登记合同 {number}。")


@click.group(cls=ChineseGroup, help="发票：识读电子发票。")
def invoice() -> None:
    """The group."""


@invoice.command(
    "read", cls=ChineseCommand, help="读出电子发票（XML 或 OFD）里的号码、日期、销售方和金额；不存、不入账。"
)
@click.argument("file", type=FILE, metavar="文件")
@with_json
def read(file: Path, as_json: bool) -> None:
    """Read an e-invoice."""
    found = read_invoice(file.read_bytes())
    if found is None:
        raise refuse("not_recognised", "认不出这种电子发票的结构，请在办公页上对照图片填写", file.name)
    data = msgspec.to_builtins(found)
    shown = [
        ("结构", found.layout),
        ("发票号", found.number),
        ("开票日期", str(found.issued_on or "")),
        ("销售方", f"{found.seller} {found.seller_tax_no}".strip()),
        ("购买方", f"{found.buyer} {found.buyer_tax_no}".strip()),
        *(
            (name, format_yuan(fen))
            for name, fen in (("不含税", found.net), ("税额", found.tax), ("价税合计", found.total))
            if fen is not None
        ),
    ]
    warning = [] if found.adds_up else ["注意：不含税金额与税额相加不等于价税合计。"]
    answer(
        as_json, {"invoice": data, "adds_up": found.adds_up}, *(f"{n}：{v}" for n, v in shown if v), *warning
    )


@click.group(cls=ChineseGroup, help="付款：应付清单、申请付款。审核、会签、付款用 mingzhang work。")
def pay() -> None:
    """The group."""


@pay.command("list", cls=ChineseCommand, help="列出未付的应付款。")
@click.option("--vendor", "vendor_code", default="", metavar="编号", help="只列一家供应商")
@with_trust
@with_json
def list_payables(vendor_code: str, slug: str | None, as_json: bool) -> None:
    """Print what is owed."""
    desk = open_desk(slug)
    with reading(desk.engine) as conn:
        debts = open_payables(conn, desk.trust_id, vendor=vendor_code)
    data = [
        {
            "payable": d.key,
            "vendor": d.vendor,
            "contract": d.contract,
            "due_on": d.due_on,
            "amount": d.amount,
            "paid": d.paid,
            "in_work": d.in_work,
            "open": d.open,
        }
        for d in debts
    ]
    sentences = [f"{d.key} {d.vendor} {d.contract} {d.summary} 还可付 {plain_yuan(d.open)} 元" for d in debts]
    answer(as_json, {"payables": data}, *(sentences or ["没有未付的应付款。"]))


@pay.command(
    "request",
    cls=ChineseCommand,
    help="申请付款，制成单据等待审核。应付款写成 凭证号:科目（见 pay list），后面可加 =金额 只付一部分。",
)
@click.argument("parts", nargs=-1, required=True, metavar="应付款[=金额]...")
@click.option("--bank", required=True, metavar="账户", help="付款账户代码，如 F1-CCB")
@click.option("--on", type=_DAY, metavar="日期", help="申请日期（默认今天）")
@click.option("--summary", default="", metavar="摘要", help="会公开；不写由系统写")
@click.option("--consent", default="", metavar="决议号", help="关联方付款的同意决议")
@click.option("--resolution", default="", metavar="决议号", help="大额支付的业主共同决定")
@click.option(
    "--quote", "quotes", type=FILE, multiple=True, metavar="文件", help="比价单，关联方付款至少两份"
)
@click.option("--budget-line", default="", metavar="预算行", help="预算生效后须写")
@with_account
@with_trust
@with_json
def request(
    parts: tuple[str, ...],
    bank: str,
    on: datetime | None,
    summary: str,
    consent: str,
    resolution: str,
    quotes: tuple[Path, ...],
    budget_line: str,
    account: str,
    slug: str | None,
    as_json: bool,
) -> None:
    """Prepare a request to pay."""
    desk = open_desk(slug)
    actor = sign_in(desk, account)
    with acting_as(desk, actor, "payment.prepare", "付款申请") as at:
        place = desk.config.documents_dir
        asked = PaymentRequest(
            parts=_parts(at, parts),
            bank_account=bank,
            on=_day(on) or at.act.today,
            summary=summary,
            consent=consent,
            resolution=resolution,
            budget_line=budget_line,
            documents=tuple(_hand_in(at, place, file, "quote") for file in quotes),
        )
        work = payment_work(at.conn, at.trust_id, asked, at.act)
        prepared = prepare(at.conn, at.trust_id, work, at.actor, at.act)
    answer(
        as_json,
        {"work": prepared.no, "waiting_for": prepared.waiting_for},
        f"已制成第 {prepared.no} 号单据，等待审核。",
    )


def _parts(at: Acting, texts: tuple[str, ...]) -> dict[str, int]:
    """Debts and amounts; without an amount, all that is open."""
    opened = {debt.key: debt.open for debt in open_payables(at.conn, at.trust_id)}
    parts = {}
    for text in texts:
        key, _, amount = text.partition("=")
        parts[key] = parse_yuan(amount) if amount else opened.get(key, 0)
    return parts


def _hand_in(at: Acting, place: Any, file: Path, kind: str) -> Document:
    """A file as a paper of the office."""
    paper = Paper(file.read_bytes(), file.name, kind, DOCUMENT_KINDS[kind])
    return hand_in(at.conn, at.trust_id, place, paper, at.actor, at.act).document


COMMANDS = (vendor, contract, invoice, pay)
