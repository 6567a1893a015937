"""``export --format audit``: a year for auditors' programs; with ``--full`` in the name of who may see it all."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from disclosure.cli.acting import acting_as, sign_in
from disclosure.cli.common import Desk
from ledger.errors import refuse
from ledger.export.audit import CAVEAT, open_scope, write_audit
from ledger.journal.person_names import shown_name
from ledger.store.engine import reading


def export_audit(
    desk: Desk, out: Path | None, year: int | None, *, full: bool, account: str | None
) -> tuple[dict[str, Any], str]:
    """Write the files; returns what to answer. Raises :class:`~ledger.errors.Refused`."""
    if out is None:
        raise refuse("no_folder", "请用 --out 指定一个文件夹", "--out")
    today = desk.act().today
    wanted = today.year if year is None else year
    if full:
        if not account:
            raise refuse("no_account", "含不公开内容的导出须用 --as 写明以谁的身份导出", "--as")
        actor = sign_in(desk, account)
        with acting_as(desk, actor, "books.print", f"audit.{wanted}"):
            pass  # allowed, and on the trail; writing takes long and must not hold up who posts
    with reading(desk.engine) as conn:
        scope = open_scope(conn, desk.trust_id, wanted, today=today, full=full, shown=shown_name)
        files = write_audit(scope, out)
    told = {"out": str(out), "year": wanted, "full": full, "files": [file.name for file in files]}
    kind = "全部内容" if full else "公开内容"
    return told, f"{wanted} 年的审计数据（{kind}）已导出到 {out}，共 {len(files)} 个文件。{CAVEAT}"
