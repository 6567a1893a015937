"""The sheet on which a budget is drawn up: one box a line, saved as often as needed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from litestar import get, post
from litestar.params import FromPath

from disclosure.office.acting import Office, acting, reading_office
from disclosure.office.budgets import PATH, VERSION, address, key_of
from disclosure.office.forms import Form, FormData, FormFiles
from disclosure.office.sheets import uploaded, workbook
from disclosure.public.answers import Answer, Req
from ledger.budget.amounts import PRICE_PLACES, QUANTITY_PLACES, format_decimal, parse_decimal
from ledger.budget.codes import EARNING, EXPENSE, INCOME, SPENDING
from ledger.budget.drafting import draft_version, save_lines
from ledger.budget.lines import KINDS, MONTHLY, MOST_LINES, SPREADS, Line
from ledger.budget.report import read_report
from ledger.budget.sheet import SHEET, lines_from_sheet
from ledger.budget.value import Key
from ledger.chart import FUNDS
from ledger.errors import Problem, Refused, Unanswerable
from ledger.trust.workbooks import template_xlsx

BLANK_ROWS = 4
_FIELDS = ("code", "kind", "title", "accounts", "price", "quantity", "unit", "times", "spread", "note")


@get(f"{VERSION}/edit", sync_to_thread=True, action="budget.prepare")
def edit(request: Req, slug: FromPath[str], name: FromPath[str], version: FromPath[int]) -> Answer:
    """The lines of a draft to change, and some empty ones."""
    with reading_office(request, slug) as office:
        return _page(office, key_of(name, version), None, ())


def _page(
    office: Office,
    key: Key,
    typed: Sequence[dict[str, str]] | None,
    problems: Sequence[Problem],
    status: int = 200,
) -> Answer:
    try:
        version = draft_version(office.conn, office.trust_id, key)
    except Refused as error:
        raise Unanswerable("not_a_draft", error.problems[0].message) from error
    report = read_report(office.conn, office.setup, version, version.revision, office.act.today)
    rows = list(typed) if typed is not None else [_typed(line) for line in report.lines]
    blank = dict.fromkeys(_FIELDS, "") | {"kind": EXPENSE, "spread": MONTHLY}
    amounts = {line.code: line.amount for line in report.lines}
    return office.page(
        "office/budgets_edit.html",
        status,
        key=key,
        report=report,
        fund=FUNDS[key.fund].name,
        rows=[*rows, *(dict(blank) for _ in range(BLANK_ROWS))],
        amounts=amounts,
        last_year=report.last_year or {},
        known=bool(report.last_year is not None),
        problems=problems,
        kinds=[(EXPENSE, KINDS[EXPENSE]), (INCOME, KINDS[INCOME])],
        spreads=list(SPREADS.items()),
        accounts=_accounts(office, key.fund),
    )


def _typed(line: Line) -> dict[str, str]:
    """A line as the fields of the form hold it."""
    return {
        "code": line.code,
        "kind": line.kind,
        "title": line.title,
        "accounts": " ".join(line.accounts),
        "price": format_decimal(line.price, PRICE_PLACES),
        "quantity": format_decimal(line.quantity, QUANTITY_PLACES),
        "unit": line.unit,
        "times": str(line.times),
        "spread": line.spread,
        "note": line.note,
    }


def _accounts(office: Office, fund: str) -> list[tuple[str, list[tuple[str, str]]]]:
    """The accounts a line can be booked in, spending and income apart."""
    chart = office.setup.chart
    return [
        (
            KINDS[kind],
            [
                (a.code, f"{a.code} {a.name}{'' if a.leaf else '（全部）'}")
                for a in chart.of_book("A")
                if a.code.startswith(wanted) and fund in a.funds and a.closed_on is None
            ],
        )
        for kind, wanted in ((EXPENSE, SPENDING), (INCOME, EARNING))
    ]


@post(f"{VERSION}/edit", sync_to_thread=True, action="budget.prepare")
def save(
    request: Req, slug: FromPath[str], name: FromPath[str], version: FromPath[int], data: FormData
) -> Answer:
    """Save all lines as they stand on the sheet."""
    key = key_of(name, version)
    typed = _rows(data)
    try:
        with acting(request, slug, subject=f"预算 {key.subject}") as office:
            form = Form(data)
            lines = [line for no, row in enumerate(typed, start=1) if (line := _line(form, no, row))]
            form.finish()
            save_lines(office.conn, office.trust_id, key, lines, office.actor, office.act)
            more = data.get("more")
            target = f"{address(slug, key)}/edit" if more else address(slug, key)
            return office.done(target, f"已保存 {len(lines)} 行")
    except Refused as error:
        with reading_office(request, slug) as office:
            return _page(office, key, typed, error.problems, status=422)


def _rows(data: dict[str, Any]) -> list[dict[str, str]]:
    """The rows that hold anything and were not crossed out."""
    rows = []
    for no in range(1, MOST_LINES + BLANK_ROWS + 1):
        row = {name: str(data.get(f"{name}_{no}", "")).strip() for name in _FIELDS}
        said = row["code"] or row["title"] or row["price"] or row["accounts"]
        if said and not data.get(f"drop_{no}"):
            rows.append(row)
    return rows


def _line(form: Form, no: int, row: dict[str, str]) -> Line | None:
    """A row as a line; what can't be read is noted in the form."""
    where = f"第 {no} 行"
    price = _number(form, row["price"], PRICE_PLACES, f"{where}单价")
    quantity = _number(form, row["quantity"] or "1", QUANTITY_PLACES, f"{where}数量")
    times = row["times"] or "1"
    if not times.isascii() or not times.isdecimal() or len(times) > 4:
        form.problem("bad_times", "次数请填整数", where)
        return None
    if price is None or quantity is None:
        return None
    return Line(
        code=row["code"],
        kind=row["kind"],
        title=row["title"],
        accounts=tuple(sorted(set(row["accounts"].split()))),
        price=price,
        quantity=quantity,
        times=int(times),
        unit=row["unit"],
        spread=row["spread"] or MONTHLY,
        note=row["note"],
    )


def _number(form: Form, text: str, places: int, where: str) -> int | None:
    if not text:
        form.problem("missing", "请填写单价", where)
        return None
    try:
        return parse_decimal(text, places)
    except ValueError as error:
        form.problem("bad_number", str(error), where)
        return None


@get(f"{PATH}/template.xlsx", sync_to_thread=True, action="budget.prepare")
def template(request: Req, slug: FromPath[str]) -> Answer:
    """An empty sheet to fill in."""
    with reading_office(request, slug):
        return workbook(template_xlsx(SHEET), "预算表.xlsx")


@post(f"{VERSION}/sheet", sync_to_thread=True, action="budget.prepare")
def take_sheet(
    request: Req, slug: FromPath[str], name: FromPath[str], version: FromPath[int], data: FormFiles
) -> Answer:
    """Put the lines of an uploaded sheet in the place of those there."""
    key = key_of(name, version)
    try:
        with acting(request, slug, subject=f"预算 {key.subject}") as office:
            lines = lines_from_sheet(*uploaded(Form(data)))
            save_lines(office.conn, office.trust_id, key, lines, office.actor, office.act)
            return office.done(address(slug, key), f"已从表格读入 {len(lines)} 行")
    except Refused as error:
        with reading_office(request, slug) as office:
            return _page(office, key, None, error.problems, status=422)


HANDLERS = [edit, save, template, take_sheet]
