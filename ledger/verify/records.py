"""Records: every leaf that is not an entry is made again from the rows behind it, and compared."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, select

from ledger.errors import Refused
from ledger.log.entries import ENTRY_KIND, OUR_KINDS, decode_record, place
from ledger.log.findings import Findings
from ledger.records import Value, record_body, record_kinds
from ledger.store.tables import record as record_table


class RecordCheck:
    """Checks the records of one stretch of the log after another."""

    def __init__(self, conn: Connection, trust_id: int, slug: str, findings: Findings) -> None:
        self.records = 0
        self._conn = conn
        self._trust_id = trust_id
        self._slug = slug
        self._findings = findings

    def check(self, low: int, high: int, leaves: Mapping[int, Row[Any]]) -> None:
        """The records among the leaves of places ``low`` up to ``high``."""
        rows = {row.seq: row for row in self._rows(low, high)}
        rebuilt = self._rebuilt(list(rows.values()))
        for seq, row in rows.items():
            self._compare(seq, row, leaves.get(seq), rebuilt.get((row.kind, row.subject)))
        for seq, leaf in leaves.items():
            if leaf.kind.startswith(OUR_KINDS) and leaf.kind != ENTRY_KIND and seq not in rows:
                message = f"公开日志里第 {seq + 1} 笔公布的内容没有登记：登记被删掉了。"
                self._findings.add("record.missing", message, place(seq))

    def _rows(self, low: int, high: int) -> Sequence[Row[Any]]:
        query = select(record_table).where(
            record_table.c.trust_id == self._trust_id,
            record_table.c.seq >= low,
            record_table.c.seq < high,
        )
        return self._conn.execute(query.order_by(record_table.c.seq)).all()

    def _rebuilt(self, rows: Sequence[Row[Any]]) -> dict[tuple[str, str], Value]:
        """What the rows behind the records say today; one call a kind. Unreadable rows say nothing."""
        subjects: dict[str, list[str]] = defaultdict(list)
        for row in rows:
            if row.kind in record_kinds():
                subjects[row.kind].append(row.subject)
        found: dict[tuple[str, str], Value] = {}
        for kind, names in subjects.items():
            rebuild = record_kinds()[kind].rebuild
            try:
                values = rebuild(self._conn, self._trust_id, names)
            except (LookupError, TypeError, ValueError, AttributeError, Refused, msgspec.MsgspecError):
                # only values nobody could have entered lead here
                title = record_kinds()[kind].title
                self._findings.add("record.unreadable", f"“{title}”背后的数据无法解读：被改动过。", title)
                continue
            found.update(((kind, name), value) for name, value in values.items())
        return found

    def _compare(self, seq: int, row: Row[Any], leaf: Row[Any] | None, value: Value | None) -> None:
        if leaf is None:
            return  # the hole itself is the finding
        self.records += 1
        where = place(seq, row.subject)
        kind = record_kinds().get(row.kind)
        if kind is None or leaf.kind != kind.leaf_kind:
            self._findings.add("record.kind", "公布内容的种类与登记不符：登记被改动过。", where)
        elif value is None:
            self._findings.add("record.rows", f"“{kind.title}”背后的数据被删掉了，或者无法解读。", where)
        elif record_body(kind.leaf_kind, self._slug, seq, row.recorded_at, row.subject, value) != bytes(
            leaf.body
        ):
            what = _difference(bytes(leaf.body), value)
            message = f"“{kind.title}”与公开日志不符{what}。背后的数据或公开日志被改动过。"
            self._findings.add("record.differs", message, where)


def _difference(body: bytes, value: Value) -> str:
    """Which parts of the published value are not what the rows say."""
    try:
        published = decode_record(body)
    except msgspec.MsgspecError:
        published = None
    if published is None:
        return ""
    names = sorted(
        name for name in {*published.value, *value} if published.value.get(name) != value.get(name)
    )
    return f"（{'、'.join(names)}）" if names else ""
