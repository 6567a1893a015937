"""``setup``, ``settings`` and ``deed``: what a community is, from the shell."""

from __future__ import annotations

import tomllib
from datetime import date, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

import click

from disclosure.cli.acting import acting_as, sign_in, with_account
from disclosure.cli.chinese import ChineseCommand, ChineseGroup
from disclosure.cli.common import FILE, answer, open_desk, with_json, with_trust
from ledger.errors import Problem, Refused, refuse
from ledger.money import format_yuan, plain_yuan
from ledger.store.engine import reading
from ledger.trust import Deed, load_setup, record_deed
from ledger.trust.deeds import ELEMENTS, deed_versions
from ledger.trust.opening_balances import OPENING_FORM, opening_work, plan_opening
from ledger.trust.owners import owners_on, title_history
from ledger.trust.readiness import readiness
from ledger.trust.register import RegisterPlan, apply_register, plan_register
from ledger.trust.register_rows import REGISTER_FORM
from ledger.trust.settings import change_setting, in_force, known_settings, setting_history
from ledger.trust.sheet import CellProblem, Form, read_sheet
from ledger.trust.workbooks import marked_xlsx, template_xlsx
from ledger.work import prepare

DAY = click.DateTime(["%Y-%m-%d"])
_OUT = click.Path(dir_okay=False, path_type=Path)
_FORMS = {"units": REGISTER_FORM, "opening": OPENING_FORM}


@click.group("setup", cls=ChineseGroup, help="开账准备：房屋和业主、期初余额、还缺什么。")
def setup() -> None:
    """The group."""


@setup.command("check", cls=ChineseCommand, help="列出开账前要准备的事，哪些已好、哪些还缺。")
@with_trust
@with_json
def check(slug: str | None, as_json: bool) -> None:
    """The checklist."""
    desk = open_desk(slug)
    with reading(desk.engine) as conn:
        items = readiness(conn, desk.trust_id, desk.act().today)
    words = {"done": "已好", "missing": "还缺", "later": "可以晚些"}
    rows = [{"name": i.name, "state": i.state, "finding": i.finding} for i in items]
    answer(as_json, {"items": rows}, *(f"{words[i.state]}\t{i.title}：{i.finding}" for i in items))


@setup.command("template", cls=ChineseCommand, help="写出空白表格：units 房屋与业主，opening 期初余额。")
@click.argument("kind", type=click.Choice(list(_FORMS)), metavar="种类")
@click.argument("out", type=_OUT, metavar="文件.xlsx")
@with_json
def template(kind: str, out: Path, as_json: bool) -> None:
    """An empty sheet."""
    _write_new(out, template_xlsx(_FORMS[kind]))
    answer(as_json, {"file": str(out)}, f"已写出 {out}")


@setup.command("units", cls=ChineseCommand, help="从表格登记房屋、业主和租户：全部登记，或一行也不登记。")
@click.argument("file", type=FILE, metavar="文件.xlsx")
@click.option("--dry-run", is_flag=True, help="只检查，不写入")
@click.option("--marked", type=_OUT, metavar="文件.xlsx", help="有错时写出标好问题的表格")
@click.option("--as", "account", metavar="账号", help="以谁的名义办理；只检查时不用写")
@with_trust
@with_json
def units(
    file: Path, dry_run: bool, marked: Path | None, account: str | None, slug: str | None, as_json: bool
) -> None:
    """Import units and owners."""
    desk = open_desk(slug)
    rows = read_sheet(file.read_bytes(), file.name, REGISTER_FORM)
    with reading(desk.engine) as conn:
        plan = plan_register(conn, desk.trust_id, rows, desk.act().today)
    if plan.problems:
        if marked is not None:
            _write_new(marked, marked_xlsx(REGISTER_FORM, rows, plan.problems))
        raise _cells(REGISTER_FORM, plan.problems)
    if not dry_run:
        if account is None:
            raise refuse("no_account", "请用 --as 写明以谁的名义办理；只想检查请加 --dry-run")
        actor = sign_in(desk, account)
        with acting_as(desk, actor, "unit.record", file.name[:60]) as office:
            plan = plan_register(office.conn, desk.trust_id, rows, office.act.today)
            apply_register(office.conn, desk.trust_id, plan, signature=actor.signature, act=office.act)
    answer(as_json, {"dry_run": dry_run, **_counts(plan)}, *_said(plan, dry_run))


