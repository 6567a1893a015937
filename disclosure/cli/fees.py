"""``fee-change``: a fee standard changes by cost, consultation, decision and notice, from the shell."""

from __future__ import annotations

from datetime import date, datetime

import click

from disclosure.cli.acting import acting_as, sign_in, with_account
from disclosure.cli.chinese import ChineseCommand, ChineseGroup
from disclosure.cli.common import answer, open_desk, with_json, with_trust
from disclosure.public.fee_view import proposal_views
from ledger.billing import Standard
from ledger.billing.items import load_items
from ledger.billing.standard import METHODS, SCOPES, parse_rate
from ledger.consultation.answers import Tally, count_paper
from ledger.consultation.course import (
    carry_out,
    give_notice,
    open_consultation,
    rest_on_decision,
    withdraw,
)
from ledger.consultation.proposals import PENDING, list_proposals, propose_fee
from ledger.money import format_yuan
from ledger.store.engine import reading
from ledger.trust import load_setup

_DAY = click.DateTime(["%Y-%m-%d"])


@click.group("fee-change", cls=ChineseGroup, help="调整收费标准：成本测算、征询、决定、公示、登记。")
def fee_change() -> None:
    """The group."""


@fee_change.command("list", cls=ChineseCommand, help="列出调价方案：成本、答复户数和进度。")
@with_trust
@with_json
def list_(slug: str | None, as_json: bool) -> None:
    """Print proposals."""
    desk = open_desk(slug)
    with reading(desk.engine) as conn:
        found = list_proposals(conn, desk.trust_id)
        views = proposal_views(conn, desk.trust_id, found, desk.act().today)
    data = [
        {
            "proposal": view.proposal.proposal,
            "item": view.proposal.asked.item,
            "rate_e4": view.proposal.asked.rate_e4,
            "cost_e4": view.proposal.cost.rate_e4,
            "cost_total": view.proposal.cost.total,
            "stage": view.stage,
            "agree": view.counts.total.agree,
            "against": view.counts.total.against,
            "other": view.counts.total.other,
            "homes": view.counts.total.homes,
        }
        for view in views
    ]
    lines = [
        f"第 {view.proposal.proposal} 号 {view.item}（{view.scope}）：现行 {view.present}，方案 {view.proposed}"
        + (f"，成本 {view.cost}" if view.cost else "")
        + f"（支出 {format_yuan(view.proposal.cost.total)} 元）；"
        + f"同意 {view.counts.total.agree}、不同意 {view.counts.total.against}、"
        + f"其他 {view.counts.total.other} 户；{view.stage_name}"
        for view in views
    ]
    answer(as_json, {"proposals": data}, *(lines or ["没有调价方案。"]))


@fee_change.command("propose", cls=ChineseCommand, help="提出方案，系统按账簿算出成本。")
@click.argument("item", type=click.Choice(list(load_items())), metavar="收费项目")
@click.option("--scope", type=click.Choice(list(SCOPES)), default="use", show_default=True, help="适用范围")
@click.option("--target", required=True, metavar="对象", help="用途、栋号，或逗号隔开的房号")
@click.option(
    "--method", type=click.Choice(list(METHODS)), default="area", show_default=True, help="计费方式"
)
@click.option("--rate", default="0", metavar="元", help="单价，最多四位小数")
@click.option("--from", "since", type=_DAY, required=True, metavar="日期", help="计划执行日")
@click.option("--reason", required=True, metavar="理由", help="会公开")
@with_account
@with_trust
@with_json
def propose(
    item: str,
    scope: str,
    target: str,
    method: str,
    rate: str,
    since: datetime,
    reason: str,
    account: str,
    slug: str | None,
    as_json: bool,
) -> None:
    """Make a proposal."""
    desk = open_desk(slug)
    units = tuple(code for code in target.split(",") if code) if scope == "units" else ()
    place = "" if scope == "units" else target
    asked = Standard(item, scope, place, method, parse_rate(rate), since.date(), PENDING, units)
    actor = sign_in(desk, account)
    with acting_as(desk, actor, "fee.propose", "调价方案") as at:
        setup = load_setup(at.conn, at.trust_id)
        number = propose_fee(at.conn, setup, asked, reason, at.actor, at.act)
    answer(as_json, {"proposal": number}, f"第 {number} 号方案已提出，成本测算已公布。")


