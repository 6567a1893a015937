"""``reverse`` and ``amend``: corrections handed in for review, in the name of a bookkeeper."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import click
import msgspec

from disclosure.cli.acting import acting_as, sign_in, with_account
from disclosure.cli.bookkeeping import read_drafts
from disclosure.cli.chinese import ChineseCommand
from disclosure.cli.common import FILE, answer, open_desk, with_json, with_trust
from ledger.errors import refuse
from ledger.journal import Draft
from ledger.work import Work, prepare


@click.command(cls=ChineseCommand, help="红字冲销一张凭证：制成单据，交另一个人审核后入账。")
@click.argument("ref", metavar="凭证号")
@click.option("--reason", required=True, metavar="原因", help="会公开，写清为什么冲销")
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]), metavar="日期", help="冲销日期，默认今天")
@with_account
@with_trust
@with_json
def reverse(ref: str, reason: str, on: Any, account: str, slug: str | None, as_json: bool) -> None:
    """Hand in a red-letter entry."""
    desk = open_desk(slug)
    day: date = on.date() if on else desk.act().today
    work = Work(kind="reversal", title=f"红字冲销 {ref}：{reason}", reverses=ref, on=day, reason=reason)
    _hand_in(ref, work, account, slug, as_json)


@click.command(
    cls=ChineseCommand,
    help="订正一张凭证：文件里是它本来应该的样子（JSON，格式同 post），制成单据，交另一个人审核后入账。",
)
@click.argument("ref", metavar="凭证号")
@click.argument("file", type=FILE, metavar="文件.json")
@with_account
@with_trust
@with_json
def amend(ref: str, file: Path, account: str, slug: str | None, as_json: bool) -> None:
    """Hand in an amendment."""
    desk = open_desk(slug)
    corrected = _one_draft(file, key=f"amend:{ref}:{desk.act().entropy(8).hex()}")
    work = Work(kind="amendment", title=f"订正 {ref}：{corrected.summary}", amends=ref, drafts=(corrected,))
    _hand_in(ref, work, account, slug, as_json)


def _one_draft(file: Path, *, key: str) -> Draft:
    """The entry in a file; people need not be named in it, as they sign by their accounts."""
    try:
        raw = msgspec.json.decode(file.read_bytes())
    except msgspec.DecodeError as error:
        raise refuse("bad_json", f"不是正确的 JSON：{error}", file.name) from error
    items = raw if isinstance(raw, list) else [raw]
    if len(items) != 1 or not isinstance(items[0], dict):
        raise refuse("not_one_entry", "订正的文件里须正好是一张凭证", file.name)
    filled = {"key": key, **items[0], "preparer": "", "reviewer": ""}
    return read_drafts(msgspec.json.encode(filled), file.name)[0]


def _hand_in(ref: str, work: Work, account: str, slug: str | None, as_json: bool) -> None:
    desk = open_desk(slug)
    actor = sign_in(desk, account)
    with acting_as(desk, actor, "entry.correct", ref) as on:
        prepared = prepare(on.conn, on.trust_id, work, on.actor, on.act)
    answer(
        as_json,
        {"no": prepared.no, "state": prepared.waiting_for},
        f"已制成第 {prepared.no} 号单据，等待审核。",
    )


COMMANDS = (reverse, amend)
