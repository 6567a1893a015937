"""Paper ballots by keyboard: a room number and a figure each; counted when a second person typed the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from litestar import get, post
from litestar.params import FromPath

from disclosure.office.acting import Office, acting, reading_office
from disclosure.office.document_picker import UPLOAD_LIMIT
from disclosure.office.forms import Form, FormFiles
from disclosure.office.scans import keep_scan
from disclosure.office.sheets import workbook
from disclosure.public.answers import Answer, Req
from disclosure.public.resolutions_view import question_views
from ledger.errors import Problem, Refused
from ledger.people import Forbidden
from ledger.resolutions.choices import choice_words
from ledger.resolutions.grid import ballot_form, parse_ballot_sheet, parse_grid
from ledger.resolutions.read import read_resolution
from ledger.resolutions.read_pending import PendingRow, pending_rows
from ledger.resolutions.slips import Entered, Slip, enter_slips
from ledger.resolutions.value import APPROVE, Item
from ledger.trust.workbooks import template_xlsx

ROWS, MOST_ROWS = 20, 300
_MOST_FIELDS = 950
"""A form of more parts than about a thousand is refused before it gets here."""
_FIGURES = {"1": "A", "2": "B", "3": "C", "4": "D"}
"""The keypad: 1 agree, 2 against, 3 abstain, 4 invalid. Candidates keep their own numbers."""


@get("/c/{slug:str}/office/resolutions/{number:str}/ballots", sync_to_thread=True, action="resolution.enter")
def entry_page(request: Req, slug: FromPath[str], number: FromPath[str]) -> Answer:
    """The grid."""
    with reading_office(request, slug) as office:
        return _page(office, number, {}, ())


@post(
    "/c/{slug:str}/office/resolutions/{number:str}/ballots",
    sync_to_thread=True,
    action="resolution.enter",
    request_max_body_size=UPLOAD_LIMIT,
)
def enter(request: Req, slug: FromPath[str], number: FromPath[str], data: FormFiles) -> Answer:
    """Keep what was typed; count what another person typed alike."""
    try:
        with acting(request, slug, subject=number) as office:
            items = read_resolution(office.conn, office.trust_id, number).state.draft.items
            slips = _slips(office, Form(data), number, items)
            done = enter_slips(office.conn, office.trust_id, number, slips, office.actor, office.act)
            return office.done(f"/c/{slug}/office/resolutions/{number}/ballots", _said(done))
    except Forbidden:
        raise
    except Refused as error:
        with reading_office(request, slug) as office:
            return _page(office, number, dict(data), error.problems, 422)


@get(
    "/c/{slug:str}/office/resolutions/{number:str}/ballots.xlsx",
    sync_to_thread=True,
    action="resolution.enter",
)
def sheet_template(request: Req, slug: FromPath[str], number: FromPath[str]) -> Answer:
    """An empty sheet for those who would rather type into one."""
    with reading_office(request, slug) as office:
        items = read_resolution(office.conn, office.trust_id, number).state.draft.items
        return workbook(template_xlsx(ballot_form(items)), f"纸质选票 {number}.xlsx")


@get(
    "/c/{slug:str}/office/resolutions/{number:str}/differences",
    sync_to_thread=True,
    action="resolution.enter",
)
def differences(request: Req, slug: FromPath[str], number: FromPath[str]) -> Answer:
    """What two people typed differently, and what only one has typed."""
    with reading_office(request, slug) as office:
        file = read_resolution(office.conn, office.trust_id, number)
        rows = pending_rows(office.conn, office.trust_id, number)
        return office.page(
            "office/resolutions_differences.html",
            file=file,
            number=number,
            differing=[_shown(row, file.state.draft.items) for row in rows if row.kind == "differ"],
            late=[_shown(row, file.state.draft.items) for row in rows if row.kind == "late"],
            once=[row for row in rows if row.kind == "once"],
            items=file.state.draft.items,
        )


def _shown(row: PendingRow, items: Sequence[Item]) -> dict[str, Any]:
    """Both entries of a voter, in words, and which items are not alike."""
    choices = [slip.choices for slip in row.slips]
    return {
        "unit": row.unit,
        "units": row.units,
        "entries": [
            (
                slip.signature,
                [choice_words(item, said) for item, said in zip(items, slip.choices, strict=True)],
                bool(slip.proxy_no),
            )
            for slip in row.slips
        ],
        "unlike": [len({said[at] for said in choices}) > 1 for at in range(len(items))],
    }


def _said(done: Entered) -> str:
    kinds = [item.kind for item in done.pending]
    parts = [f"这次录入 {done.typed} 张，其中 {done.counted} 张两人录的一致，已经计入"]
    if kinds.count("once"):
        parts.append(f"{kinds.count('once')} 张等另一个人复录")
    if kinds.count("differ"):
        parts.append(f"{kinds.count('differ')} 张与另一个人录的不一样，请看“不一致”")
    if kinds.count("late"):
        parts.append(f"{kinds.count('late')} 张是业主后来又在网上投过的，以网上的为准")
    return "；".join(parts)


def _slips(office: Office, form: Form, number: str, items: Sequence[Item]) -> list[Slip]:
    received = form.day("received_on", "收到选票的日期") or office.act.today
    scan = keep_scan(office, form, "scan", "resolution", f"纸质选票扫描件 {number}")
    sheet = form.upload("sheet", "表格", required=False)
    form.finish()
    if sheet is not None:
        slips = parse_ballot_sheet(sheet.file.read(), sheet.filename, items, received)
    else:
        slips = parse_grid(_grid_text(form, items), items, received)
    return [replace(slip, document=slip.document or scan) for slip in slips]


def _grid_text(form: Form, items: Sequence[Item]) -> str:
    """The typed rows as the lines :func:`parse_grid` reads, one for one; figures stand for letters."""
    lines = []
    for row in range(1, MOST_ROWS + 1):
        unit = "".join(form.text(f"unit_{row}", "房号", required=False).split())
        said = [form.text(f"c_{row}_{at}", "选择", required=False) for at in range(1, len(items) + 1)]
        lines.append("")
        if not unit and not any(said):
            continue
        if not unit or not all(said):
            what = "请填写房号" if not unit else "每一项都要填；没有勾选、看不清的填 4"
            form.problems.append(Problem("bad_line", what, f"第 {row} 行"))
            continue
        typed = [
            _FIGURES.get(text, text) if item.kind == APPROVE else ",".join(text.split())
            for item, text in zip(items, said, strict=True)
        ]
        lines[-1] = " ".join([unit, *typed, *(["委托"] if form.flag(f"proxy_{row}") else [])])
    form.finish()
    return "\n".join(lines)


def most_rows(items: int) -> int:
    """How many ballots go into one form: room, tick and a choice an item each."""
    return min(MOST_ROWS, _MOST_FIELDS // (items + 2))


def _page(
    office: Office, number: str, values: dict[str, Any], problems: tuple[Problem, ...], status: int = 200
) -> Answer:
    file = read_resolution(office.conn, office.trust_id, number)
    filled = [row for row in range(1, MOST_ROWS + 1) if values.get(f"unit_{row}")]
    pending = pending_rows(office.conn, office.trust_id, number) if file.stage == "open" else []
    me = office.actor.person
    return office.page(
        "office/resolutions_entry.html",
        status=status,
        file=file,
        number=number,
        values={"received_on": office.act.today.isoformat(), **values},
        problems=problems,
        questions=question_views(file.state.draft.items),
        rows=range(1, max(ROWS, max(filled, default=0)) + 1),
        most=most_rows(len(file.state.draft.items)),
        for_me=sum(row.kind == "once" and row.slips[0].person != me for row in pending),
        for_others=sum(row.kind == "once" and row.slips[0].person == me for row in pending),
        differing=sum(row.kind == "differ" for row in pending),
    )


HANDLERS = [entry_page, enter, sheet_template, differences]
