"""The meaning of the leaves: what must hold for the entries of one trust, whoever publishes them.

One function a rule. The rules need only what came before: a counter for each book and year, and an index of
references, kept in a temporary file so that a million entries take no more memory than a hundred.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Any, Literal

import msgspec
from msgspec import UNSET, UnsetType

from ledger.log.canonical import is_canonical
from ledger.log.findings import Finding

OUR_KINDS = "mingzhang."
ENTRY_KIND = "mingzhang.entry.v1"
_FREE_DIMENSION = "bank_account"
"""The one dimension whose value a reversal may change: money may come back through another account."""


class Detail(msgspec.Struct, frozen=True):
    """A line that stands for ``count`` rows published elsewhere, with the root of their own tree (hex)."""

    count: int
    root: str


class Line(msgspec.Struct, frozen=True):
    """One posting. ``amount`` is in fen; negative is red-letter on the same side (D debit, C credit)."""

    no: int
    account: str
    name: str
    fund: str
    side: Literal["D", "C"]
    amount: int
    dims: dict[str, Any] | UnsetType = UNSET
    sealed: dict[str, str] | UnsetType = UNSET
    detail: Detail | UnsetType = UNSET

    @property
    def signed(self) -> int:
        """Debit minus credit, in fen."""
        return self.amount if self.side == "D" else -self.amount

    def mirror(self, sign: int) -> tuple[object, ...]:
        """What must agree between a line (sign 1) and the line that reverses it (sign -1).

        Sealed values are salted afresh each time, so only their keys can agree.
        """
        dims = {} if self.dims is UNSET else dict(self.dims)
        if _FREE_DIMENSION in dims:
            dims[_FREE_DIMENSION] = None
        sealed = () if self.sealed is UNSET else tuple(sorted(self.sealed))
        return self.account, self.fund, self.side, dims, sealed, sign * self.amount


class Sealed(msgspec.Struct, frozen=True):
    """Salted commitments (hex) to who prepared, who reviewed and, if a household, who paid or was paid."""

    preparer: str
    reviewer: str
    counterparty: str | UnsetType = UNSET


class Entry(msgspec.Struct, frozen=True):
    """An entry as published, as far as the rules read it. Optional keys are left out, never null."""

    trust: str
    seq: int
    ref: str
    book: str
    year: int
    number: int
    date: str
    posted_at: str
    event: str
    summary: str
    lines: tuple[Line, ...]
    sealed: Sealed
    original_date: str | UnsetType = UNSET
    counterparty: str | UnsetType = UNSET
    documents: list[dict[str, Any]] | UnsetType = UNSET
    references: dict[str, Any] | UnsetType = UNSET
    reverses: str | UnsetType = UNSET
    amends: str | UnsetType = UNSET


class Record(msgspec.Struct, frozen=True):
    """Anything published besides entries: a vote, a ballot, a budget. ``subject`` is its public name."""

    kind: str
    trust: str
    seq: int
    recorded_at: str
    subject: str
    value: dict[str, Any]


class _Kind(msgspec.Struct, frozen=True):
    kind: str


_KIND = msgspec.json.Decoder(_Kind)
_ENTRY = msgspec.json.Decoder(Entry)
_RECORD = msgspec.json.Decoder(Record)


def decode_entry(leaf: bytes) -> Entry | None:
    """The entry a leaf publishes, or None for a leaf of another kind. Raises msgspec.MsgspecError."""
    return _ENTRY.decode(leaf) if _KIND.decode(leaf).kind == ENTRY_KIND else None


def decode_record(leaf: bytes) -> Record | None:
    """The record a leaf publishes, or None for an entry or a foreign leaf. Raises msgspec.MsgspecError."""
    kind = _KIND.decode(leaf).kind
    return _RECORD.decode(leaf) if kind.startswith(OUR_KINDS) and kind != ENTRY_KIND else None


def place(index: int, ref: str = "") -> str:
    """Where a leaf stands, as people count: 第 1 笔 is index 0."""
    return f"第 {index + 1} 笔（{ref}）" if ref else f"第 {index + 1} 笔"


def _name(item: Entry | Record) -> str:
    return item.ref if isinstance(item, Entry) else item.subject


class _References:
    """Which leaf bears a reference, which leaf reversed it: in a private file that vanishes on close."""

    def __init__(self) -> None:
        self._db = sqlite3.connect("", isolation_level=None)
        self._db.execute("PRAGMA journal_mode = OFF")
        self._db.execute(
            "CREATE TABLE refs (ref TEXT PRIMARY KEY, leaf INTEGER NOT NULL, reversed INTEGER) WITHOUT ROWID"
        )
        self._db.execute("BEGIN")

    def add(self, ref: str, leaf: int) -> bool:
        """Whether the reference is new."""
        return self._db.execute("INSERT OR IGNORE INTO refs VALUES (?, ?, NULL)", (ref, leaf)).rowcount == 1

    def find(self, ref: str) -> tuple[int, int | None] | None:
        """The leaf that bears it, and the leaf that reversed that one."""
        row: tuple[int, int | None] | None = self._db.execute(
            "SELECT leaf, reversed FROM refs WHERE ref = ?", (ref,)
        ).fetchone()
        return row

    def mark_reversed(self, ref: str, leaf: int) -> None:
        self._db.execute("UPDATE refs SET reversed = ? WHERE ref = ?", (leaf, ref))

    def close(self) -> None:
        self._db.close()


class EntryRules:
    """Checks leaves one after another, in the order of the log.

    ``read_leaf`` gives the bytes of an earlier leaf, or None if the copy lacks it. Use as a context manager.
    """

    def __init__(self, read_leaf: Callable[[int], bytes | None]) -> None:
        self.entries = 0
        self._read_leaf = read_leaf
        self._trust: str | None = None
        self._numbers: dict[tuple[str, int], int] = defaultdict(int)
        self._gaps = False
        self._references = _References()

    def __enter__(self) -> EntryRules:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._references.close()

    def skip(self) -> None:
        """Tell of a leaf that is missing or unreadable: what it held must not raise alarms further on."""
        self._gaps = True
        self._numbers.clear()

    def check(self, index: int, leaf: bytes) -> Iterator[Finding]:
        """Everything wrong with the meaning of leaf ``index``. Consume it before the next leaf."""
        if not is_canonical(leaf):
            self.skip()
            yield Finding(
                "leaf.json", "这一笔的写法不符合规范格式（RFC 8785），可能被手工改动过。", place(index)
            )
            return
        try:
            entry = decode_entry(leaf)
        except (msgspec.MsgspecError, RecursionError):
            self.skip()
            yield Finding("entry.schema", "这一笔缺少必要的内容，或者内容的类型不对。", place(index))
            return
        if entry is None:
            yield from self._record(index, leaf)
            return
        self.entries += 1
        for rule in (self._position, self._one_trust, self._balance, self._number):
            yield from rule(index, entry)
        yield from self._amendment(index, entry)
        yield from self._reversal(index, entry)
        if not self._references.add(entry.ref, index):
            yield Finding("entry.ref", "凭证号与前面的另一笔重复。", place(index, entry.ref))

    def _record(self, index: int, leaf: bytes) -> Iterator[Finding]:
        """What is published besides entries has its place, its trust, and a name of its own."""
        try:
            record = decode_record(leaf)
        except (msgspec.MsgspecError, RecursionError):
            yield Finding("record.schema", "这一条公布的内容缺少必要的项目，或者类型不对。", place(index))
            return
        if record is None:
            return
        for rule in (self._position, self._one_trust):
            yield from rule(index, record)
        if not self._references.add(f"{record.kind} {record.subject}", index):
            yield Finding("record.subject", "与前面公布的另一条重名。", place(index, record.subject))

    def _position(self, index: int, item: Entry | Record) -> Iterator[Finding]:
        if item.seq != index:
            message = f"这一笔自称排在第 {item.seq + 1} 位，实际排在第 {index + 1} 位。"
            yield Finding("entry.seq", message, place(index, _name(item)))

    def _one_trust(self, index: int, item: Entry | Record) -> Iterator[Finding]:
        if self._trust is None:
            self._trust = item.trust
        if item.trust != self._trust:
            message = f"这一笔属于另一个信托“{item.trust}”，混进了“{self._trust}”的账。"
            yield Finding("entry.trust", message, place(index, _name(item)))

    def _balance(self, index: int, entry: Entry) -> Iterator[Finding]:
        sums: dict[str, int] = defaultdict(int)
        for line in entry.lines:
            sums[line.fund] += line.signed
        for fund, total in sums.items():
            if total:
                message = f"资金“{fund}”借贷不平，相差 {_yuan(total)} 元。"
                yield Finding("entry.balance", message, place(index, entry.ref))

    def _number(self, index: int, entry: Entry) -> Iterator[Finding]:
        key = (entry.book, entry.year)
        unknown = self._gaps and key not in self._numbers
        expected = entry.number if unknown else self._numbers[key] + 1
        self._numbers[key] = entry.number  # go on from here: one gap is one finding
        if entry.number != expected:
            message = (
                f"{entry.year} 年“{entry.book}”账簿的凭证编号不连续：应为 {expected}，实为 {entry.number}。"
            )
            yield Finding("entry.number", message, place(index, entry.ref))

    def _amendment(self, index: int, entry: Entry) -> Iterator[Finding]:
        if entry.amends is UNSET or self._gaps:
            return
        if self._references.find(entry.amends) is None:
            message = f"这一笔声称订正 {entry.amends}，但前面没有这张凭证。"
            yield Finding("entry.amends_unknown", message, place(index, entry.ref))

    def _reversal(self, index: int, entry: Entry) -> Iterator[Finding]:
        if entry.reverses is UNSET:
            return
        ref, where = entry.reverses, place(index, entry.ref)
        found = self._references.find(ref)
        if found is None and self._gaps:
            return
        if found is None:
            yield Finding("entry.reverses_unknown", f"这一笔声称冲销 {ref}，但前面没有这张凭证。", where)
            return
        target, reversed_by = found
        if reversed_by is not None:
            message = f"{ref} 已经被第 {reversed_by + 1} 笔冲销过，又被冲销一次。"
            yield Finding("entry.reverses_twice", message, where)
            return
        self._references.mark_reversed(ref, index)
        original = self._entry_at(target)
        if original is None:  # missing or malformed: reported where it stands
            return
        if original.reverses is not UNSET:
            yield Finding("entry.reverses_reversal", f"{ref} 本身是红字冲销，不能再冲销。", where)
        if [line.mirror(-1) for line in entry.lines] != [line.mirror(1) for line in original.lines]:
            yield Finding("entry.reverses_inexact", f"红字冲销与 {ref} 不是逐行相等、金额相反。", where)

    def _entry_at(self, index: int) -> Entry | None:
        leaf = self._read_leaf(index)
        try:
            return None if leaf is None else _ENTRY.decode(leaf)
        except (msgspec.MsgspecError, RecursionError):
            return None


def _yuan(fen: int) -> str:
    yuan, rest = divmod(abs(fen), 100)
    return f"{yuan}.{rest:02d}"
