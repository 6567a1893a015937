"""``work``: prepare, review, co-sign, pay, send back and withdraw work from the shell."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import click
import msgspec

from disclosure.cli.acting import acting_as, sign_in, with_account
from disclosure.cli.bookkeeping import yuan_to_fen
from disclosure.cli.chinese import ChineseCommand, ChineseGroup
from disclosure.cli.common import FILE, answer, open_desk, with_json, with_trust
from disclosure.office.draft_view import local_time
from disclosure.office.work_words import STATES
from ledger.errors import refuse
from ledger.journal import Posted
from ledger.money import format_yuan
from ledger.store.engine import reading
from ledger.work import (
    CO_SIGN,
    PAY,
    REVIEW,
    SENT_BACK,
    WITHDRAWN,
    Work,
    co_sign,
    list_work,
    pay,
    prepare,
    read_work,
    review,
    send_back,
    withdraw,
)

_STEPS = {
    REVIEW: "审核",
    CO_SIGN: "会签",
    PAY: "付款",
    SENT_BACK: "退回",
    WITHDRAWN: "撤回",
}
_NUMBERS = click.argument("numbers", type=int, nargs=-1, required=True, metavar="单据号...")


@click.group("work", cls=ChineseGroup, help="单据：制单、审核、会签、付款。凡动钱的事都走这里。")
def work() -> None:
    """The group."""


@work.command("list", cls=ChineseCommand, help="列出单据，新的在前。")
@click.option("--state", type=click.Choice(list(STATES)), help="只列某个状态的")
@click.option("--limit", default=50, show_default=True, help="最多几张")
@with_trust
@with_json
def list_(state: str | None, limit: int, slug: str | None, as_json: bool) -> None:
    """Print a list of work."""
    desk = open_desk(slug)
    with reading(desk.engine) as conn:
        items = list_work(conn, desk.trust_id, waiting_for=(state,) if state else (), limit=limit)
    rows = [
        {"no": i.no, "kind": i.kind, "title": i.title, "amount": i.amount, "state": i.waiting_for}
        for i in items
    ]
    sentences = [
        f"第 {i.no} 号 {STATES[i.waiting_for]} {format_yuan(i.amount)} 元 {i.title}（{i.signature}）"
        for i in items
    ]
    answer(as_json, {"work": rows}, *(sentences or ["没有单据。"]))


@work.command(cls=ChineseCommand, help="看一张单据的内容和办理过程。")
@click.argument("no", type=int, metavar="单据号")
@with_trust
@with_json
def show(no: int, slug: str | None, as_json: bool) -> None:
    """Print one piece of work."""
    desk = open_desk(slug)
    with reading(desk.engine) as conn:
        file = read_work(conn, desk.trust_id, no)
    steps = [f"{local_time(s.acted_at)} {_STEPS[s.step]} {s.signature} {s.note}".rstrip() for s in file.steps]
    data: dict[str, Any] = {
        "no": no,
        "state": file.item.waiting_for,
        "work": msgspec.to_builtins(file.work),
        "steps": msgspec.to_builtins(list(file.steps)),
        "entries": [ref for _, ref in file.entries],
    }
    head = f"第 {no} 号 {STATES[file.item.waiting_for]} {format_yuan(file.item.amount)} 元 {file.item.title}"
    answer(as_json, data, head, *steps, *(f"凭证 {ref}" for _, ref in file.entries))


@work.command("prepare", cls=ChineseCommand, help="把一个 JSON 文件里的单据交给审核。")
@click.argument("file", type=FILE, metavar="文件")
@with_account
@with_trust
@with_json
def prepare_(file: Path, account: str, slug: str | None, as_json: bool) -> None:
    """Hand in work described as JSON (see docs/office-work.example.json)."""
    desk = open_desk(slug)
    asked = read_work_file(file.read_bytes(), file.name)
    actor = sign_in(desk, account)
    with acting_as(desk, actor, "work.prepare", asked.title) as on:
        prepared = prepare(on.conn, on.trust_id, asked, on.actor, on.act)
    answer(
        as_json,
        {"no": prepared.no, "state": prepared.waiting_for},
        f"已制成第 {prepared.no} 号单据，等待审核。",
    )


def read_work_file(data: bytes, filename: str) -> Work:
    """Work from JSON text; amounts are yuan in strings, nobody need be named as preparer or reviewer.

    Raises :class:`~ledger.errors.Refused`.
    """
    try:
        raw = msgspec.json.decode(data)
        for draft in raw.get("drafts", ()) if isinstance(raw, dict) else ():
            yuan_to_fen(draft)
            draft |= {"preparer": "", "reviewer": ""}
        return msgspec.convert(raw, Work)
    except (msgspec.DecodeError, msgspec.ValidationError, ValueError) as error:
        raise refuse("bad_work", f"内容不合要求：{error}", filename) from error


@work.command("review", cls=ChineseCommand, help="审核同意。")
@_NUMBERS
@with_account
@with_trust
@with_json
def review_(numbers: tuple[int, ...], account: str, slug: str | None, as_json: bool) -> None:
    """Agree as reviewer."""
    _decide(review, "work.review", "已审核", numbers, account, slug, as_json)


@work.command("co-sign", cls=ChineseCommand, help="业委会会签同意。")
@_NUMBERS
@with_account
@with_trust
@with_json
def co_sign_(numbers: tuple[int, ...], account: str, slug: str | None, as_json: bool) -> None:
    """Agree for the committee."""
    _decide(co_sign, "work.co_sign", "已会签", numbers, account, slug, as_json)


@work.command("pay", cls=ChineseCommand, help="出纳登记已付款，入账。")
@_NUMBERS
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]), required=True, metavar="日期", help="付款日期")
@click.option("--number", default="", metavar="号码", help="银行回单号")
@with_account
@with_trust
@with_json
def pay_(
    numbers: tuple[int, ...], on: Any, number: str, account: str, slug: str | None, as_json: bool
) -> None:
    """Record payments."""
    day: date = on.date()
    _decide(pay, "work.pay", "已付款", numbers, account, slug, as_json, on=day, bank_number=number)


@work.command("send-back", cls=ChineseCommand, help="退回制单人。")
@_NUMBERS
@click.option("--note", required=True, metavar="原因", help="为什么退回")
@with_account
@with_trust
@with_json
def send_back_(numbers: tuple[int, ...], note: str, account: str, slug: str | None, as_json: bool) -> None:
    """Refuse work."""
    _decide(send_back, "work.send_back", "已退回", numbers, account, slug, as_json, note=note)


@work.command("withdraw", cls=ChineseCommand, help="撤回自己制的单据。")
@_NUMBERS
@with_account
@with_trust
@with_json
def withdraw_(numbers: tuple[int, ...], account: str, slug: str | None, as_json: bool) -> None:
    """Take one's own work back."""
    _decide(withdraw, "work.withdraw", "已撤回", numbers, account, slug, as_json)


def _decide(
    command: Any,
    action: str,
    said: str,
    numbers: tuple[int, ...],
    account: str,
    slug: str | None,
    as_json: bool,
    **values: Any,
) -> None:
    """Take one step of several pieces of work, each a transaction of its own; stop at the first refusal."""
    desk = open_desk(slug)
    actor = sign_in(desk, account)
    entries: list[str] = []
    for no in numbers:
        with acting_as(desk, actor, action, f"work {no}") as on:
            posted: list[Posted] = command(on.conn, on.trust_id, no, on.actor, on.act, **values) or []
        entries += [place.ref for place in posted]
    if entries:
        desk.sign()
    listed = "、".join(str(no) for no in numbers)
    sentences = [f"第 {listed} 号单据{said}。"] + ([f"已入账：{'、'.join(entries)}"] if entries else [])
    answer(as_json, {"work": list(numbers), "entries": entries}, *sentences)
