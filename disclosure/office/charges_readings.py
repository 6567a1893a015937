"""Meter readings: what was read this month, one by one or by a sheet whose errors are marked in their rows."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from disclosure.office.acting import PRIVATE, Office, acting, reading_office
from disclosure.office.charges import month_text
from disclosure.office.forms import Form, FormData, FormFiles
from disclosure.public.answers import Answer, Req, download_name
from ledger.billing.items import Item, load_items
from ledger.billing.readings import readings_of, record_readings
from ledger.billing.readings_sheet import SHEET, ReadSheet, check_rows, read_readings, readings_template
from ledger.errors import Refused
from ledger.money import plain_yuan
from ledger.periods.calendar import period_name, period_of
from ledger.trust.sheet import SheetRow, by_row
from ledger.trust.workbooks import marked_xlsx

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_ROWS_SHOWN = 300


def _metered() -> dict[str, Item]:
    return {name: item for name, item in load_items().items() if "meter" in item.methods}


def _asked(office: Office, values: dict[str, Any]) -> tuple[str, int]:
    form = Form({"period": month_text(period_of(office.act.today)), "item": "water"} | values)
    period, item = form.month("period", "月份"), form.choice("item", "收费项目", _metered())
    form.finish()
    return item, period


@get("/c/{slug:str}/office/charges/readings", sync_to_thread=True, action="charge.readings")
def readings(request: Req, slug: FromPath[str]) -> Answer:
    """The readings of a month, and ways to enter more."""
    with reading_office(request, slug) as office:
        return _readings_page(office, dict(request.query_params), ())


def _readings_page(office: Office, values: dict[str, Any], problems: Any, status: int = 200) -> Answer:
    item, period = _asked(office, {k: v for k, v in values.items() if k in ("item", "period") and v})
    found = list(readings_of(office.conn, office.trust_id, item, period).values())
    return office.page(
        "office/charges_readings.html",
        status=status,
        items=[(name, one.title) for name, one in _metered().items()],
        item=_metered()[item],
        month=month_text(period),
        month_name=period_name(period),
        rows=[
            (one.unit, plain_yuan(one.previous), plain_yuan(one.current), plain_yuan(one.used), one.note)
            for one in found[:_ROWS_SHOWN]
        ],
        count=len(found),
        used=plain_yuan(sum(one.used for one in found)),
        values=values,
        problems=problems,
    )


@post("/c/{slug:str}/office/charges/readings", sync_to_thread=True, action="charge.readings")
def enter(request: Req, slug: FromPath[str], data: FormData) -> Answer:
    """Record one reading, or all rows that a preview of a sheet showed."""
    try:
        with acting(request, slug, subject="抄表") as office:
            item, period = _asked(office, data)
            found = check_rows(office.conn, office.trust_id, item, period, _rows(data))
            titles = {column.name: column.title for column in SHEET.columns}
            form = Form(data)
            for problem in found.problems:
                form.problem(
                    "bad_row",
                    problem.message,
                    f"第 {problem.row} 行 {titles.get(problem.column, '')}".strip(),
                )
            form.finish()
            count = record_readings(
                office.conn, office.trust_id, item, period, found.readings, office.actor, office.act
            )
            return office.done(
                f"/c/{slug}/office/charges/readings?item={item}&period={month_text(period)}",
                f"已登记 {len(found.readings)} 户读数，其中 {count} 户是新的或有变化",
            )
    except Refused as error:
        with reading_office(request, slug) as office:
            return _readings_page(office, dict(data), error.problems, status=422)


def _rows(data: dict[str, Any]) -> list[SheetRow]:
    names = [column.name for column in SHEET.columns]
    carried = str(data.get("rows", ""))
    if not carried:
        return [SheetRow(1, {name: str(data.get(name, "")).strip() for name in names})]
    rows = []
    for line in carried.splitlines():
        number, *cells = line.split("\t")
        if number.isdecimal():
            rows.append(SheetRow(int(number), dict(zip(names, cells, strict=False))))
    return rows


@post("/c/{slug:str}/office/charges/readings/sheet", sync_to_thread=True, action="charge.readings")
def upload(request: Req, slug: FromPath[str], data: FormFiles) -> Answer:
    """Show an uploaded sheet with every error in its row, or give it back with the cells marked."""
    with reading_office(request, slug) as office:
        item, period = _asked(office, data)
        form = Form(data)
        file = form.upload("file", "抄表单")
        form.finish()
        name, body = (file.filename, file.file.read()) if file else ("", b"")
        found = read_readings(office.conn, office.trust_id, item, period, body, name)
        if form.flag("marked") and found.problems:
            marked = marked_xlsx(SHEET, found.rows, found.problems)
            headers = {**PRIVATE, **download_name(f"meter-{item}-{month_text(period)}.xlsx")}
            return Response(marked, media_type=XLSX, headers=headers)
        return _preview(office, item, period, found)


def _preview(office: Office, item: str, period: int, found: ReadSheet) -> Answer:
    wrong = by_row(found.problems)
    names = [column.name for column in SHEET.columns]
    rows = sorted(found.rows, key=lambda row: row.number not in wrong)
    carried = "\n".join(
        "\t".join([str(row.number), *(row.cells.get(name, "").replace("\t", " ") for name in names)])
        for row in found.rows
    )
    return office.page(
        "office/charges_readings_preview.html",
        item=_metered()[item],
        month=month_text(period),
        month_name=period_name(period),
        columns=[column.title for column in SHEET.columns],
        rows=[
            (
                row.number,
                [row.cells.get(name, "") for name in names],
                [problem.message for problem in wrong.get(row.number, ())],
            )
            for row in rows[:_ROWS_SHOWN]
        ],
        count=len(found.rows),
        faulty=len(wrong),
        used=plain_yuan(sum(one.used for _, one in found.readings)),
        carried=carried,
    )


@get("/c/{slug:str}/office/charges/readings.xlsx", sync_to_thread=True, action="charge.readings")
def template(request: Req, slug: FromPath[str]) -> Answer:
    """A sheet with every unit and where its meter stood."""
    with reading_office(request, slug) as office:
        item, period = _asked(office, dict(request.query_params))
        body = readings_template(office.conn, office.trust_id, item, period)
    headers = {**PRIVATE, **download_name(f"meter-{item}-{month_text(period)}.xlsx")}
    return Response(body, media_type=XLSX, headers=headers)


HANDLERS = [readings, enter, upload, template]
