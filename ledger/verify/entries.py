"""One entry: rebuilt into its public leaf, and held against the rules of bookkeeping."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Row

from ledger.chart import Chart
from ledger.errors import Refused
from ledger.journal.draft import Line, content_hash
from ledger.journal.public_view import entry_ref, leaf_bytes, public_entry
from ledger.journal.read import Stored
from ledger.journal.sealing import SALT_BYTES
from ledger.log.entries import ENTRY_KIND, decode_entry, place
from ledger.log.findings import Findings
from ledger.money import format_yuan
from ledger.verify.differences import borrow_sealed, difference
from ledger.verify.periods import Periods

_NO_SALT = bytes(SALT_BYTES)


@dataclass(frozen=True, slots=True)
class Place:
    """What is stored at one place of the log: leaf, entry with its lines, and the entry's plain row."""

    seq: int
    leaf: Row[Any] | None
    stored: Stored | None
    row: Row[Any] | None


class EntryCheck:
    """Checks entries one after another in the order of the log."""

    def __init__(self, slug: str, chart: Chart, periods: Periods, findings: Findings) -> None:
        self.entries = 0
        self.postings = 0
        self.forgotten = 0
        self.numbers: dict[str, int] = {}
        self._slug = slug
        self._chart = chart
        self._periods = periods
        self._findings = findings
        self._gap = False
        self._uncertain: set[str] = set()

    def check(self, at: Place, targets: Mapping[int, Stored]) -> None:
        """Everything about one place; ``targets`` are the entries it reverses or amends."""
        if at.stored is None:
            self._absent(at)
            return
        stored = at.stored
        self.entries += 1
        self.postings += len(stored.draft.lines)
        try:
            self._number(stored.draft.book, stored.draft.date.year, stored.number, at.seq)
            for code, message in (
                *_plain_row(stored, at.row),
                *_sums(stored),
                *self._correction(stored, targets),
                *self._period(stored),
                *self._published(stored, at.leaf, targets),
            ):
                self._findings.add(code, f"{stored.ref} {message}", place(at.seq, stored.ref))
        except (LookupError, TypeError, ValueError, AttributeError, Refused):
            # only values no bookkeeper could have entered lead here
            message = f"第 {at.seq + 1} 笔的内容无法解读：科目、种类、日期或金额被改成了无效的值。"
            self._findings.add("entry.unreadable", message, place(at.seq))

    def _absent(self, at: Place) -> None:
        """No entry here: right for another kind of leaf, wrong for an entry's."""
        if at.leaf is None:
            self._gap = True
            self._uncertain.update(self.numbers)
            return
        if at.leaf.kind != ENTRY_KIND and not _publishes_entry(bytes(at.leaf.body)):
            return
        try:
            entry = decode_entry(bytes(at.leaf.body))
        except msgspec.MsgspecError:
            entry = None
        ref = entry.ref if entry else ""
        name = f"凭证 {ref}" if ref else "这一笔凭证"
        message = f"公开日志里有{name}，账簿里却没有：这张凭证被删掉了。"
        self._findings.add("entry.missing", message, place(at.seq, ref))
        if entry:
            self._number(entry.book, entry.year, entry.number, at.seq)

    def _number(self, book: str, year: int, number: int, seq: int) -> None:
        key = f"{book}-{year}"
        last = self.numbers.get(key, 0)
        # after a hole in the log nobody knows which number it held: the hole itself is the finding
        excused = number > last and (key in self._uncertain or (self._gap and not last))
        expected = last + 1
        self._uncertain.discard(key)
        self.numbers[key] = number  # go on from here: one gap is one finding
        if number != expected and not excused:
            ref = entry_ref(book, year, number)
            message = (
                f"{ref} 的编号不连续：{year} 年账套 {book} 这里应为第 {expected} 号，实为第 {number} 号。"
            )
            self._findings.add("entry.number", message, place(seq, ref))

    def _period(self, stored: Stored) -> Iterator[tuple[str, str]]:
        draft = stored.draft
        month = self._periods.sealed_before(draft.book, draft.date, stored.seq)
        if month:
            yield "entry.closed_period", f"的业务日期 {draft.date} 在{month}，却是结账以后才记入的。"

    def _correction(self, stored: Stored, targets: Mapping[int, Stored]) -> Iterator[tuple[str, str]]:
        for seq, verb in ((stored.reverses, "冲销"), (stored.amends, "订正")):
            if seq is not None and (seq not in targets or seq >= stored.seq):
                yield "entry.target", f"声称{verb}第 {seq + 1} 笔，但前面没有这张凭证。"
        original = targets.get(-1 if stored.reverses is None else stored.reverses)
        if original is None:
            return
        if original.reverses is not None:
            yield "entry.reverses_reversal", f"冲销的 {original.ref} 本身就是红字凭证。"
        if _mirror(stored.draft.lines, 1) != _mirror(original.draft.lines, -1):
            yield "entry.reverses_inexact", f"与被冲销的 {original.ref} 不是逐行相等、金额相反。"

    def _published(
        self, stored: Stored, leaf: Row[Any] | None, targets: Mapping[int, Stored]
    ) -> Iterator[tuple[str, str]]:
        if leaf is None:
            return
        if leaf.kind != ENTRY_KIND:
            yield "leaf.kind", "在公开日志里没有登记为凭证：登记被改动过。"
        view = public_entry(
            slug=self._slug,
            chart=self._chart,
            seq=stored.seq,
            number=stored.number,
            posted_at=stored.posted_at,
            draft=stored.draft,
            reverses=_ref(targets, stored.reverses),
            amends=_ref(targets, stored.amends),
            salt=_NO_SALT if stored.salt is None else stored.salt,
        )
        body = bytes(leaf.body)
        if stored.salt is None:
            self.forgotten += 1
        if stored.salt is not None and leaf_bytes(view) == body:
            yield from _private(stored)
            return
        published = _decoded(body)
        if published is None:
            yield "leaf.json", "的公开内容不是规范格式，可能被手工改动过。"
            return
        if stored.salt is None:
            borrow_sealed(view, published)
        if leaf_bytes(view) == body:
            yield from _private(stored)
        else:
            found = difference(view, published) or "写法"
            yield "entry.differs", f"与公开日志不符，{found}。账簿或公开日志被改动过。"


