"""What has to be public: what is due, publishing services, posts and notes, confirming what still holds."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click
import msgspec
from sqlalchemy import Connection

from disclosure.cli.acting import acting_as, sign_in, with_account
from disclosure.cli.chinese import ChineseCommand, ChineseGroup
from disclosure.cli.common import FILE, answer, open_desk, with_json, with_trust
from ledger.disclosures.duties import Duty, duties
from ledger.disclosures.fulfilment import STATES, Note, publish_note
from ledger.disclosures.posts import PostList, publish_posts
from ledger.disclosures.reviews import CONFIRMABLE, confirm_block
from ledger.disclosures.rules import rules
from ledger.disclosures.services import ServiceList, publish_services
from ledger.errors import refuse
from ledger.people import Actor
from ledger.periods.spans import read_span, span_name
from ledger.store.engine import reading
from ledger.trust.act import Act

_Value = TypeVar("_Value")
_ACTION = "disclosure.publish"
_BLOCKS = "、".join(f"{code} {rules()[code].title}" for code in CONFIRMABLE)


@click.group(cls=ChineseGroup, help="公开事项：查看期限，公开服务事项、岗位和履行情况，核对。")
def disclosure() -> None:
    """What has to be public."""


@disclosure.command("due", cls=ChineseCommand, help="列出应公开的各项、最近一次、下次最迟和逾期天数。")
@click.option("--late", is_flag=True, help="只列逾期的；有逾期时退出码为 1")
@with_trust
@with_json
def due(late: bool, slug: str | None, as_json: bool) -> int:
    """List duties."""
    desk = open_desk(slug)
    with reading(desk.engine) as conn:
        found = duties(conn, desk.trust_id, desk.act().today)
    shown = [duty for duty in found if duty.late_days or not late]
    answer(as_json, {"duties": [_row(duty) for duty in shown]}, *(_line(duty) for duty in shown))
    return int(late and bool(shown))


def _row(duty: Duty) -> dict[str, Any]:
    return {
        "code": duty.code,
        "title": duty.title,
        "basis": duty.basis,
        "last_on": duty.last_on,
        "due_on": duty.due_on,
        "late_days": duty.late_days,
        "state": duty.state,
    }


def _line(duty: Duty) -> str:
    return (
        f"{duty.title}：{duty.state}。最近 {duty.last_on or '还没有'}，下次最迟 {duty.due_on or '没有约定'}"
    )


@disclosure.command(
    "services",
    cls=ChineseCommand,
    help='公开服务事项和质量要求的新一版。文件是 JSON：{"effective_on": "2025-01-01", "authority": "合同附件二", '
    '"items": [{"title", "content", "standard", "frequency", "code"}]}；沿用旧事项的写上原编号。',
)
@click.argument("file", type=FILE, metavar="文件")
@with_account
@with_trust
@with_json
def services(file: Path, account: str, slug: str | None, as_json: bool) -> None:
    """Publish a list of services."""
    version = _publish(publish_services, _read(file, ServiceList), "服务事项", account, slug)
    answer(as_json, {"version": version}, f"已公开服务事项第 {version} 版。")


@disclosure.command(
    "posts",
    cls=ChineseCommand,
    help='公开岗位表的新一版。文件是 JSON：{"effective_on": "2025-01-01", "items": [{"title", "duty", "desk", '
    '"services": ["S01"]}]}。只写岗位，不写姓名和手机。',
)
@click.argument("file", type=FILE, metavar="文件")
@with_account
@with_trust
@with_json
def posts(file: Path, account: str, slug: str | None, as_json: bool) -> None:
    """Publish a list of posts."""
    version = _publish(publish_posts, _read(file, PostList), "岗位", account, slug)
    answer(as_json, {"version": version}, f"已公开岗位表第 {version} 版。")


@disclosure.command(
    "fulfilment",
    cls=ChineseCommand,
    help='公开一期的履行情况，或更正的一版。文件是 JSON：{"summary": "…", "items": [{"service": "S01", "done": "…", '
    '"state": "met"}], "papers": [{"title", "original", "public"}]}；state 可写 '
    + "、".join(f"{code} {name}" for code, name in STATES.items()),
)
@click.argument("period", metavar="期间")
@click.argument("file", type=FILE, metavar="文件")
@with_account
@with_trust
@with_json
def fulfilment(period: str, file: Path, account: str, slug: str | None, as_json: bool) -> None:
    """Publish a note."""
    code = read_span(period).code
    note = _read(file, Note, period=code)
    version = _publish(publish_note, note, f"履行情况 {period}", account, slug)
    answer(
        as_json, {"period": period, "version": version}, f"已公开{span_name(code)}履行情况第 {version} 版。"
    )


@disclosure.command("confirm", cls=ChineseCommand, help="登记“已核对，仍有效”，日期从今天起算。")
@click.argument("block", type=click.Choice(CONFIRMABLE), metavar="事项")
@click.option("--note", default="", metavar="说明", help=f"核对说明，会公开。事项可写：{_BLOCKS}")
@with_account
@with_trust
@with_json
def confirm(block: str, note: str, account: str, slug: str | None, as_json: bool) -> None:
    """Confirm that a block still holds."""
    desk = open_desk(slug)
    actor = sign_in(desk, account)
    with acting_as(desk, actor, _ACTION, block) as at:
        number = confirm_block(at.conn, at.trust_id, block, note, at.actor, at.act)
    desk.sign()
    answer(as_json, {"review": number}, f"已记下“{rules()[block].title}”的核对。")


def _publish(
    publish: Callable[[Connection, int, _Value, Actor, Act], int],
    value: _Value,
    subject: str,
    account: str,
    slug: str | None,
) -> int:
    """Publish a value in somebody's name and sign the log; returns its version."""
    desk = open_desk(slug)
    actor = sign_in(desk, account)
    with acting_as(desk, actor, _ACTION, subject) as at:
        version = publish(at.conn, at.trust_id, value, at.actor, at.act)
    desk.sign()
    return version


def _read(file: Path, kind: type[_Value], **more: Any) -> _Value:
    """The value of a JSON file. Raises :class:`~ledger.errors.Refused` with what is wrong in it."""
    try:
        value = msgspec.json.decode(file.read_bytes())
        if not isinstance(value, dict):
            raise refuse("bad_file", "文件最外层应是一个对象 {…}", file.name)
        return msgspec.convert({**value, **more}, kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise refuse("bad_file", f"读不懂文件：{error}", file.name) from error


COMMANDS = (disclosure,)
