"""Checks of what becomes public for ever, and of papers that are named."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, select

from ledger.errors import Problem
from ledger.journal.privacy import private_data_in
from ledger.store.tables import document as document_table


def text_problems(text: str, where: str, *, longest: int, needed: bool = True) -> list[Problem]:
    """What is wrong with a text that is to be published."""
    problems = []
    if needed and not text.strip():
        problems.append(Problem("empty_field", f"请填写{where}", where))
    if len(text) > longest:
        problems.append(Problem("too_long", f"{where}最多 {longest} 个字，现在是 {len(text)} 个", where))
    if found := private_data_in(text):
        problems.append(Problem("private_data", f"{where}会公开，不能写{'、'.join(found)}，请改写", where))
    return problems


def document_problems(conn: Connection, trust_id: int, digests: Collection[str], where: str) -> list[Problem]:
    """Which of these papers (SHA-256 in hex) are not kept here; one query."""
    wanted = {digest for digest in digests if digest}
    if not wanted:
        return []
    known = conn.execute(
        select(document_table.c.sha256).where(
            document_table.c.trust_id == trust_id, document_table.c.sha256.in_(wanted)
        )
    ).scalars()
    missing = wanted - set(known)
    return [
        Problem("unknown_document", f"没有这份扫描件（{digest[:12]}…），请先上传", where)
        for digest in sorted(missing)
    ]