def _publishes_entry(body: bytes) -> bool:
    try:
        return decode_entry(body) is not None
    except msgspec.MsgspecError:
        return False


def _private(stored: Stored) -> Iterator[tuple[str, str]]:
    """What is public agrees; the fingerprint covers the rest: memo, key, names and units."""
    if content_hash(stored.draft) != bytes(stored.content_hash):
        yield "entry.content", "的公开内容相符，但不公开的内容（备注、房号、姓名或防重复编号）被改动过。"


def _plain_row(stored: Stored, row: Row[Any] | None) -> Iterator[tuple[str, str]]:
    """Columns that repeat what the lines say, for quick questions."""
    draft = stored.draft
    if row is None or len(draft.lines) < 2 or len(draft.lines) != row.line_count:
        count = 0 if row is None else row.line_count
        yield "entry.lines", f"应有 {count} 行分录，实有 {len(draft.lines)} 行：分录被增加或删掉了。"
    elif row.fiscal_year != draft.date.year or row.total != draft.total:
        yield "entry.row", "登记的年度或合计金额与分录不符：登记被改动过。"


def _sums(stored: Stored) -> Iterator[tuple[str, str]]:
    nets: dict[str, int] = defaultdict(int)
    for no, line in enumerate(stored.draft.lines, start=1):
        nets[line.fund] += line.signed
        total = sum(detail.amount for detail in line.details)
        if line.details and total != line.amount:
            yield (
                "entry.details",
                f"第 {no} 行是 {format_yuan(line.amount)} 元，分户明细合计却是 {format_yuan(total)} 元。",
            )
    for fund, net in nets.items():
        if net:
            yield "entry.balance", f"在基金 {fund} 里借贷不平，相差 {format_yuan(abs(net))} 元。"


def _mirror(lines: tuple[Line, ...], sign: int) -> list[tuple[object, ...]]:
    return [
        (
            line.account,
            line.fund,
            line.side,
            line.dimensions(),
            sign * line.amount,
            [(detail.unit, sign * detail.amount, detail.basis) for detail in line.details],
        )
        for line in lines
    ]


def _ref(targets: Mapping[int, Stored], seq: int | None) -> str:
    return targets[seq].ref if seq is not None and seq in targets else ""


def _decoded(body: bytes) -> dict[str, Any] | None:
    try:
        value = msgspec.json.decode(body)
    except msgspec.MsgspecError:
        return None
    return value if isinstance(value, dict) else None
