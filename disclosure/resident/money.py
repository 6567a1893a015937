"""我家的账: one's own charges and how each came about, payments, what is open, paid ahead or held; as a page, on
paper and as a file."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from typing import Any

from litestar import Response, get
from litestar.params import FromPath

from disclosure.office.acting import PRIVATE
from disclosure.office.forms import place_number
from disclosure.public.answers import CSV, Answer, Req, download_name
from disclosure.public.words import fund_name
from disclosure.resident.acting import Chosen, Resident, chosen_homes, reading_resident
from disclosure.resident.home import CARDS, Card
from disclosure.statements.csv_file import safe_text
from ledger.balances import resolve_clock
from ledger.homes import Account, account_of, homes_of
from ledger.homes.account import Line
from ledger.homes.spaces import spaces_of
from ledger.maintenance import subaccount_balances
from ledger.money import format_yuan, plain_yuan
from ledger.periods.calendar import period_name

KINDS = {"charge": "应交", "payment": "已交", "other": "其他"}
PLAIN = {
    "E04b": "用预交的钱抵扣",
    "E05": "减免",
    "E05b": "减免",
    "E06": "退回预交的钱",
    "E08b": "退还押金",
    "E08c": "押金抵赔偿",
    "E09b": "代您付给供水、供电公司",
    "E26a": "红字冲销",
}
"""What an event is to whom it concerns; others keep their own name."""
_HEAD = (
    "房屋",
    "日期",
    "所属月份",
    "类别",
    "项目",
    "怎样算的",
    "金额（元）",
    "资金",
    "摘要",
    "凭证号",
    "收据号",
)
_ALL_YEARS = -1


@get("/c/{slug:str}/mine/money", sync_to_thread=True, action="resident.money")
def money(request: Req, slug: FromPath[str]) -> Answer:
    """A year of one's homes."""
    with reading_resident(request, slug) as mine:
        return mine.page("resident/money.html", **_values(mine, request))


@get("/c/{slug:str}/mine/money/print", sync_to_thread=True, action="resident.money")
def on_paper(request: Req, slug: FromPath[str]) -> Answer:
    """The same to print."""
    with reading_resident(request, slug) as mine:
        return mine.page("resident/money_print.html", **_values(mine, request))


@get("/c/{slug:str}/mine/money.csv", sync_to_thread=True, action="resident.money")
def as_file(request: Req, slug: FromPath[str]) -> Answer:
    """The same for a spreadsheet; ``year=all`` for all years."""
    with reading_resident(request, slug) as mine:
        chosen = chosen_homes(mine, request)
        year = _ALL_YEARS if request.query_params.get("year") == "all" else _year(request)
        account = account_of(mine.conn, mine.trust_id, chosen.homes, year, mine.act.today)
    span = "all" if year == _ALL_YEARS else str(account.year)
    name = download_name(f"my-account-{slug}-{span}.csv")
    return Response(account_csv(account.lines), media_type=CSV, headers={**PRIVATE, **name})


def account_csv(lines: Sequence[Line]) -> bytes:
    """UTF-8 with BOM, plain numbers, nothing a spreadsheet would compute; oldest first."""
    file = io.StringIO(newline="")
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(_HEAD)
    writer.writerows(_row(line) for line in reversed(lines))
    return b"\xef\xbb\xbf" + file.getvalue().encode()


def _row(line: Line) -> tuple[str, ...]:
    return (
        safe_text(line.unit),
        line.on.isoformat(),
        f"{line.month // 100}-{line.month % 100:02d}",
        KINDS[line.kind],
        line.title,
        safe_text(line.basis),
        plain_yuan(line.fen),
        fund_name(line.fund),
        safe_text(line.summary),
        line.ref,
        line.slip,
    )


def _year(request: Req) -> int:
    year = place_number(request.query_params.get("year", "")) or 0
    return year if 1900 <= year <= 2999 else 0


def _values(mine: Resident, request: Req) -> dict[str, Any]:
    chosen = chosen_homes(mine, request)
    today = mine.act.today
    account = account_of(mine.conn, mine.trust_id, chosen.homes, _year(request), today)
    now = [home for home in chosen.homes if not home.given_up(today)]
    units = [home.unit for home in now]
    clock = resolve_clock(mine.conn, mine.trust_id, today=today)
    fund = subaccount_balances(mine.conn, mine.trust_id, clock, units) if units else {}
    return {
        "chosen": chosen,
        "account": account,
        "months": _months(account),
        "spaces": spaces_of(mine.conn, mine.trust_id, units, today) if units else [],
        "maintenance": sum(fund.values()),
        "here": _query(chosen, account),
        "today": today,
        "period_name": period_name,
        "plain": _what,
    }


def _query(chosen: Chosen, account: Account) -> str:
    return f"?year={account.year}" + (f"&home={chosen.place}" if chosen.place else "")


def _months(account: Account) -> list[tuple[str, str, int, list[Line]]]:
    """Charges by month: its name, its name in addresses, the sum, the lines."""
    grouped: dict[int, list[Line]] = {}
    for line in account.charges:
        grouped.setdefault(line.month, []).append(line)
    return [
        (
            period_name(month),
            f"{month // 100}-{month % 100:02d}",
            sum(line.fen for line in lines),
            lines,
        )
        for month, lines in grouped.items()
    ]


def _what(line: Line) -> str:
    return PLAIN.get(line.event, line.what)


def open_amount(mine: Resident) -> Iterator[Card]:
    """On the first page: what is still to be paid."""
    homes = homes_of(mine.conn, mine.trust_id, mine.actor, mine.act.today)
    account = account_of(mine.conn, mine.trust_id, homes, 0, mine.act.today)
    if account.owed > 0:
        first = min(item.month for item in account.open if item.amount > 0)
        yield Card(
            title=f"还有 {format_yuan(account.owed)} 元没有交",
            text=f"最早是{period_name(first)}的。每一笔怎样算的，里面都写着；有疑问可以先核对再交。",
            path="/mine/money",
            button="看明细",
        )


CARDS.append(open_amount)
HANDLERS = [money, on_paper, as_file]