def _counts(plan: RegisterPlan) -> dict[str, Any]:
    return {
        "units": len(plan.units),
        "area": plain_yuan(plan.area),
        "people": len(plan.people),
        "titles": len(plan.titles),
        "tenancies": len(plan.tenancies),
        "unchanged": plan.unchanged,
        "remarks": plan.remarks,
    }


def _said(plan: RegisterPlan, dry_run: bool) -> list[str]:
    begun = "检查通过，将登记" if dry_run else "已登记"
    return [
        f"{begun} {len(plan.units)} 套房屋（{format_yuan(plan.area)} 平方米）、{len(plan.people)} 位业主和租户；"
        f"{plan.unchanged} 套以前登记过、没有变。",
        *plan.remarks,
    ]


def _cells(form: Form, problems: list[CellProblem]) -> Refused:
    titles = {column.name: column.title for column in form.columns}
    return Refused(
        Problem("bad_cell", p.message, f"第 {p.row} 行 {titles.get(p.column, '')}".strip()) for p in problems
    )


def _write_new(path: Path, body: bytes) -> None:
    with path.open("xb") as file:
        file.write(body)


@setup.command("opening", cls=ChineseCommand, help="从表格制成期初建账的单据，交给审核。")
@click.argument("file", type=FILE, metavar="文件.xlsx")
@click.option("--authority", required=True, metavar="清册", help="移交清册的编号或名称")
@with_account
@with_trust
@with_json
def opening(file: Path, authority: str, account: str, slug: str | None, as_json: bool) -> None:
    """Opening balances as work."""
    desk = open_desk(slug)
    actor, body = sign_in(desk, account), file.read_bytes()
    rows = read_sheet(body, file.name, OPENING_FORM)
    with acting_as(desk, actor, "setup.prepare", file.name[:60]) as office:
        known = load_setup(office.conn, desk.trust_id)
        plan = plan_opening(office.conn, known, rows)
        if plan.problems:
            raise _cells(OPENING_FORM, plan.problems)
        work = opening_work(office.conn, known, plan, sheet=body, authority=authority)
        prepared = prepare(office.conn, desk.trust_id, work, actor, office.act)
    answer(as_json, {"work": prepared.no}, f"已制成第 {prepared.no} 号单据，等待审核。")


@setup.command("owners", cls=ChineseCommand, help="一套房的业主和产权经过。")
@click.argument("unit", metavar="房号")
@click.option("--on", type=DAY, metavar="日期", help="哪一天的业主（默认今天）")
@with_trust
@with_json
def owners(unit: str, on: datetime | None, slug: str | None, as_json: bool) -> None:
    """Who owns a unit."""
    desk = open_desk(slug)
    day = on.date() if on else desk.act().today
    with reading(desk.engine) as conn:
        now = owners_on(conn, desk.trust_id, unit, day)
        history = title_history(conn, desk.trust_id, unit)
    rows = [{"owner": s.owner, "name": s.name, "share": str(s.share)} for s in now]
    answer(
        as_json,
        {"unit": unit, "on": day.isoformat(), "owners": rows, "titles": len(history)},
        *(f"{s.owner}\t{s.name}\t{_share(s.share)}" for s in now),
        f"产权登记过 {len(history)} 次。",
    )


def _share(share: Fraction) -> str:
    return "全部" if share == 1 else str(share)


@click.group("settings", cls=ChineseGroup, help="小区规则：限额、酬金条款等，按生效日分版本。")
def settings() -> None:
    """The group."""


