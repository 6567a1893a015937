"""``resolutions recount`` and ``audit-file``: count a vote again, here or with the auditor's file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from disclosure.cli.acting import acting_as, sign_in, with_account
from disclosure.cli.chinese import ChineseCommand
from disclosure.cli.common import FILE, answer, open_desk, with_json, with_trust
from disclosure.cli.scans import write_private
from ledger.errors import refuse
from ledger.log.bundle import verify_bundle
from ledger.log.copy_files import CopyFiles
from ledger.resolutions.recount import (
    Leaves,
    Recount,
    audit_bytes,
    check_audit,
    collect,
    read_audit_file,
    recount,
)
from ledger.resolutions.words import result_sentence
from ledger.store.engine import reading

_NUMBER = click.argument("number", metavar="编号")
_OUT = click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True, metavar="文件", help="写到哪个文件，只有本人可读")  # fmt: skip


@click.command(
    "audit-file", cls=ChineseCommand, help="导出名册和选票供审计重新计票。内有个人选择，只给审计人。"
)
@_NUMBER
@_OUT
@with_account
@with_trust
@with_json
def audit_file(number: str, out: Path, account: str, slug: str | None, as_json: bool) -> None:
    """Write the auditor's file."""
    desk = open_desk(slug)
    actor = sign_in(desk, account)
    with acting_as(desk, actor, "resolution.audit", number) as at:
        audit = collect(at.conn, at.trust_id, desk.slug, number)
        write_private(out, audit_bytes(audit))
    said = f"{len(audit.roll)} 位表决人、{len(audit.ballots)} 张选票写在 {out}，内有个人选择，请妥善保管。"
    answer(as_json, {"voters": len(audit.roll), "ballots": len(audit.ballots), "file": str(out)}, said)


@click.command(
    "recount",
    cls=ChineseCommand,
    help="重新计票：名册哈希、逐张选票与公开日志、票数。可用审计文件和日志副本离线核对。",
)
@click.argument("number", metavar="编号", required=False)
@click.option("--file", "file", type=FILE, metavar="文件", help="审计文件（audit-file 导出的）")
@click.option(
    "--bundle",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    metavar="文件夹",
    help="公开日志的副本",
)
@click.option("--key", type=FILE, metavar="文件", help="公钥文件，从公告栏或业委会取得")
@with_trust
@with_json
def recount_(
    number: str | None,
    file: Path | None,
    bundle: Path | None,
    key: Path | None,
    slug: str | None,
    as_json: bool,
) -> int:
    """Count again; exit code 1 if anything differs."""
    if file is not None:
        if bundle is None or key is None:
            raise click.UsageError("用审计文件核对，还要用 --bundle 给出日志副本、用 --key 给出公钥")
        found = check_audit(read_audit_file(file.read_bytes()), _copy_leaves(bundle, key))
    elif number:
        desk = open_desk(slug)
        with reading(desk.engine) as conn:
            found = recount(conn, desk.trust_id, number)
    else:
        raise click.UsageError("请写明编号，或用 --file 给出审计文件")
    return _tell(found, as_json)


def _tell(found: Recount, as_json: bool) -> int:
    data = {
        "ok": found.agrees,
        "number": found.number,
        "voters": found.voters,
        "ballots": found.ballots,
        "voted": found.voted,
        "published": found.published,
        "problems": list(found.problems),
    }
    said = f"{found.number}：名册 {found.voters} 人，选票 {found.ballots} 张，计入 {found.voted} 张"
    verdict = "重新计票与公布的一致。" if found.agrees else f"发现 {len(found.problems)} 处不符。"
    counted = [f"{item.title}：{result_sentence(item)}" for item in found.items] if found.published else []
    answer(as_json, data, *found.problems, *counted, f"{said}。{verdict}")
    return 0 if found.agrees else 1


def _copy_leaves(bundle: Path, key: Path) -> Leaves:
    """Leaves of a copy that verifies by itself. Raises Refused if it does not."""
    report = verify_bundle(bundle, key.read_text(encoding="utf-8").strip())
    if report.checkpoint is None or not report.ok:
        raise refuse("bad_bundle", f"日志副本本身没有通过核对：{report.conclusion}", str(bundle))
    files, size = CopyFiles(bundle), report.checkpoint.size

    def read(places: Sequence[int]) -> Mapping[int, bytes]:
        found = {place: files.leaf(place, size) for place in sorted(places) if 0 <= place < size}
        return {place: body for place, body in found.items() if body is not None}

    return read


COMMANDS = (audit_file, recount_)
