"""The group of commands, and how refusals reach the person who typed."""

from __future__ import annotations

import sys

import click
import msgspec
from sqlalchemy.exc import DBAPIError

from disclosure.cli import (
    bank,
    bookkeeping,
    books,
    budgets,
    charges,
    community,
    conference,
    copies,
    disclosures,
    district,
    evaluation,
    fees,
    handover,
    inquiries,
    maintenance,
    payments,
    people,
    projects_course,
    projects_money,
    registers,
    reports,
    resolutions,
    selection,
    setup,
    site,
    trail,
    witness,
    work,
)
from disclosure.cli.chinese import ChineseGroup, usage_message
from ledger.bank import StatementError
from ledger.errors import Refused, Unanswerable

DONE, REFUSED, USAGE = 0, 1, 2


@click.group(
    cls=ChineseGroup, help="明账：信托物业的账簿与公开。设置取自环境变量 DATA_DIR、DATABASE_URL、PUBLIC_URL。"
)
def mingzhang() -> None:
    """All commands."""


for _command in (
    *setup.COMMANDS,
    *community.COMMANDS,
    *handover.COMMANDS,
    *bookkeeping.COMMANDS,
    *books.COMMANDS,
    *budgets.COMMANDS,
    *site.COMMANDS,
    *charges.COMMANDS,
    *people.COMMANDS,
    *trail.COMMANDS,
    *maintenance.COMMANDS,
    bank.bank,
    *payments.COMMANDS,
    *projects_course.COMMANDS,
    *projects_money.COMMANDS,
    *reports.COMMANDS,
    *resolutions.COMMANDS,
    *conference.COMMANDS,
    *disclosures.COMMANDS,
    *fees.COMMANDS,
    *inquiries.COMMANDS,
    *evaluation.COMMANDS,
    *registers.COMMANDS,
    *selection.COMMANDS,
    *district.COMMANDS,
    *witness.COMMANDS,
    *copies.COMMANDS,
    work.work,
):
    mingzhang.add_command(_command)


def main() -> None:
    """Run a command; say in Chinese why one was refused."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Run a command and return its exit code."""
    try:
        result = mingzhang.main(arguments, prog_name="mingzhang", standalone_mode=False)
    except click.UsageError as error:
        where = f"（{error.ctx.command_path} --help 查看用法）" if error.ctx else ""
        return _fail("--json" in arguments, USAGE, [("usage", usage_message(error) + where)])
    except (click.Abort, Refused, Unanswerable, StatementError, OSError, ValueError, DBAPIError) as error:
        return _fail("--json" in arguments, REFUSED, _reasons(error))
    return result if isinstance(result, int) else DONE


def _reasons(error: Exception) -> list[tuple[str, str]]:
    """Code and Chinese message of everything that is wrong."""
    match error:
        case Refused():
            return [(problem.code, str(problem)) for problem in error.problems]
        case Unanswerable():
            code, message = error.code, str(error)
        case StatementError():
            code, message = "statement", str(error)
        case click.Abort():
            code, message = "aborted", "已中断"
        case FileExistsError():
            code, message = "exists", f"文件已存在，不覆盖：{error.filename}"
        case OSError():
            code, message = "file", f"文件读写失败：{error.strerror or error} {error.filename or ''}"
        case DBAPIError():
            hint = "请核对 DATABASE_URL 和账号权限，并先运行 mingzhang init"
            code, message = "database", f"数据库拒绝了这次操作：{error.orig}。{hint}"
        case _:
            code, message = "value", str(error)
    return [(code, message)]


def _fail(as_json: bool, code: int, problems: list[tuple[str, str]]) -> int:
    if as_json:
        rows = [{"code": name, "message": message} for name, message in problems]
        click.echo(msgspec.json.encode({"ok": False, "problems": rows}).decode())
    else:
        for _, message in problems:
            click.echo(message, err=True)
    return code
