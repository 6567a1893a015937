"""``export`` and ``verify``: books for other programs, and proof for other people."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Literal, get_args

import click
from sqlalchemy import Connection

from disclosure.cli import closing, corrections, printing
from disclosure.cli.audit_files import export_audit
from disclosure.cli.chinese import ChineseCommand
from disclosure.cli.common import FILE, FOLDER, answer, open_desk, progress_line, with_json, with_trust
from ledger.errors import refuse
from ledger.export import export_book, export_bundle
from ledger.export.stream import FormatName
from ledger.log.bundle import verify_bundle
from ledger.log.note import Verifier
from ledger.log.store import log_vkey
from ledger.store.engine import reading


@click.command(
    cls=ChineseCommand,
    help="导出整本公开账，供 beancount、hledger、表格或程序核对；bundle 导出可离线核验的公开日志副本；"
    "audit 导出一年的审计数据（XML 和 CSV，参考 GB/T 24589 结构，未经符合性认证）。",
)
@click.option(
    "--format",
    "format_",
    type=click.Choice([*get_args(FormatName), "bundle", "audit"]),
    required=True,
    help="格式",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="路径",
    help="写到哪里；不写则输出到屏幕（bundle、audit 必须写文件夹）",
)
@click.option("--year", type=int, metavar="年度", help="只用于 audit：哪一年；不写为今年")
@click.option("--full", is_flag=True, help="只用于 audit：含姓名、房号等不公开的内容，须用 --as 登录")
@click.option("--as", "account", metavar="账号", help="只用于 --full：以谁的名义导出（会问密码和动态码）")
@with_trust
@with_json
def export(
    format_: FormatName | Literal["bundle", "audit"],
    out: Path | None,
    year: int | None,
    full: bool,
    account: str | None,
    slug: str | None,
    as_json: bool,
) -> None:
    """Export the whole public book, or a year for auditors."""
    desk = open_desk(slug)
    if format_ == "audit":
        answer(as_json, *export_audit(desk, out, year, full=full, account=account))
        return
    with reading(desk.engine) as conn:
        if format_ == "bundle":
            if out is None:
                raise refuse("no_folder", "请用 --out 指定一个文件夹", "--out")
            export_bundle(conn, desk.trust_id, out, _known_key(conn, desk.trust_id))
        elif out is None:
            export_book(conn, desk.trust_id, format_, sys.stdout.buffer)
            return
        else:
            with out.open("wb") as file:
                export_book(conn, desk.trust_id, format_, file)
    answer(as_json, {"out": str(out)}, f"已导出到 {out}")


@click.command(
    cls=ChineseCommand,
    help="核验：默认核验数据库里的账与日志；--bundle 离线核验一份公开副本，只需公钥和以前保存的凭据。",
)
@click.option("--bundle", type=FOLDER, metavar="文件夹", help="下载的公开日志副本")
@click.option(
    "--key",
    metavar="公钥",
    help="您信任的公钥（或存有公钥的文件）；核验副本时必填，核验数据库时不写则用库里登记的",
)
@click.option(
    "--old", "olds", type=FILE, multiple=True, metavar="文件", help="以前保存的凭据（检查点），可多次"
)
@with_trust
@with_json
@click.pass_context
def verify(
    ctx: click.Context,
    bundle: Path | None,
    key: str | None,
    olds: tuple[Path, ...],
    slug: str | None,
    as_json: bool,
) -> int:
    """Check the books, or a copy of the public log."""
    if bundle is not None:
        if key is None:
            raise refuse("no_key", "核验副本需要公钥，请用 --key 给出", "--key")
        report = verify_bundle(bundle, _read_key(key), [old.read_text(encoding="utf-8") for old in olds])
        ok, conclusion, count = report.ok, report.conclusion, report.leaves
        findings = [(finding.code, str(finding)) for finding in report.findings]
    else:
        ok, conclusion, count, findings = _verify_database(slug, key, as_json)
    rows = [{"code": code, "message": message} for code, message in findings]
    if as_json:
        answer(True, {"ok": ok, "entries": count, "conclusion": conclusion, "findings": rows})
    else:
        for _, message in findings:
            click.echo(message)
        click.echo(conclusion)
    return 0 if ok else 1


def _verify_database(
    slug: str | None, key: str | None, as_json: bool
) -> tuple[bool, str, int, list[tuple[str, str]]]:
    from ledger.verify import verify_books

    desk = open_desk(slug)
    with reading(desk.engine) as conn:
        vkey = _read_key(key) if key else log_vkey(conn, desk.trust_id)
        verifier = Verifier.from_vkey(vkey) if vkey else None
        progress = None if as_json else progress_line("核验")
        report = verify_books(conn, desk.trust_id, verifier, now=desk.act().now, progress=progress)
    findings = [(finding.code, str(finding)) for finding in report.findings]
    return report.ok, report.conclusion, report.entries, findings


def _read_key(key: str) -> str:
    """A public key given as text or as a file that holds it."""
    return Path(key).read_text(encoding="utf-8").strip() if Path(key).is_file() else key


def _known_key(conn: Connection, trust_id: int) -> str:
    vkey = log_vkey(conn, trust_id)
    if vkey is None:
        raise refuse("not_signed", "这本账还没有签过名，没有可核验的副本；请先用 serve 打开网站或入账一次")
    return vkey


COMMANDS = (export, verify, *printing.COMMANDS, *corrections.COMMANDS, *closing.COMMANDS)
