"""``inquiries``: ask, read, rate; and what the clock does. What the desks do is in :mod:`inquiry_desk`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from disclosure.cli import inquiry_desk
from disclosure.cli.acting import acting_as, sign_in, with_account
from disclosure.cli.chinese import ChineseCommand, ChineseGroup
from disclosure.cli.common import FILE, answer, open_desk, with_json, with_trust
from disclosure.cli.inquiry_desk import NUMBER, TEXT, said
from ledger.inquiries import (
    InquiryFile,
    InquiryRow,
    PublicInquiry,
    Question,
    Wanted,
    ask,
    escalate_due,
    list_inquiries,
    rate,
    read_inquiry,
    withdraw,
)
from ledger.inquiries.model import ABOUT_NAMES, OPEN_STATES, STATUS_NAMES, kinds
from ledger.inquiries.numbers import numbers
from ledger.inquiries.pictures import read_shot
from ledger.inquiries.response import slow_repairs
from ledger.people import require
from ledger.periods.spans import read_span
from ledger.store.engine import reading, writing

_KINDS = "、".join(f"{name} {row.title}" for name, row in kinds().items())
_ABOUT = "、".join(f"{name}:编号（{title}）" for name, title in ABOUT_NAMES.items() if name)


@click.group("inquiries", cls=ChineseGroup, help="质询、随手拍、报修、查阅复制：提出、办理、公开、评价。")
def inquiries() -> None:
    """The group."""


@inquiries.command("ask", cls=ChineseCommand, help="提出一件，得到编号和答复期限。")
@click.argument("text", metavar="内容")
@click.option(
    "--kind", type=click.Choice(list(kinds())), default="question", metavar="种类", help=f"可写：{_KINDS}"
)
@click.option("--about", default="", metavar="关于", help=f"可写：{_ABOUT}；不写就是小区事务")
@click.option("--place", default="", metavar="位置", help="在哪里，不公开")
@click.option("--unit", default="", metavar="房号", help="自己的哪套房，不公开")
@click.option("--follows", type=int, default=0, metavar="编号", help="接着自己以前的哪一件")
@click.option("--picture", "pictures", type=FILE, multiple=True, metavar="文件", help="图片，可写几次")
@with_account
@with_trust
@with_json
def ask_(
    text: str,
    kind: str,
    about: str,
    place: str,
    unit: str,
    follows: int,
    pictures: tuple[Path, ...],
    account: str,
    slug: str | None,
    as_json: bool,
) -> None:
    """Register an inquiry."""
    desk = open_desk(slug)
    about_kind, _, reference = about.partition(":")
    shots = [read_shot(path.read_bytes()) for path in pictures]
    actor = sign_in(desk, account)
    action = "inquiry.inspect" if kind == "inspection" else "inquiry.ask"
    with acting_as(desk, actor, action, kinds()[kind].title) as at:
        key = at.act.entropy(16).hex()
        question = Question(kind, text, key, about_kind, reference, place, unit, follows)
        place_kept = desk.config.documents_dir
        no = ask(at.conn, at.trust_id, question, actor, at.act, shots=shots, location=place_kept)
        asked = read_inquiry(at.conn, at.trust_id, no)
    answer(
        as_json,
        {"no": no, "accept_by": asked.state.due_on, "answer_by": asked.asked.answer_by},
        f"已登记，编号 {no}。{asked.state.duty}应在 {asked.state.due_on} 前受理，{asked.asked.answer_by} 前答复。",
    )


@inquiries.command("list", cls=ChineseCommand, help="列出质询，新的在前；只显示公开的内容。")
@click.option("--state", type=click.Choice(list(STATUS_NAMES)), metavar="状态", help="只列某个状态的")
@click.option("--open", "only_open", is_flag=True, help="只列还要办理的")
@click.option("--late", is_flag=True, help="只列逾期的；有逾期时退出码为 1")
@click.option("--before", type=int, metavar="编号", help="从这个编号以前的列起")
@click.option("--limit", default=50, show_default=True, help="最多几件")
@with_trust
@with_json
def list_(
    state: str | None,
    only_open: bool,
    late: bool,
    before: int | None,
    limit: int,
    slug: str | None,
    as_json: bool,
) -> int:
    """Print a list."""
    desk = open_desk(slug)
    today = desk.act().today
    states = (state,) if state else OPEN_STATES if only_open else ()
    with reading(desk.engine) as conn:
        wanted = Wanted(states=states, late_on=today if late else None)
        rows = list_inquiries(conn, desk.trust_id, wanted, before=before, limit=limit)
    answer(as_json, {"inquiries": [_data(row) for row in rows]}, *(_line(row) for row in rows))
    return int(late and bool(rows))


@inquiries.command("show", cls=ChineseCommand, help="一件的办理经过；加 --as 由办理人或提问人看全部内容。")
@NUMBER
@click.option("--as", "account", metavar="账号", help="以谁的名义查看（会问密码和动态码）")
@with_trust
@with_json
def show(no: int, account: str | None, slug: str | None, as_json: bool) -> None:
    """Print one: what is public, or to whom it concerns all of it."""
    desk = open_desk(slug)
    if account is None:
        with reading(desk.engine) as conn:
            file = read_inquiry(conn, desk.trust_id, no)
        data, lines = _public(file.public)
        answer(as_json, data, *lines)
        return
    actor = sign_in(desk, account)
    with reading(desk.engine) as conn:
        file = read_inquiry(conn, desk.trust_id, no)
    if actor.person != file.asked.person:
        require(actor, "inquiry.read")
    data, lines = _public(file.public)
    answer(as_json, {**data, **_private(file)}, *lines, *_private_lines(file))


@inquiries.command("rate", cls=ChineseCommand, help="提问人评价答复；不满意的马上升级。")
@NUMBER
@click.argument("rating", type=click.Choice(["满意", "不满意"]), metavar="满意|不满意")
@TEXT
@with_account
@with_trust
@with_json
def rate_(no: int, rating: str, text: str, account: str, slug: str | None, as_json: bool) -> None:
    """Rate an answer."""
    desk = open_desk(slug)
    actor = sign_in(desk, account)
    with acting_as(desk, actor, "inquiry.rate", f"第{no}号") as at:
        state = rate(at.conn, at.trust_id, no, rating == "满意", actor, at.act, text=text)
    said(as_json, no, state, f"已记下“{rating}”。")


@inquiries.command("withdraw", cls=ChineseCommand, help="提问人撤回，不再需要答复。")
@NUMBER
@TEXT
@with_account
@with_trust
@with_json
def withdraw_(no: int, text: str, account: str, slug: str | None, as_json: bool) -> None:
    """Withdraw one."""
    desk = open_desk(slug)
    actor = sign_in(desk, account)
    with acting_as(desk, actor, "inquiry.rate", f"第{no}号") as at:
        state = withdraw(at.conn, at.trust_id, no, text, actor, at.act)
    said(as_json, no, state, "已撤回。")


@inquiries.command("numbers", cls=ChineseCommand, help="一个月、一季度或一年里提出的件数、及时率、满意率。")
@click.argument("span", metavar="期间")
@with_trust
@with_json
def numbers_(span: str, slug: str | None, as_json: bool) -> None:
    """Print the numbers of a span."""
    desk = open_desk(slug)
    days = read_span(span)
    with reading(desk.engine) as conn:
        act = desk.act()
        n = numbers(conn, desk.trust_id, days.first, days.last, act.today)
        slow = len(slow_repairs(conn, desk.trust_id, days.first, days.last, act.now))
    names = ("asked", "open", "overdue", "late", "answered", "in_time", "rated", "satisfied", "raised")
    data = {name: getattr(n, name) for name in (*names, "at_street", "reworks", "published", "closed")}
    answer(
        as_json,
        {"span": days.slug, **data, "slow_repairs": slow, "mediations": dict(n.mediations)},
        f"{days.name}提出 {n.asked} 件，答复 {n.answered} 件，其中按期 {n.in_time} 件；现在还要办理 {n.open} 件，逾期 {n.overdue} 件。",
        f"评价 {n.rated} 件，满意 {n.satisfied} 件；升级 {n.raised} 件，其中到街道 {n.at_street} 件；返修 {n.reworks} 次；报修响应超时 {slow} 件。",
    )


@inquiries.command(
    "tick", cls=ChineseCommand, help="把逾期的升级，评价期满的转回访。网站运行时每小时自动做一次。"
)
@with_trust
@with_json
def tick(slug: str | None, as_json: bool) -> None:
    """Do what is due by the clock."""
    desk = open_desk(slug)
    with writing(desk.engine) as conn:
        nos = escalate_due(conn, desk.trust_id, desk.act())
    sentence = f"已处理 {len(nos)} 件：{'、'.join(map(str, nos))}。" if nos else "没有到期的。"
    answer(as_json, {"moved": nos}, sentence)


def _data(row: InquiryRow) -> dict[str, Any]:
    names = ("no", "kind", "about_kind", "about", "status", "level", "due_on", "opened_on", "answered_on")
    more = ("late", "rating", "mediation", "reworks", "echoes", "publication", "words")
    return {name: getattr(row, name) for name in (*names, *more)}


def _line(row: InquiryRow) -> str:
    due = f"，{row.due_on} 前办理" if row.due_on and row.status in OPEN_STATES else ""
    words = f"：{row.words}" if row.words else ""
    return (
        f"第 {row.no} 号 {row.kind_name}（{row.about_name}）{row.status_name}，{row.level_name}{due}{words}"
    )


def _public(found: PublicInquiry) -> tuple[dict[str, Any], list[str]]:
    said_ = [
        {"says": item.says, "by": item.by, "on": item.said_on, "text": item.text, "seq": item.seq}
        for item in found.said
    ]
    course = [
        {"step": step.kind, "level": step.level, "by": step.by, "on": step.on, "due_on": step.due_on}
        for step in found.course
    ]
    lines = [_line(found.row)]
    lines += [f"{item.by}：{item.text}" for item in found.said]
    lines += [f"{step.on} {step.title}（{step.by}）{step.duty}" for step in found.course]
    return {**_data(found.row), "duty": found.duty, "said": said_, "course": course}, lines


def _private(file: InquiryFile) -> dict[str, Any]:
    steps = [{"step": step.no, "kind": step.kind, "text": step.text} for step in file.steps]
    return {"text": file.asked.text, "place": file.asked.place, "unit": file.asked.unit, "steps": steps}


def _private_lines(file: InquiryFile) -> list[str]:
    lines = [f"原话：{file.asked.text}"]
    return lines + [f"第 {step.no} 步 {step.title}：{step.text}" for step in file.steps if step.text]


for _command in inquiry_desk.COMMANDS:
    inquiries.add_command(_command)

COMMANDS = (inquiries,)
