"""A resident's say on a budget that is on public notice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from litestar import get, post
from litestar.params import FromPath

from disclosure.office.forms import Form, FormData
from disclosure.public.answers import Answer, Req
from disclosure.public.words import day_text, moment_text
from disclosure.resident.acting import Resident, acting, reading_resident
from disclosure.resident.home import CARDS, Card
from ledger.budget.codes import parse_budget_name
from ledger.budget.comments import MOST_COMMENTS, comment
from ledger.budget.drafting import LONGEST_TEXT
from ledger.budget.read import list_versions, read_comments, read_lines
from ledger.budget.value import NOTICED, Version, totals
from ledger.chart import FUNDS
from ledger.errors import Problem, Refused, Unanswerable

PATH = "/c/{slug:str}/mine/budgets/{name:str}"


def _on_notice(mine: Resident, name: str) -> Version:
    """The version of a budget that is on notice. Raises :class:`~ledger.errors.Unanswerable`."""
    budget = parse_budget_name(name)
    if budget is not None:
        for version in list_versions(mine.conn, mine.trust_id, year=budget[0], fund=budget[1]):
            if version.state == NOTICED:
                return version
    raise Unanswerable("not_on_notice", "这份预算现在不在公示中，不能提意见")


@get(PATH, sync_to_thread=True, action="budget.comment")
def say(request: Req, slug: FromPath[str], name: FromPath[str]) -> Answer:
    """The form, and what this resident said already."""
    with reading_resident(request, slug) as mine:
        return _page(mine, name, {"line": request.query_params.get("line", "")}, ())


def _page(
    mine: Resident, name: str, values: dict[str, Any], problems: Sequence[Problem], status: int = 200
) -> Answer:
    version = _on_notice(mine, name)
    lines = read_lines(mine.conn, mine.trust_id, version.key, version.fixed)
    income, expense = totals(lines)
    notice = version.notice
    return mine.page(
        "resident/budget.html",
        status,
        version=version,
        fund=FUNDS[version.key.fund].name,
        lines=[(line.code, f"{line.title}（{line.code}）") for line in lines],
        titles={line.code: line.title for line in lines},
        income=income,
        expense=expense,
        over=notice is None or notice.ends_on is None or mine.act.today > notice.ends_on,
        said=read_comments(mine.conn, mine.trust_id, version.key, person=mine.actor.person),
        values=values,
        problems=problems,
        longest=LONGEST_TEXT,
        most=MOST_COMMENTS,
        local_time=moment_text,
    )


@post(PATH, sync_to_thread=True, action="budget.comment")
def send(request: Req, slug: FromPath[str], name: FromPath[str], data: FormData) -> Answer:
    """Keep a comment."""
    try:
        with acting(request, slug, subject=f"预算 {name}"[:60]) as mine:
            form = Form(data)
            line = form.text("line", "预算行", required=False)
            text = form.text("text", "意见", required=False, longest=LONGEST_TEXT)
            form.finish()
            version = _on_notice(mine, name)
            comment(mine.conn, mine.trust_id, version.key, text, line=line, actor=mine.actor, act=mine.act)
            return mine.done(
                f"/c/{slug}/mine/budgets/{name}", "意见已提交，公开页上显示为“一位业主”。答复后这里能看到"
            )
    except Refused as error:
        with reading_resident(request, slug) as mine:
            return _page(mine, name, dict(data), error.problems, status=422)


def open_budgets(mine: Resident) -> Iterator[Card]:
    """On the first page: budgets on which one can comment now."""
    today = mine.act.today
    for version in list_versions(mine.conn, mine.trust_id):
        notice = version.notice
        if version.state != NOTICED or notice is None or notice.ends_on is None or today > notice.ends_on:
            continue
        key = version.key
        yield Card(
            title=f"{key.year} 年{FUNDS[key.fund].name}预算正在公示",
            text=f"到{day_text(notice.ends_on)}为止可以提意见，每一条都会得到公开答复。",
            path=f"/mine/budgets/{key.name}",
            button="看预算、提意见",
        )


CARDS.append(open_budgets)
HANDLERS = [say, send]
