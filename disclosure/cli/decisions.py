"""``resolutions record``: decisions the assembly took on paper, outside this system."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from disclosure.cli.acting import acting_as, sign_in, with_account
from disclosure.cli.chinese import ChineseCommand
from disclosure.cli.common import FILE, answer, open_desk, with_json, with_trust
from disclosure.cli.scans import keep_paper, read_toml
from ledger.errors import refuse
from ledger.resolutions.decided import Figures, RecordedDecision, record_decision
from ledger.resolutions.matters import Amount, matters
from ledger.trust.sheet import parse_area


@click.command(
    "record", cls=ChineseCommand, help="登记以前纸质表决的决定（TOML 文件和扫描件）。只有业委会主任能办。"
)
@click.argument("file", type=FILE, metavar="文件.toml")
@click.option(
    "--scan", "scans", type=FILE, multiple=True, required=True, metavar="文件", help="决定的扫描件，可给几份"
)
@with_account
@with_trust
@with_json
def record(file: Path, scans: tuple[Path, ...], account: str, slug: str | None, as_json: bool) -> None:
    """Record a decision taken on paper."""
    desk = open_desk(slug)
    typed = read_toml(file)
    actor = sign_in(desk, account)
    with acting_as(desk, actor, "resolution.record", str(typed.get("number", ""))[:60]) as at:
        papers = tuple(keep_paper(desk, at, scan, "业主大会决定") for scan in scans)
        recorded = _recorded(typed, papers, file.name)
        place = record_decision(at.conn, at.trust_id, recorded, actor, at.act)
    desk.sign()
    answer(as_json, {"number": recorded.number, "seq": place}, f"已登记“{recorded.number}”，并写入公开日志。")


def _recorded(typed: dict[str, Any], papers: tuple[str, ...], name: str) -> RecordedDecision:
    """Areas in the file are square metres in quotes, such as "83404.00"."""
    known = "、".join(f"{key} {matter.title}" for key, matter in matters().items())
    try:
        figures = typed.pop("figures", None)
        counted = (
            Figures(
                *(
                    Amount(parse_area(figures[k]["area"]), figures[k]["people"])
                    for k in ("total", "took_part", "agreed")
                )
            )
            if figures
            else None
        )
        return RecordedDecision(
            **{"effective_on": typed.get("decided_on"), **typed}, documents=papers, figures=counted
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise refuse("bad_toml", f"{name} 的内容不对：{error}。matter 可以是：{known}", name) from error


COMMANDS = (record,)
