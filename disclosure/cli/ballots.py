"""The second half of ``resolutions``: letters, paper ballots, the count, publication."""

from __future__ import annotations

import csv
import io
from datetime import datetime
from pathlib import Path

import click

from disclosure.cli.acting import acting_as, sign_in, with_account
from disclosure.cli.chinese import ChineseCommand
from disclosure.cli.common import FILE, answer, open_desk, with_json, with_trust
from disclosure.cli.scans import write_private
from ledger.errors import refuse
from ledger.resolutions.closing import close_vote, publish_result, record_filing
from ledger.resolutions.codes import issue_codes
from ledger.resolutions.grid import parse_ballot_sheet, parse_grid
from ledger.resolutions.read import read_resolution
from ledger.resolutions.roll import units_of, voters_of_units
from ledger.resolutions.slips import enter_slips, pending_slips
from ledger.resolutions.words import result_sentence

_DAY = click.DateTime(["%Y-%m-%d"])
_NUMBER = click.argument("number", metavar="编号")
_OUT = click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True, metavar="文件", help="写到哪个文件，只有本人可读")  # fmt: skip
_PENDING = {"once": "只录了一遍", "differ": "两遍不一致", "late": "录入时本人已在网上改投，不计"}


@click.command(
    "letters", cls=ChineseCommand, help="生成表决码，写成 CSV 供打印通知书。表决码只在这个文件里出现一次。"
)
@_NUMBER
@click.option(
    "--unit", "units", multiple=True, metavar="房号", help="只给这些房屋（补发）；不写则全部，旧码作废"
)
@_OUT
@with_account
@with_trust
@with_json
def letters(
    number: str, units: tuple[str, ...], out: Path, account: str, slug: str | None, as_json: bool
) -> None:
    """Codes for the notice letters."""
    desk = open_desk(slug)
    actor = sign_in(desk, account)
    with acting_as(desk, actor, "resolution.letters", number) as at:
        voters = None
        if units:
            known = voters_of_units(at.conn, at.trust_id, number, units)
            if missing := [unit for unit in units if unit not in known]:
                raise refuse("unknown_unit", f"名册上没有房号：{'、'.join(missing)}", "房号")
            voters = set(known.values())
        made = issue_codes(at.conn, at.trust_id, number, actor, at.act, voters=voters)
        text = io.StringIO()
        rows = csv.writer(text)
        rows.writerow(["表决人序号", "业主", "房号", "面积（平方米）", "表决码"])
        for one in made:
            area = f"{one.area // 100}.{one.area % 100:02d}"
            rows.writerow([one.voter, "、".join(one.names), " ".join(one.units), area, one.code])
        write_private(out, text.getvalue().encode("utf-8-sig"))
    answer(
        as_json,
        {"letters": len(made), "file": str(out)},
        f"{len(made)} 封通知书的表决码写在 {out}，打印后请删除。",
    )


@click.command(
    "enter", cls=ChineseCommand, help="录入纸质选票：XLSX、CSV 模板，或文本（一行一张：房号 A/B/C/D）。"
)
@_NUMBER
@click.argument("file", type=FILE, metavar="文件")
@click.option("--received", type=_DAY, metavar="日期", help="收到选票的日子（默认今天）")
@with_account
@with_trust
@with_json
def enter(
    number: str, file: Path, received: datetime | None, account: str, slug: str | None, as_json: bool
) -> None:
    """Type ballots; they count once another person typed the same."""
    desk = open_desk(slug)
    actor = sign_in(desk, account)
    with acting_as(desk, actor, "resolution.enter", number) as at:
        items = read_resolution(at.conn, at.trust_id, number).state.draft.items
        day = received.date() if received else at.act.today
        data = file.read_bytes()
        if file.suffix.lower() in (".xlsx", ".xls", ".csv"):
            slips = parse_ballot_sheet(data, file.name, items, day)
        else:
            slips = parse_grid(data.decode("utf-8-sig"), items, day)
        done = enter_slips(at.conn, at.trust_id, number, slips, actor, at.act)
    desk.sign()
    kinds = [one.kind for one in done.pending]
    tally = {kind: kinds.count(kind) for kind in _PENDING if kind in kinds}
    left = "；".join(f"{count} 张{_PENDING[kind]}" for kind, count in tally.items())
    answer(
        as_json,
        {"typed": done.typed, "counted": done.counted, "pending": tally},
        f"录入 {done.typed} 张，其中 {done.counted} 张与另一人录的一致，已计入。{left + '。' if left else ''}",
    )