@fee_change.command("consult", cls=ChineseCommand, help="开始征询各户，或改截止日。")
@click.argument("proposal", type=int, metavar="方案")
@click.option("--until", type=_DAY, required=True, metavar="日期", help="答复截止日")
@with_account
@with_trust
@with_json
def consult(proposal: int, until: datetime, account: str, slug: str | None, as_json: bool) -> None:
    """Ask all homes."""
    desk = open_desk(slug)
    actor = sign_in(desk, account)
    with acting_as(desk, actor, "fee.consult", f"调价方案 {proposal}") as at:
        open_consultation(at.conn, at.trust_id, proposal, until.date(), at.actor, at.act)
    answer(as_json, {"proposal": proposal}, f"各户可以答复到 {until:%Y-%m-%d}。")


@fee_change.command("count", cls=ChineseCommand, help="录入纸质答复的户数；两人录入相同才生效。")
@click.argument("proposal", type=int, metavar="方案")
@click.option("--agree", type=int, required=True, metavar="户数", help="同意")
@click.option("--against", type=int, required=True, metavar="户数", help="不同意")
@click.option("--other", type=int, required=True, metavar="户数", help="其他意见")
@with_account
@with_trust
@with_json
def count(
    proposal: int, agree: int, against: int, other: int, account: str, slug: str | None, as_json: bool
) -> None:
    """One person's count."""
    desk = open_desk(slug)
    actor = sign_in(desk, account)
    with acting_as(desk, actor, "fee.count", f"调价方案 {proposal}") as at:
        tally = Tally(agree, against, other)
        same = count_paper(at.conn, at.trust_id, proposal, tally, "", at.actor, at.act)
    said = "两人录入一致，户数已生效。" if same else "已录入，等另一人录入相同的数。"
    answer(as_json, {"counts": same}, said)


@fee_change.command("decide", cls=ChineseCommand, help="登记所依据的业主共同决定。")
@click.argument("proposal", type=int, metavar="方案")
@click.argument("decision", metavar="决议号")
@with_account
@with_trust
@with_json
def decide(proposal: int, decision: str, account: str, slug: str | None, as_json: bool) -> None:
    """Name the decision."""
    desk = open_desk(slug)
    actor = sign_in(desk, account)
    with acting_as(desk, actor, "fee.consult", f"调价方案 {proposal}") as at:
        rest_on_decision(at.conn, at.trust_id, proposal, decision, at.actor, at.act)
    answer(as_json, {"decision": decision}, f"依据：第 {decision} 号决定。下一步贴出公示。")


@fee_change.command("notice", cls=ChineseCommand, help="登记公示和执行日；公示期不够会说明最早哪天。")
@click.argument("proposal", type=int, metavar="方案")
@click.option("--on", type=_DAY, required=True, metavar="日期", help="贴出公示的日期")
@click.option("--from", "since", type=_DAY, required=True, metavar="日期", help="执行日")
@with_account
@with_trust
@with_json
def notice(
    proposal: int, on: datetime, since: datetime, account: str, slug: str | None, as_json: bool
) -> None:
    """Record the public notice."""
    desk = open_desk(slug)
    effective: date = since.date()
    actor = sign_in(desk, account)
    with acting_as(desk, actor, "fee.notice", f"调价方案 {proposal}") as at:
        give_notice(
            at.conn,
            load_setup(at.conn, at.trust_id),
            proposal,
            put_up_on=on.date(),
            effective_on=effective,
            actor=at.actor,
            act=at.act,
        )
    answer(as_json, {"effective_on": effective.isoformat()}, f"公示已登记，{effective} 起执行。")


@fee_change.command("record", cls=ChineseCommand, help="按公示登记新的收费标准。")
@click.argument("proposal", type=int, metavar="方案")
@with_account
@with_trust
@with_json
def record(proposal: int, account: str, slug: str | None, as_json: bool) -> None:
    """Record the new standard."""
    desk = open_desk(slug)
    actor = sign_in(desk, account)
    with acting_as(desk, actor, "charge.standard", f"调价方案 {proposal}") as at:
        number = carry_out(at.conn, at.trust_id, proposal, at.actor, at.act)
    answer(as_json, {"number": number}, f"新的收费标准已登记（第 {number} 号）。")


@fee_change.command("withdraw", cls=ChineseCommand, help="撤回方案。")
@click.argument("proposal", type=int, metavar="方案")
@click.option("--note", required=True, metavar="原因", help="会公开")
@with_account
@with_trust
@with_json
def withdraw_(proposal: int, note: str, account: str, slug: str | None, as_json: bool) -> None:
    """Give a proposal up."""
    desk = open_desk(slug)
    actor = sign_in(desk, account)
    with acting_as(desk, actor, "fee.propose", f"调价方案 {proposal}") as at:
        withdraw(at.conn, at.trust_id, proposal, note, at.actor, at.act)
    answer(as_json, {"proposal": proposal}, "方案已撤回。")


COMMANDS = (fee_change,)
