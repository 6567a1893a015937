"""The desk of each role: what waits for me, and the money by fund today."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from litestar import get
from litestar.params import FromPath

from disclosure.office.acting import Office, reading_office
from disclosure.public.answers import Answer, Req
from ledger.balances import fund_totals, resolve_clock
from ledger.chart import FUNDS
from ledger.money import format_yuan
from ledger.revenue import due_list
from ledger.revenue.moves import unfinished_transfers
from ledger.work import CO_SIGN, PAY, REVIEW, SENT_BACK, WorkItem, count_waiting, list_work

_STEPS = ((REVIEW, "待我审核"), (CO_SIGN, "待我会签"), (PAY, "待我付款"))
_SHOWN = 8
_FRESH = timedelta(days=14)
"""Work sent back is prepared anew under another number; after that long it is old news."""


@dataclass(frozen=True, slots=True)
class Task:
    """Something that waits: how many, where to do it."""

    title: str
    count: int
    path: str
    hint: str = ""


def waiting_work(office: Office) -> Iterator[Task]:
    """Work that waits for a step this person may take."""
    counts = count_waiting(office.conn, office.trust_id)
    for step, title in _STEPS:
        if office.actor.may(f"work.{step}"):
            yield Task(title, counts.get(step, 0), f"/work-items?state={step}", "张单据")


def sent_back(office: Office) -> Iterator[Task]:
    """The preparer's own work that came back."""
    if not office.actor.may("work.prepare"):
        return
    since = office.act.now - _FRESH
    mine = [item for item in _mine(office) if item.waiting_for == SENT_BACK and item.prepared_at >= since]
    if mine:
        yield Task("退回给我的", len(mine), f"/work-items?state={SENT_BACK}", "张，改好后请重新制单")


def shared_revenue(office: Office) -> Iterator[Task]:
    """Contracts that did not pay in time, and money on its way to the maintenance fund."""
    if not office.actor.may("revenue.prepare"):
        return
    today = office.act.today
    late = sum(line.overdue_days(today) > 0 for line in due_list(office.conn, office.trust_id, today))
    if late:
        yield Task("公共收益逾期未收", late, "/revenue/due", "笔，请催收或登记到账")
    moves = len(unfinished_transfers(office.conn, office.trust_id))
    if moves:
        yield Task("划转未办完", moves, "/revenue/transfers", "笔公共收益转维修资金")


TASKS: list[Callable[[Office], Iterator[Task]]] = [waiting_work, sent_back, shared_revenue]
"""What the desk counts; areas add their own."""


def _mine(office: Office) -> list[WorkItem]:
    return list_work(office.conn, office.trust_id, person=office.actor.person, limit=_SHOWN)


@get("/c/{slug:str}/office", sync_to_thread=True, action="office.home")
def home(request: Req, slug: FromPath[str]) -> Answer:
    """The desk."""
    with reading_office(request, slug) as office:
        tasks = [task for source in TASKS for task in source(office)]
        mine_to_do = [step for step, _ in _STEPS if office.actor.may(f"work.{step}")]
        waiting = (
            list_work(office.conn, office.trust_id, waiting_for=mine_to_do, limit=_SHOWN)
            if mine_to_do
            else []
        )
        return office.page(
            "office/home.html", tasks=tasks, waiting=waiting, mine=_mine(office), funds=_funds(office)
        )


def _funds(office: Office) -> list[tuple[str, str]]:
    """Money of each fund today, bank and channels together; book M beside it."""
    clock = resolve_clock(office.conn, office.trust_id, today=office.act.today)
    cash = fund_totals(office.conn, office.trust_id, "A", clock, ("1002", "1012"))
    rows = [
        (FUNDS[fund].name, format_yuan(cash[fund].balance if fund in cash else 0))
        for fund in ("F1", "F2", "F3", "F4", "F5")
    ]
    held = fund_totals(office.conn, office.trust_id, "M", clock, ("1001",))
    rows.append((FUNDS["M"].name, format_yuan(sum(totals.balance for totals in held.values()))))
    return rows


HANDLERS = [home]
