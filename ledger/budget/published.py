"""A version in force as the log has it: the record's value, made from our rows and made again to verify."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, func, select

from ledger.budget.codes import INCOME, parse_budget_name
from ledger.budget.lines import Line
from ledger.budget.read import lines_of, list_versions
from ledger.budget.value import Key, Version
from ledger.store.tables import budget_comment


def version_value(conn: Connection, trust_id: int, key: Key) -> Mapping[str, Any]:
    """What is published of one version."""
    return rebuild(conn, trust_id, [key.subject])[key.subject]


def rebuild(conn: Connection, trust_id: int, subjects: Sequence[str]) -> dict[str, Mapping[str, Any]]:
    """The published values again, by subject; those not in force are left out."""
    wanted = {key for subject in subjects if (key := parse_subject(subject)) is not None}
    comments = {
        Key(year, fund, version): int(count)
        for year, fund, version, count in conn.execute(
            select(budget_comment.c.year, budget_comment.c.fund, budget_comment.c.version, func.count())
            .where(budget_comment.c.trust_id == trust_id)
            .group_by(budget_comment.c.year, budget_comment.c.fund, budget_comment.c.version)
        )
    }
    versions = [v for v in list_versions(conn, trust_id) if v.key in wanted and v.adopted is not None]
    lines = lines_of(conn, trust_id, {version.key: version.fixed for version in versions})
    return {
        version.key.subject: _value(version, lines[version.key], comments.get(version.key, 0))
        for version in versions
    }


def parse_subject(subject: str) -> Key | None:
    """The version a subject such as ``2026-F1-v2`` names."""
    name, _, version = subject.rpartition("-v")
    budget = parse_budget_name(name)
    return Key(*budget, int(version)) if budget and version.isascii() and version.isdecimal() else None


def _value(version: Version, lines: Sequence[Line], comments: int) -> Mapping[str, Any]:
    adopted, notice = version.adopted, version.notice
    if adopted is None or notice is None or adopted.effective_on is None:
        raise ValueError(f"{version.key.subject} was never put in force")
    return {
        "year": version.key.year,
        "fund": version.key.fund,
        "version": version.key.version,
        "reason": version.reason,
        "effective_on": adopted.effective_on.isoformat(),
        "decided_by": adopted.body,
        "decision": adopted.decision,
        "notice_from": str(notice.starts_on),
        "notice_to": str(notice.ends_on),
        "comments": comments,
        "income": adopted.income,
        "expense": adopted.expense,
        "free_balance": adopted.free,
        "overrun_reason": notice.note,
        "lines": [
            {
                "code": line.code,
                "kind": "income" if line.kind == INCOME else "expense",
                "title": line.title,
                "accounts": list(line.accounts),
                "price_in_0.0001_yuan": line.price,
                "quantity_in_0.001": line.quantity,
                "unit": line.unit,
                "times": line.times,
                "amount": line.amount,
                "note": line.note,
            }
            for line in lines
        ],
    }
