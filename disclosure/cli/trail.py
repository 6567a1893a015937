"""``audit``: the trail of what was done, from the shell."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import click

from disclosure.cli.chinese import ChineseCommand
from disclosure.cli.common import answer, open_desk, with_json, with_trust
from disclosure.cli.people import installation_desk, person_of
from disclosure.identity.words import moment_text
from ledger.people.audit import OUTCOME_NAMES, AuditEvent, AuditFilter, read_audit
from ledger.people.roles import actions
from ledger.store.engine import reading


@click.command("audit", cls=ChineseCommand, help="查看操作留痕，新的在前。")
@click.option("--account", default="", metavar="账号", help="只看这个账号")
@click.option("--action", type=click.Choice(list(actions())), metavar="操作", help="只看这种操作")
@click.option(
    "--outcome", type=click.Choice(list(OUTCOME_NAMES)), metavar="结果", help="done、refused 或 forbidden"
)
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), metavar="日期", help="从哪天起")
@click.option("--before", default="", metavar="编号", help="接着上一页：上一页最后一条的编号")
@click.option("--installation", is_flag=True, help="看登录、改密码等与小区无关的记录")
@click.option("--limit", default=50, show_default=True, help="最多几条")
@with_trust
@with_json
def audit_(
    account: str,
    action: str | None,
    outcome: str | None,
    since: datetime | None,
    before: str,
    installation: bool,
    limit: int,
    slug: str | None,
    as_json: bool,
) -> None:
    """The trail."""
    desk = installation_desk() if installation else open_desk(slug)
    first: date | None = since.date() if since else None
    with reading(desk.engine) as conn:
        person = person_of(conn, account).person if account else ""
        asked = AuditFilter(person, action or "", outcome or "", first)
        events = read_audit(conn, desk.trust_id, asked, before=before, limit=limit)
    answer(as_json, {"events": [_row(item) for item in events]}, *map(_line, events))


def _row(item: AuditEvent) -> dict[str, Any]:
    return {
        "event": item.event,
        "at": item.at.isoformat(),
        "who": item.signature,
        "roles": item.roles,
        "action": item.action,
        "subject": item.subject,
        "origin": item.origin,
        "outcome": item.outcome,
        "detail": item.detail,
    }


def _line(item: AuditEvent) -> str:
    return f"{moment_text(item.at)}　{item.signature}　{item.title}　{item.subject}　{item.outcome_name}　{item.origin}"


COMMANDS = (audit_,)
