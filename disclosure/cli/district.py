"""``district``: the overview of all communities of this installation."""

from __future__ import annotations

import click
from sqlalchemy import select

from disclosure.cli.chinese import ChineseCommand, ChineseGroup
from disclosure.cli.common import answer, progress_line, with_json
from disclosure.cli.people import installation_desk
from disclosure.district.columns import words
from disclosure.district.refresh import refresh
from ledger.district import Asked, overview_rows
from ledger.store.engine import reading
from ledger.store.tables import trust


@click.group(cls=ChineseGroup, help="片区总览：各小区的汇总。网站运行时会自动更新。")
def district() -> None:
    """The overview."""


@district.command("refresh", cls=ChineseCommand, help="马上重新汇总所有小区。")
@with_json
def refresh_all(as_json: bool) -> None:
    """Make all summaries again."""
    desk = installation_desk()
    with reading(desk.engine) as conn:
        trust_ids = list(conn.execute(select(trust.c.trust_id).order_by(trust.c.trust_id)).scalars())
    show = progress_line("汇总小区")
    for done, trust_id in enumerate(trust_ids, start=1):
        refresh(desk.engine, [trust_id], desk.act())
        if not as_json:
            show(done, len(trust_ids))
    answer(as_json, {"communities": len(trust_ids)}, f"已重新汇总 {len(trust_ids)} 个小区")


@district.command("list", cls=ChineseCommand, help="列出各小区和异常，异常多的在前。")
@with_json
def list_all(as_json: bool) -> None:
    """List all summaries; whoever has the shell sees every community."""
    desk = installation_desk()
    with reading(desk.engine) as conn:
        trust_ids = list(conn.execute(select(trust.c.trust_id)).scalars())
        rows = list(overview_rows(conn, trust_ids, Asked()))
    data = [
        {"trust": one.slug, "name": one.name, "as_of": one.refreshed_at.isoformat(), "findings": words(one)}
        for one in rows
    ]
    answer(as_json, {"communities": data}, *(f"{one.name}：{words(one) or '没有异常'}" for one in rows))


COMMANDS = (district,)
