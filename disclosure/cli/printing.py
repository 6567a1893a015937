"""``books``: the books of account as files, in the name of somebody who may see them."""

from __future__ import annotations

from pathlib import Path

import click

from disclosure.books.asked import read_asked
from disclosure.books.build import Request
from disclosure.books.files import write_file
from disclosure.books.kinds import KINDS, FormatName
from disclosure.cli.acting import acting_as, sign_in, with_account
from disclosure.cli.chinese import ChineseCommand
from disclosure.cli.common import answer, open_desk, with_json, with_trust
from disclosure.public.rendering import load_pages
from disclosure.public.trusts import find_site
from disclosure.public.words import moment_text
from ledger.books import view_of
from ledger.store.engine import reading

_LISTED = "、".join(f"{kind.name} {kind.title}" for kind in KINDS.values())
_OPTIONS = (
    ("--book", "book", "账套：A 共有资金（默认），M 维修资金"),
    ("--from", "from", "起始月份，如 2025-01"),
    ("--to", "to", "截止月份，如 2025-06"),
    ("--fund", "fund", "只要一项资金，如 F1"),
    ("--code", "account", "明细账的科目编码，如 112201"),
    ("--dimension", "dimension", "明细账按什么细分，如 unit、vendor"),
    ("--value", "value", "细分到哪一个，如房号 1-101"),
    ("--levels", "levels", "科目余额表看到几级"),
    ("--first-no", "first_no", "凭证起始号"),
    ("--last-no", "last_no", "凭证截止号"),
    ("--building", "building", "户分账只要一栋"),
    ("--bank-account", "bank_account", "银行账户代码"),
)


def _with_fields(command: click.Command) -> click.Command:
    for flag, name, text in _OPTIONS:
        command.params.append(click.Option([flag, f"field_{name}"], default="", metavar="值", help=text))
    return command


@click.command(
    "books",
    cls=ChineseCommand,
    help=f"把账簿写成文件（内部使用，含不公开的内容）。种类：{_LISTED}。",
)
@click.argument("kind", type=click.Choice(list(KINDS)), metavar="种类")
@click.option(
    "--format", "file_format", type=click.Choice(["xlsx", "pdf", "csv"]), required=True, help="格式"
)
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), required=True, metavar="文件", help="写到哪里"
)
@with_account
@with_trust
@with_json
def books(
    kind: str,
    file_format: FormatName,
    out: Path,
    account: str,
    slug: str | None,
    as_json: bool,
    **fields: str,
) -> None:
    """Write a book of account to a file."""
    desk = open_desk(slug)
    actor = sign_in(desk, account)
    book, act = KINDS[kind], desk.act()
    query = {name.removeprefix("field_"): value for name, value in fields.items()}
    if book.only:
        query["book"] = book.only
    with acting_as(desk, actor, "books.print", f"{kind}.{file_format}"):
        pass  # allowed, and on the trail; printing takes long and must not hold up who writes
    with reading(desk.engine) as conn:
        site = find_site(conn, desk.slug)
        asked = read_asked(query, today=act.today, opened_on=site.opened_on, whole_year=book.whole_year)
        view = view_of(conn, desk.trust_id, asked.book, asked.span, today=act.today)
        request = Request(conn, view, asked, site.name, site.trustee, actor.signature, moment_text(act.now))
        with out.open("wb") as file:
            write_file(request, kind, file_format, load_pages(demo=desk.config.demo), file)
    answer(as_json, {"out": str(out)}, f"{book.title}（{view.span.title}）已写到 {out}")


COMMANDS = (_with_fields(books),)