@click.command("pending", cls=ChineseCommand, help="列出还没有计入的纸质选票：只录了一遍的，两遍不一致的。")
@_NUMBER
@with_account
@with_trust
@with_json
def pending(number: str, account: str, slug: str | None, as_json: bool) -> None:
    """What two people have to settle."""
    desk = open_desk(slug)
    actor = sign_in(desk, account)
    with acting_as(desk, actor, "resolution.enter", number) as at:
        waiting = pending_slips(at.conn, at.trust_id, number)
        units = units_of(at.conn, at.trust_id, number, [one.voter for one in waiting])
    rows = [
        {
            "units": list(units.get(one.voter, ())),
            "kind": one.kind,
            "typed": [{"by": slip.signature, "choices": list(slip.choices)} for slip in one.slips],
        }
        for one in waiting
    ]
    sentences = [
        f"{'、'.join(units.get(one.voter, ()))}：{_PENDING[one.kind]}（{'；'.join(slip.signature for slip in one.slips)}）"
        for one in waiting
    ]
    answer(as_json, {"pending": rows}, *(sentences or ["没有未计入的纸质选票。"]))


@click.command("close", cls=ChineseCommand, help="截止日过后计票。只有业委会主任能办。")
@_NUMBER
@click.option("--set-aside", default="", metavar="理由", help="还有纸质选票无法认定时，写明不计入的理由")
@with_account
@with_trust
@with_json
def close(number: str, set_aside: str, account: str, slug: str | None, as_json: bool) -> None:
    """End the vote and count."""
    desk = open_desk(slug)
    actor = sign_in(desk, account)
    with acting_as(desk, actor, "resolution.close", number) as at:
        result = close_vote(at.conn, at.trust_id, number, actor, at.act, set_aside=set_aside)
    answer(
        as_json,
        {"number": number, "result": result.to_value()},
        *(f"{item.title}：{result_sentence(item)}" for item in result.items),
        "已截止、计票。公布请用 resolutions publish。",
    )


@click.command("publish", cls=ChineseCommand, help="公布表决结果，写入公开日志。只有业委会主任能办。")
@_NUMBER
@with_account
@with_trust
@with_json
def publish(number: str, account: str, slug: str | None, as_json: bool) -> None:
    """Publish the count."""
    desk = open_desk(slug)
    actor = sign_in(desk, account)
    with acting_as(desk, actor, "resolution.publish", number) as at:
        place = publish_result(at.conn, at.trust_id, number, actor, at.act)
    desk.sign()
    answer(as_json, {"number": number, "seq": place}, f"{number} 的结果已公布，是公开日志第 {place + 1} 条。")


@click.command("file", cls=ChineseCommand, help="登记备案：机关和回执号。")
@_NUMBER
@click.option("--on", type=_DAY, metavar="日期", help="备案日期（默认今天）")
@click.option("--authority", required=True, metavar="机关", help="向哪里备案")
@click.option("--receipt", required=True, metavar="号码", help="备案回执号")
@with_account
@with_trust
@with_json
def file_(
    number: str,
    on: datetime | None,
    authority: str,
    receipt: str,
    account: str,
    slug: str | None,
    as_json: bool,
) -> None:
    """Note the filing."""
    desk = open_desk(slug)
    actor = sign_in(desk, account)
    with acting_as(desk, actor, "resolution.file", number) as at:
        day = on.date() if on else at.act.today
        record_filing(at.conn, at.trust_id, number, day, authority, receipt, "", actor, at.act)
    answer(as_json, {"number": number}, f"{number} 的备案已登记。")


COMMANDS = (letters, enter, pending, close, publish, file_)
