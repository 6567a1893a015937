"""``import``, ``post``, ``close``, ``publish``: what a bookkeeper does from the shell."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import msgspec

from disclosure.cli.chinese import ChineseCommand
from disclosure.cli.common import FILE, answer, open_desk, progress_line, with_json, with_trust
from disclosure.statements.publish import publish_statement
from disclosure.statements.words import statement_title
from ledger.bank.importing import import_statement
from ledger.bank.matching import match_lines
from ledger.errors import Problem, Refused, refuse
from ledger.journal import Draft
from ledger.journal.post import post_many
from ledger.money import format_yuan, parse_yuan
from ledger.periods import close_period, close_year_entries
from ledger.periods.calendar import period_name
from ledger.periods.spans import Span, read_span, span_of
from ledger.store.engine import writing


@click.command(
    "import",
    cls=ChineseCommand,
    help="导入银行、微信或支付宝流水文件。读不懂的文件一行都不入账；重复导入不会重复。",
)
@click.argument("file", type=FILE, metavar="文件")
@click.option("--account", required=True, metavar="账户", help="本小区登记的账户代码，如 F1-CCB")
@click.option("--by", default="cli", help="经手人编号")
@click.option(
    "--match", "reviewer", metavar="审核人", help="导入后按规则入账，写明审核人编号（不能与经手人相同）"
)
@click.option("--accept-unverified-balance", is_flag=True, help="余额或合计核对不上也导入，并一直带着标记")
@with_trust
@with_json
def import_(
    file: Path,
    account: str,
    by: str,
    reviewer: str | None,
    accept_unverified_balance: bool,
    slug: str | None,
    as_json: bool,
) -> None:
    """Import a statement file; with --match also post what the rules explain."""
    desk = open_desk(slug)
    with writing(desk.engine) as conn:
        imported = import_statement(
            conn,
            desk.trust_id,
            account,
            file.read_bytes(),
            file.name,
            by=by,
            act=desk.act(),
            accept_unverified_balance=accept_unverified_balance,
        )
        matched = None
        if reviewer:
            matched = match_lines(
                conn,
                desk.trust_id,
                preparer=by,
                reviewer=reviewer,
                act=desk.act(),
                progress=None if as_json else progress_line("入账"),
            )
    desk.sign()
    data: dict[str, Any] = {
        "lines": imported.lines,
        "new": imported.new,
        "verified": imported.balance_verified,
    }
    sentences = [f"读到 {imported.lines} 条流水，新增 {imported.new} 条。"]
    if not imported.balance_verified:
        sentences.append("这份文件的余额没有校验。")
    if matched is not None:
        data |= {"matched": sum(matched.by_rule.values()), "left": len(matched.left)}
        sentences.append(
            f"按规则处理 {sum(matched.by_rule.values())} 条流水，还有 {len(matched.left)} 条要人工处理。"
        )
        sentences += [
            f"  待处理：{x.on} {format_yuan(x.amount)} 元 {x.bank} {x.memo}" for x in matched.left[:20]
        ]
    answer(as_json, data, *sentences)


@click.command(
    cls=ChineseCommand,
    help='把 JSON 文件里的凭证（一张或一组）入账：全部成功，或一张也不入。金额写成字符串，如 "245.00"（元）。',
)
@click.argument("file", type=FILE, metavar="文件.json")
@with_trust
@with_json
def post(file: Path, slug: str | None, as_json: bool) -> None:
    """Post entries from a JSON file."""
    desk = open_desk(slug)
    drafts = read_drafts(file.read_bytes(), file.name)
    with writing(desk.engine) as conn:
        posted = post_many(
            conn, desk.trust_id, drafts, desk.act(), progress=None if as_json else progress_line("入账")
        )
    desk.sign()
    rows = [{"ref": p.ref, "seq": p.seq, "already": p.already} for p in posted]
    sentences = [f"{p.ref}{'（以前已入账）' if p.already else ''}" for p in posted]
    answer(as_json, {"entries": rows}, *sentences)


def read_drafts(data: bytes, filename: str) -> list[Draft]:
    """Drafts from JSON text; amounts are yuan in strings. Raises :class:`~ledger.errors.Refused`."""
    try:
        raw = msgspec.json.decode(data)
    except msgspec.DecodeError as error:
        raise refuse("bad_json", f"不是正确的 JSON：{error}", filename) from error
    problems: list[Problem] = []
    drafts: list[Draft] = []
    for number, item in enumerate(raw if isinstance(raw, list) else [raw], start=1):
        where = f"{filename} 第 {number} 张凭证"
        try:
            yuan_to_fen(item)
            drafts.append(msgspec.convert(item, Draft))
        except (msgspec.ValidationError, ValueError) as error:
            problems.append(Problem("bad_draft", f"内容不合要求：{error}", where))
    if problems:
        raise Refused(problems)
    return drafts


def yuan_to_fen(item: Any) -> None:
    """Turn the amounts of a draft as written in files (yuan in strings) into fen, in place."""
    lines = item.get("lines", ()) if isinstance(item, dict) else ()
    for line in lines:
        for part in (line, *line.get("details", ())):
            amount = part.get("amount")
            if not isinstance(amount, str):
                raise ValueError(f'金额 {amount} 请写成带引号的元，如 "245.00"')
            part["amount"] = parse_yuan(amount)


@click.command(
    cls=ChineseCommand, help="结账：检查各项条件，通过后封存这个月。十二月会先做年结。月份写成 202503。"
)
@click.argument("period", type=int, metavar="月份")
@click.option(
    "--book",
    type=click.Choice(["A", "M"]),
    default="A",
    show_default=True,
    help="账套：A 信托共有基金，M 维修资金",
)
@click.option("--by", default="cli", help="经手人编号")
@click.option("--reviewer", default="cli-reviewer", help="年结凭证的审核人编号")
@with_trust
@with_json
def close(period: int, book: str, by: str, reviewer: str, slug: str | None, as_json: bool) -> None:
    """Close a month of a book."""
    desk = open_desk(slug)
    with writing(desk.engine) as conn:
        if period % 100 == 12:
            close_year_entries(
                conn,
                desk.trust_id,
                book,  # type: ignore[arg-type]
                period // 100,
                preparer=by,
                reviewer=reviewer,
                act=desk.act(),
            )
        closed = close_period(conn, desk.trust_id, book, period, by=by, act=desk.act())
    desk.sign()
    answer(
        as_json,
        {"period": period, "size": closed.size},
        f"账套 {book} {period_name(period)}已结账，共 {closed.size} 笔。",
    )


@click.command(cls=ChineseCommand, help="发布一个已结账的月份、季度或年度的报表。内容没变时不产生新版本。")
@click.argument("period", metavar="[月份]", required=False)
@click.option("--quarter", metavar="季度", help="季度公示，写成 2025-Q1")
@click.option("--year", metavar="年度", help="年度报告，写成 2025")
@with_trust
@with_json
def publish(
    period: str | None, quarter: str | None, year: str | None, slug: str | None, as_json: bool
) -> None:
    """Publish the statement of a closed month, quarter or year."""
    span = _span(period, quarter, year)
    desk = open_desk(slug)
    desk.sign()
    with writing(desk.engine) as conn:
        published = publish_statement(conn, desk.trust_id, span.code, desk.act())
    desk.sign()
    address = f"{desk.config.public_url}/c/{desk.slug}/statements/{span.slug}"
    answer(
        as_json,
        {"period": span.code, "version": published.version, "address": address},
        f"{statement_title(span.code)}第 {published.version} 版：{address}",
    )


def _span(period: str | None, quarter: str | None, year: str | None) -> Span:
    """The one span that was named. Raises :class:`~ledger.errors.Refused` for none, several or another kind."""
    named = [(kind, text) for kind, text in (("month", period), ("quarter", quarter), ("year", year)) if text]
    if len(named) != 1:
        raise refuse("which_span", "请写明一个月份，或用 --quarter、--year 写明季度或年度", "期间")
    kind, text = named[0]
    span = span_of(int(text)) if kind == "month" and text.isascii() and text.isdecimal() else read_span(text)
    if span.kind != kind:
        names = {"month": "月份，如 202503", "quarter": "季度，如 2025-Q1", "year": "年度，如 2025"}
        raise refuse("wrong_span", f"“{text}”不是{names[kind]}", "期间")
    return span


COMMANDS = (import_, post, close, publish)