@settings.command("list", cls=ChineseCommand, help="列出各项规则现在的值和历史。")
@with_trust
@with_json
def list_(slug: str | None, as_json: bool) -> None:
    """All known settings."""
    desk = open_desk(slug)
    today = desk.act().today
    with reading(desk.engine) as conn:
        history = setting_history(conn, desk.trust_id)
    rows, lines = [], []
    for name, kind in known_settings().items():
        now = in_force(history.get(name, []), today)
        versions = [
            {"from": v.effective_on.isoformat(), "value": v.value, "authority": v.authority}
            for v in history.get(name, [])
        ]
        rows.append(
            {"name": name, "title": kind.title, "value": now.value if now else None, "versions": versions}
        )
        since = f"（{now.effective_on} 起，{now.authority}）" if now else ""
        lines.append(f"{name}\t{kind.title}：{kind.shown(now.value if now else None)}{since}")
    answer(as_json, {"settings": rows}, *lines)


@settings.command("set", cls=ChineseCommand, help="登记一项规则从某天起的值。金额写元，如 30000。")
@click.argument("name", metavar="规则")
@click.argument("value", required=False, default="", metavar="[值]")
@click.option("--from", "since", type=DAY, required=True, metavar="日期", help="生效日")
@click.option("--authority", required=True, metavar="依据", help="信托文件条款或决议号")
@click.option("--kind", default="", metavar="方式", help="酬金条款：fixed 每月固定，percent 每月按比例")
@click.option("--amount", default="", metavar="元", help="酬金条款：每月多少元")
@click.option("--rate", default="", metavar="比例", help="酬金条款：比例，如 8%")
@click.option("--of", default="", metavar="基数", help="酬金条款：receipts 实收，income 应收确认的收入")
@click.option("--words", default="", metavar="原文", help="酬金条款：条款原文")
@with_account
@with_trust
@with_json
def set_(
    name: str,
    value: str,
    since: datetime,
    authority: str,
    account: str,
    slug: str | None,
    as_json: bool,
    **clause: str,
) -> None:
    """Record a value."""
    desk = open_desk(slug)
    actor = sign_in(desk, account)
    day: date = since.date()
    with acting_as(desk, actor, "deed.record", name) as office:
        kept = change_setting(
            office.conn,
            desk.trust_id,
            name,
            {"value": value, **clause},
            effective_on=day,
            authority=authority,
            actor=office.actor,
            act=office.act,
        )
    kind = known_settings()[name]
    answer(
        as_json,
        {"name": name, "value": kept, "from": day.isoformat()},
        f"{kind.title}：{day} 起 {kind.shown(kept)}",
    )


@click.group("deed", cls=ChineseGroup, help="信托文件：查看各版，登记新版。")
def deed() -> None:
    """The group."""


@deed.command("show", cls=ChineseCommand, help="列出信托文件的各版，最新的在前。")
@with_trust
@with_json
def show(slug: str | None, as_json: bool) -> None:
    """All versions."""
    desk = open_desk(slug)
    with reading(desk.engine) as conn:
        versions = deed_versions(conn, desk.trust_id)
    rows = [
        {
            "version": v.version,
            "effective_on": v.deed.effective_on.isoformat(),
            "authority": v.deed.authority,
            **{name: getattr(v.deed, name) for name in ELEMENTS},
        }
        for v in versions
    ]
    lines = []
    for v in versions:
        lines.append(f"第 {v.version} 版，{v.deed.effective_on} 起，依据 {v.deed.authority}")
        lines += [f"  {title}：{getattr(v.deed, name)}" for name, title in ELEMENTS.items()]
    answer(as_json, {"versions": rows}, *lines)


@deed.command(
    "record",
    cls=ChineseCommand,
    help="从 TOML 文件登记新的一版：purpose、parties、beneficiaries、property_scope、benefit_form、authority、effective_on。",
)
@click.argument("file", type=FILE, metavar="文件.toml")
@with_account
@with_trust
@with_json
def record(file: Path, account: str, slug: str | None, as_json: bool) -> None:
    """The next version."""
    desk = open_desk(slug)
    try:
        typed = Deed(**tomllib.loads(file.read_text(encoding="utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, TypeError) as error:
        raise refuse("bad_toml", f"读不懂 {file.name}：{error}", file.name) from error
    actor = sign_in(desk, account)
    with acting_as(desk, actor, "deed.record", typed.authority[:60]) as office:
        version = record_deed(office.conn, desk.trust_id, typed, office.act)
    answer(as_json, {"version": version}, f"信托文件第 {version} 版已登记。")


COMMANDS = (setup, settings, deed)
