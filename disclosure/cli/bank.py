"""``bank``: open lines with suggestions, accepting them, reconciling a month, formats of files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import msgspec

from disclosure.cli.acting import acting_as, sign_in, with_account
from disclosure.cli.chinese import ChineseCommand, ChineseGroup
from disclosure.cli.common import FILE, answer, open_desk, with_json, with_trust
from ledger.bank.accepting import MOST_AT_ONCE, Pick, accept
from ledger.bank.describe import Format, builtin_formats, parse_description
from ledger.bank.reconciliation import Reconciliation, reconciliation, record_reconciliation
from ledger.bank.saved_formats import save_format, saved_formats
from ledger.bank.suggesting import Suggested, suggestions
from ledger.errors import Problem, Refused, refuse
from ledger.money import format_yuan
from ledger.periods.calendar import period_name
from ledger.store.engine import reading

_LISTS = {
    "bank_received": "银行已收企业未收",
    "bank_paid": "银行已付企业未付",
    "books_received": "企业已收银行未收",
    "books_paid": "企业已付银行未付",
}


@click.group("bank", cls=ChineseGroup, help="银行流水：看建议、采纳、对账、流水格式。")
def bank() -> None:
    """The group."""


@bank.command("suggest", cls=ChineseCommand, help="列出待处理的流水和建议，旧的在前。")
@click.option("--account", default="", metavar="账户", help="只看一个账户，如 F1-CCB")
@click.option("--limit", default=50, show_default=True, help="最多几条")
@with_trust
@with_json
def suggest(account: str, limit: int, slug: str | None, as_json: bool) -> None:
    """Print open lines with what they may be."""
    desk = open_desk(slug)
    with reading(desk.engine) as conn:
        found = suggestions(conn, desk.trust_id, desk.act(), account=account, limit=limit)
    sentences = [text for item in found for text in _sentences(item)]
    answer(as_json, {"lines": [_line(item) for item in found]}, *(sentences or ["没有待处理的流水。"]))


def _line(item: Suggested) -> dict[str, Any]:
    line = item.line
    return {
        "account": line.bank_account,
        "key": line.line_key,
        "date": line.on.isoformat(),
        "amount": line.amount,
        "counterparty": line.counterparty,
        "memo": line.memo,
        "work": item.waiting,
        "choices": [
            {"id": c.id, "title": c.title, "reasons": c.reasons, "confidence": c.confidence}
            for c in item.choices
        ],
    }


def _sentences(item: Suggested) -> list[str]:
    line = item.line
    head = f"{line.on} {line.bank} {format_yuan(line.amount)} 元 {line.counterparty} {line.memo}"
    if item.waiting is not None:
        return [f"{head}（第 {item.waiting} 号单据，待审核）"]
    shown = [f"    {c.title}（{'；'.join(c.reasons)}）" for c in item.choices[:3]]
    return [head, *(shown or ["    没有建议，请自己记"])]


@bank.command(
    "accept",
    cls=ChineseCommand,
    help="采纳建议，制成一张单据待审核。不给文件时采纳全部可靠的第一建议；文件是 JSON 数组，每项有 account、key、choice。",
)
@click.option("--file", type=FILE, metavar="文件.json", help="要采纳的流水和建议")
@click.option("--account", "bank_account", default="", metavar="账户", help="只采纳一个账户的")
@with_account
@with_trust
@with_json
def accept_(file: Path | None, bank_account: str, account: str, slug: str | None, as_json: bool) -> None:
    """Accept suggestions as one piece of work."""
    desk = open_desk(slug)
    actor = sign_in(desk, account)
    with acting_as(desk, actor, "bank.match", bank_account) as at:
        if file is not None:
            picks = _read_picks(file)
        else:
            found = suggestions(at.conn, at.trust_id, at.act, account=bank_account, limit=MOST_AT_ONCE)
            picks = [
                Pick(item.line.bank_account, item.line.line_key, item.best.id)
                for item in found
                if item.best is not None and item.best.sure
            ]
        done = accept(at.conn, at.trust_id, picks, at.actor, at.act)
    no = done.prepared.no if done.prepared else None
    sentences = [f"第 {no} 号单据，{done.entries} 张凭证，等待审核。"] if no else []
    sentences += [f"{done.confirmed} 条流水核对到原有凭证。"] if done.confirmed else []
    answer(as_json, {"work": no, "entries": done.entries, "confirmed": done.confirmed}, *sentences)


def _read_picks(file: Path) -> list[Pick]:
    try:
        rows = msgspec.json.decode(file.read_bytes(), type=list[dict[str, str]])
        return [Pick(row["account"], row["key"], row["choice"]) for row in rows]
    except (msgspec.MsgspecError, KeyError) as error:
        raise refuse(
            "bad_json", f"应是 JSON 数组，每项有 account、key、choice：{error}", file.name
        ) from error


@bank.command(
    "reconcile", cls=ChineseCommand, help="银行存款余额调节表。月份写成 202503；加 --sign 确认（要 --as）。"
)
@click.argument("bank_account", metavar="账户")
@click.argument("period", type=int, metavar="月份")
@click.option("--sign", is_flag=True, help="核对无误，确认这张调节表")
@click.option("--note", default="", metavar="说明", help="确认时的说明")
@click.option("--as", "account", metavar="账号", help="以谁的名义确认（会问密码和动态码）")
@with_trust
@with_json
def reconcile(
    bank_account: str,
    period: int,
    sign: bool,
    note: str,
    account: str | None,
    slug: str | None,
    as_json: bool,
) -> int:
    """Print a reconciliation, or sign it. Exit code 1 if the two sides do not agree."""
    desk = open_desk(slug)
    if not 1 <= period % 100 <= 12 or not 2000 <= period // 100 <= 2199:
        raise refuse("bad_month", "月份请写成 202503 的样子", "月份")
    if sign:
        if account is None:
            raise refuse("no_account", "确认调节表须写明是谁，请加 --as 账号", "--as")
        actor = sign_in(desk, account)
        with acting_as(desk, actor, "bank.reconcile", f"{bank_account} {period}") as at:
            record_reconciliation(
                at.conn, at.trust_id, bank_account, period, by=at.actor.signature, note=note, act=at.act
            )
    with reading(desk.engine) as conn:
        table = reconciliation(conn, desk.trust_id, bank_account, period, desk.act().today)
    answer(as_json, _table(table, sign), *_told(table, sign))
    return 0 if table.agrees else 1


def _table(table: Reconciliation, signed: bool) -> dict[str, Any]:
    return {
        "ok": table.agrees,
        "as_of": table.as_of.isoformat(),
        "book_balance": table.book_balance,
        "bank_balance": table.bank_balance,
        "adjusted_book": table.adjusted_book,
        "adjusted_bank": table.adjusted_bank,
        "difference": table.difference,
        "signed": signed,
        **{
            name: [{"date": i.on.isoformat(), "amount": i.amount, "ref": i.ref, "text": i.text} for i in some]
            for name in _LISTS
            for some in (getattr(table, name),)
        },
    }


def _told(table: Reconciliation, signed: bool) -> list[str]:
    bank_said = "银行没有说" if table.bank_balance is None else f"{format_yuan(table.bank_balance)} 元"
    told = [
        f"{table.bank} {period_name(table.period)}（截至 {table.as_of}）",
        f"账上 {format_yuan(table.book_balance)} 元，银行 {bank_said}",
    ]
    for name, title in _LISTS.items():
        some = getattr(table, name)
        told.append(f"{title}：{len(some)} 笔，{format_yuan(sum(item.amount for item in some))} 元")
        told += [f"    {item.on} {format_yuan(item.amount)} {item.ref} {item.text}" for item in some[:20]]
    if table.agrees:
        told.append("调节后相符。" + ("已确认。" if signed else ""))
    elif table.difference is None or not table.covered:
        told.append("还没有到月末的银行余额，请先导入流水。")
    else:
        told.append(f"调节后仍相差 {format_yuan(table.difference)} 元。")
    return told


@bank.command(
    "formats", cls=ChineseCommand, help="列出能读的流水格式；--add 加一份描述文件（TOML，要 --as）。"
)
@click.option("--add", type=FILE, metavar="文件.toml", help="格式描述，写法同 ledger/bank/formats 里的")
@click.option("--as", "account", metavar="账号", help="以谁的名义保存（会问密码和动态码）")
@with_trust
@with_json
def formats(add: Path | None, account: str | None, slug: str | None, as_json: bool) -> None:
    """Print what can be read, or remember one more format."""
    desk = open_desk(slug)
    if add is not None:
        if account is None:
            raise refuse("no_account", "保存格式须写明是谁，请加 --as 账号", "--as")
        form = _described(add)
        actor = sign_in(desk, account)
        with acting_as(desk, actor, "bank.import", form.id) as at:
            save_format(at.conn, at.trust_id, form, by=at.actor.signature, act=at.act)
    with reading(desk.engine) as conn:
        saved = [item for item in saved_formats(conn, desk.trust_id) if item.format is not None]
    rows = [{"id": f.id, "name": f.name, "saved": False} for f in builtin_formats()]
    rows.append({"id": "camt-053", "name": "ISO 20022 camt.053", "saved": False})
    rows += [{"id": item.id, "name": item.name, "saved": True} for item in saved]
    told = [f"{row['id']:28} {row['name']}{'（本小区保存）' if row['saved'] else ''}" for row in rows]
    answer(as_json, {"formats": rows}, *told)


def _described(file: Path) -> Format:
    try:
        form = parse_description(file.read_text(encoding="utf-8"), file.name)
    except (UnicodeDecodeError, ValueError) as error:
        raise Refused([Problem("bad_format", str(error), file.name)]) from error
    if form.id in {known.id for known in builtin_formats()}:
        raise refuse("known_format", f"系统自带的格式已有 {form.id}，请换一个 id", file.name)
    return form
