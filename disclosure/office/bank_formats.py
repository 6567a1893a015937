"""Formats of banks the program does not know: the columns mapped once, tried on the file, then saved."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlencode

from litestar import get, post
from litestar.params import FromPath

from disclosure.office.acting import Office, acting, reading_office
from disclosure.office.bank_import import kept_file, statement_problems
from disclosure.office.draft_view import local_time
from disclosure.office.forms import Form, FormData
from disclosure.public.answers import Answer, Req
from ledger.bank import StatementError
from ledger.bank.describe import builtin_formats
from ledger.bank.mapping import Mapping, described, guess, header_rows, try_format
from ledger.bank.read import shown_name
from ledger.bank.saved_formats import retire_format, save_format, saved_formats
from ledger.bank.statement import Statement
from ledger.bank.table import Row
from ledger.errors import Problem, Refused

_SHOWN = 10
HOWS = {
    "columns": "收入、付出各一列",
    "direction": "一列金额，另一列写收或付",
    "signed": "一列金额，付出是负数",
}
ROLES = {
    "date": "日期", "time": "时间", "in_": "收入金额", "out": "付出金额", "amount": "金额",
    "direction": "收付方向（借贷标志）", "balance": "余额", "counterparty_name": "对方户名",
    "counterparty_account": "对方账号", "flow_no": "流水号", "account": "本方账号",
}  # fmt: skip
_NEEDED = ("date",)


@get("/c/{slug:str}/office/bank/formats", sync_to_thread=True, action="bank.read")
def formats_page(request: Req, slug: FromPath[str]) -> Answer:
    """What can be read: formats saved here, and those that ship."""
    with reading_office(request, slug) as office:
        saved = [(item, local_time(item.saved_at)) for item in saved_formats(office.conn, office.trust_id)]
        shipped = sorted(form.name for form in builtin_formats())
        return office.page("office/bank_formats.html", saved=saved, shipped=shipped)


@post("/c/{slug:str}/office/bank/formats", sync_to_thread=True, action="bank.import")
def retire(request: Req, slug: FromPath[str], data: FormData) -> Answer:
    """Stop recognising a saved format."""
    name = Form(data).text("format", "格式")
    with acting(request, slug, subject=name) as office:
        retire_format(office.conn, office.trust_id, name, by=office.actor.signature, act=office.act)
        return office.done(f"/c/{slug}/office/bank/formats", "已停用这种格式，用它导入过的流水不受影响")


@get("/c/{slug:str}/office/bank/formats/{digest:str}", sync_to_thread=True, action="bank.import")
def mapping_page(request: Req, slug: FromPath[str], digest: FromPath[str]) -> Answer:
    """Say which column is which; a proposal stands there already."""
    asked = {key: request.query_params.get(key, "") for key in ("account", "filename", "header")}
    with reading_office(request, slug) as office:
        rows = _headers(office, digest, asked["filename"])
        header = next((row for row in rows if str(row.number) == asked["header"]), rows[0])
        guessed = guess(header)
        values: dict[str, Any] = dict(guessed)
        values["how"] = "columns" if "out" in guessed else "direction" if "direction" in guessed else "signed"
        values["memo"] = [cell.strip() for cell in header.cells if any(w in cell for w in ("摘要", "用途", "附言", "备注"))]  # fmt: skip
        return _page(office, digest, asked, rows, header, values)


@post("/c/{slug:str}/office/bank/formats/{digest:str}", sync_to_thread=True, action="bank.import")
def map_columns(request: Req, slug: FromPath[str], digest: FromPath[str], data: FormData) -> Answer:
    """Try the mapping on the file and show the first rows; save it when asked to."""
    form = Form(data)
    asked = {
        key: form.text(key, key, required=False, longest=300) for key in ("account", "filename", "header")
    }
    values = {role: form.text(f"col_{role}", title, required=False) for role, title in ROLES.items()}
    values["how"] = form.choice("how", "金额的记法", HOWS, required=False) or "columns"
    values["name"] = form.text("name", "名称", required=False)
    more: dict[str, Any] = values | {"memo": form.texts("col_memo")}
    with acting(request, slug, subject=values["name"]) as office:
        rows = _headers(office, digest, asked["filename"])
        header = next((row for row in rows if str(row.number) == asked["header"]), rows[0])
        try:
            form.finish()
            description = described(Mapping(**more), header.cells)
            statement = try_format(description, kept_file(office, digest), shown_name(asked["filename"]))
        except Refused as error:
            return _page(office, digest, asked, rows, header, more, problems=error.problems)
        except StatementError as error:
            return _page(office, digest, asked, rows, header, more, problems=statement_problems(error)[:20])
        if not form.flag("save"):
            return _page(office, digest, asked, rows, header, more, statement=statement)
        save_format(office.conn, office.trust_id, description, by=office.actor.signature, act=office.act)
        back = urlencode({"account": asked["account"], "filename": asked["filename"]}, quote_via=quote)
        return office.done(
            f"/c/{slug}/office/bank/import/{digest}?{back}", f"已记住“{description.name}”，以后自动识别"
        )


def _headers(office: Office, digest: str, filename: str) -> list[Row]:
    try:
        rows = header_rows(kept_file(office, digest), shown_name(filename))
    except StatementError as error:
        raise Refused(statement_problems(error)) from error
    if not rows:
        raise Refused(
            [Problem("no_header", "文件前 40 行里没有像表头的行，请确认下载的是交易明细", "流水文件")]
        )
    return rows


def _page(
    office: Office,
    digest: str,
    asked: dict[str, str],
    rows: list[Row],
    header: Row,
    values: dict[str, Any],
    *,
    problems: Any = (),
    statement: Statement | None = None,
) -> Answer:
    return office.page(
        "office/bank_mapping.html",
        status=422 if problems else 200,
        digest=digest,
        asked=asked,
        headers=[(row.number, "，".join(c.strip() for c in row.cells if c.strip())[:80]) for row in rows],
        header=header,
        names=[cell.strip() for cell in header.cells if cell.strip()],
        roles=[(role, title, role in _NEEDED) for role, title in ROLES.items()],
        hows=list(HOWS.items()),
        values=values,
        problems=problems,
        statement=statement,
        shown=statement.lines[:_SHOWN] if statement else (),
        waived=[str(problem) for problem in statement.waived[:5]] if statement else (),
    )


HANDLERS = [formats_page, retire, mapping_page, map_columns]
