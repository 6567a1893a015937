"""A small community with everything a posting may name, and drafts of its everyday business.

`open_books(engine)` opens a trust and gives a `Books`, which posts and asks in one line each. Builders make
drafts that are right; a test changes the one thing it is about. Amounts are fen.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import count
from random import Random
from typing import Any, Literal

import msgspec
from hypothesis import Phase, settings
from sqlalchemy import Connection, Engine, func, select

from ledger.balances import Totals, resolve_clock, trial_balance
from ledger.journal import Detail, Document, Draft, Line, Posted, amend, post, post_many, reverse
from ledger.journal.head import peek_head
from ledger.journal.read import Stored, find_seq, read_entry
from ledger.log.tree import Frontier, leaf_hash
from ledger.periods import close_period, close_year_entries
from ledger.periods.close import ClosedPeriod
from ledger.store.engine import reading, writing
from ledger.store.tables import APPEND_ONLY, entry, entry_salt, leaf, record
from ledger.trust import (
    Act,
    BankAccount,
    Contract,
    Deed,
    Unit,
    add_bank_accounts,
    add_contracts,
    add_dimension_values,
    add_units,
    open_trust,
    record_setting,
)
from tests.decisions import note_decision

OPENED = date(2024, 1, 1)
TODAY = date(2025, 6, 30)
DAY = date(2025, 3, 10)
UNITS = ("1-101", "1-102", "2-201")
FUND_USE, SITE_USE, MAJOR = "业决〔2024〕1号", "业决〔2024〕2号", "业决〔2024〕3号"
TRUSTEE = "业决〔2024〕4号"
DECISIONS = {
    FUND_USE: "use_maintenance_fund",
    SITE_USE: "shared_use",
    MAJOR: "other",
    TRUSTEE: "trustee_selection",
}
"""What the owners have decided, by number."""
HOLDER = "明和苑业主大会共有资金"
BANK = {"F1": "F1-CCB", "F2": "F2-CMB", "F3": "F3-ICBC", "F4": "F4-CCB", "F5": "F5-CMB", "M": "M-ICBC"}
CASH = {"F1": "100201", "F2": "100202", "F3": "100203", "F4": "100204", "F5": "100205", "M": "1001"}
PREPARER, REVIEWER = "会计甲", "审核乙"

_random = Random(20250301)
_keys = count(1)


def some(share: float) -> settings:
    """That part of the examples Hypothesis would try: for tests whose every example opens books.

    A failure is shown as it was found: making it smaller would open books for many minutes.
    """
    unshrunk = [phase for phase in settings().phases if phase not in (Phase.shrink, Phase.explain)]
    return settings(max_examples=max(4, int(settings().max_examples * share)), phases=unshrunk)


def act(today: date = TODAY) -> Act:
    """Ten in the morning of a day in China; the random bytes are the same in every run."""
    return Act(datetime(today.year, today.month, today.day, 2, tzinfo=UTC), _random.randbytes)


# --- Drafts -------------------------------------------------------------------------------------------------


def line(side: Literal["D", "C"], account: str, amount: int, fund: str = "F1", **named: Any) -> Line:
    return Line(account, fund, side, amount, **named)


def cash(side: Literal["D", "C"], amount: int, fund: str = "F1") -> Line:
    """A posting to the bank account of a fund."""
    return line(side, CASH[fund], amount, fund, bank_account=BANK[fund])


def draft(event: str, lines: Iterable[Line], *kinds: str, **changes: Any) -> Draft:
    """A draft with documents of these kinds; invoices get a number of their own."""
    number = next(_keys)
    documents = tuple(
        Document(kind, number=f"25{number:018d}" if kind == "invoice" else "", original=f"{number:064x}")
        for kind in kinds
    )
    values: dict[str, Any] = {
        "book": "A",
        "date": DAY,
        "event": event,
        "summary": "日常业务",
        "lines": tuple(lines),
        "preparer": PREPARER,
        "reviewer": REVIEWER,
        "key": f"k{number}",
        "documents": documents,
    }
    return Draft(**(values | changes))


def fee_charge(
    parts: Sequence[tuple[str, int]] = (("1-101", 100_00), ("1-102", 200_00)), **changes: Any
) -> Draft:
    """A month's property fee charged to households, one detail each."""
    details = tuple(Detail(unit, amount, "按面积") for unit, amount in parts)
    total = sum(amount for _, amount in parts)
    lines = (line("D", "112201", total, details=details), line("C", "400101", total, details=details))
    return draft("E01", lines, "charge_list", **({"references": {"fee_standard": "2025版"}} | changes))


def fee_receipt(amount: int = 100_00, unit: str = "1-101", **changes: Any) -> Draft:
    """A household pays its fee by bank."""
    return draft("E02", [cash("D", amount), line("C", "112201", amount, unit=unit)], "bank_line", **changes)


def invoice(amount: int = 1_000_00, account: str = "500501", number: str = "", **changes: Any) -> Draft:
    """A vendor's invoice for work accepted."""
    lines = [line("D", account, amount), line("C", "220201", amount, vendor="V1", contract="C1")]
    made = draft("E11a", lines, "invoice", "acceptance", **({"references": {"contract": "C1"}} | changes))
    if number:
        first, *rest = made.documents
        made = changed(made, documents=(msgspec.structs.replace(first, number=number), *rest))
    return made


def payment(amount: int = 1_000_00, vendor: str = "V1", **changes: Any) -> Draft:
    """A vendor is paid."""
    lines = [line("D", "220201", amount, vendor=vendor, contract="C1"), cash("C", amount)]
    return draft("E11b", lines, "bank_line", **changes)


def petty(amount: int = 50_00, account: str = "5007", **changes: Any) -> Draft:
    """Office expense from petty cash."""
    return draft("E13b", [line("D", account, amount), line("C", "122101", amount, party="STAFF")], "expense_sheet", **changes)  # fmt: skip


def interest(amount: int = 12_34, fund: str = "F2", **changes: Any) -> Draft:
    return draft("E16", [cash("D", amount, fund), line("C", "4101", amount, fund)], "bank_line", **changes)


def deposit(amount: int = 2_000_00, unit: str = "1-101", **changes: Any) -> Draft:
    """A household's decoration deposit."""
    return draft("E08a", [cash("D", amount, "F3"), line("C", "224101", amount, "F3", unit=unit)], "receipt", **changes)  # fmt: skip


def pass_through(amount: int = 80_00, unit: str = "1-101", **changes: Any) -> Draft:
    """Water fee collected for the water works."""
    return draft("E09a", [cash("D", amount, "F4"), line("C", "224103", amount, "F4", unit=unit)], "receipt", **changes)  # fmt: skip


def project_money(amount: int = 300_00, project: str = "P1", **changes: Any) -> Draft:
    lines = [cash("D", amount, "F5"), line("C", "4301", amount, "F5", project=project)]
    return draft("E24", lines, "bank_line", **({"references": {"project": project}} | changes))


def contribution(parts: Sequence[tuple[str, int]] = (("1-101", 4_000_00), ("1-102", 4_000_00)), **changes: Any) -> Draft:  # fmt: skip
    """Owners pay into the maintenance fund."""
    details = tuple(Detail(unit, amount, "交存") for unit, amount in parts)
    total = sum(amount for _, amount in parts)
    lines = (cash("D", total, "M"), line("C", "4001", total, "M", details=details))
    return draft("E23a", lines, "bank_line", **({"book": "M"} | changes))


def maintenance(
    parts: Sequence[tuple[str, int]] = (("1-101", 600_00), ("1-102", 400_00)), **changes: Any
) -> Draft:
    """The maintenance fund pays for a repair, each household its part."""
    details = tuple(Detail(unit, amount, "按面积分摊") for unit, amount in parts)
    total = sum(amount for _, amount in parts)
    lines = (line("D", "5001", total, "M", details=details), cash("C", total, "M"))
    shown: dict[str, Any] = {"book": "M", "references": {"resolution": FUND_USE}}
    return draft("E23c", lines, "plan", "apportionment", "filing", **(shown | changes))


def changed(original: Draft, **changes: Any) -> Draft:
    return msgspec.structs.replace(original, **changes)


def with_line(original: Draft, no: int, **changes: Any) -> Draft:
    """The draft with line ``no`` (from 1) changed."""
    lines = list(original.lines)
    lines[no - 1] = msgspec.structs.replace(lines[no - 1], **changes)
    return changed(original, lines=tuple(lines))


# --- Books --------------------------------------------------------------------------------------------------


def open_books(engine: Engine, trust_id: int = 1, **settings: Any) -> Books:
    """Open a trust with units, accounts, vendors, contracts, parties, a site, a project and settings."""
    with writing(engine) as conn:
        opening(conn, trust_id, **settings)
    return Books(engine, trust_id)


def opening(conn: Connection, trust_id: int, **settings: Any) -> None:
    now = act(OPENED)
    deed = Deed(OPENED, "提供物业服务", "委托人、受托人", "全体业主", "物业费、公共收益", "按面积", "决议1号")
    open_trust(
        conn,
        trust_id=trust_id,
        slug=f"trust-{trust_id}",
        name="明和苑",
        trustee="锦安物业服务有限公司",
        host="mingzhang.example",
        opened_on=OPENED,
        deed=deed,
        act=now,
    )
    add_units(conn, trust_id, [Unit(unit, unit.split("-")[0], "home", 90_00) for unit in UNITS])
    accounts = [
        BankAccount(BANK[f], "bank", "M" if f == "M" else "A", f, CASH[f], f"{f}专户", HOLDER, f"62{n:014d}")
        for n, f in enumerate(BANK)
    ]
    accounts.append(BankAccount("F1-WX", "channel", "A", "F1", "101201", "微信支付", HOLDER, "1600000001"))
    add_bank_accounts(conn, trust_id, accounts)
    add_dimension_values(
        conn,
        trust_id,
        "vendor",
        [{"code": "V1", "name": "电梯公司"}, {"code": "V2", "name": "受托人子公司", "related": True}],
    )
    for dimension, codes in {
        "party": ("TRUSTEE", "STAFF", "PAYER"),
        "site": ("S1",),
        "project": ("P1", "P2"),
    }.items():
        add_dimension_values(conn, trust_id, dimension, [{"code": c, "name": c} for c in codes])
    add_contracts(
        conn,
        trust_id,
        [
            Contract("C1", "电梯维保", "V1", "", OPENED, None),
            Contract("R1", "广告", "PAYER", "S1", OPENED, None),
        ],
    )
    for number, matter in DECISIONS.items():
        note_decision(conn, trust_id, number, matter)
    for name, value in {"pay_beyond_books": True, **settings}.items():  # most tests pay out of nothing
        record_setting(conn, trust_id, name, value, effective_on=OPENED, authority="信托文件", act=now)


@dataclass(frozen=True)
class Books:
    """One trust on one engine; every method is a transaction of its own."""

    engine: Engine
    trust_id: int

    def post(self, one: Draft, today: date = TODAY) -> Posted:
        with writing(self.engine) as conn:
            return post(conn, self.trust_id, one, act(today))

    def post_many(self, drafts: Sequence[Draft], today: date = TODAY) -> list[Posted]:
        with writing(self.engine) as conn:
            return post_many(conn, self.trust_id, drafts, act(today))

    def reverse(
        self, ref: str, on: date = TODAY, key: str = "", today: date = TODAY, reason: str = "记错"
    ) -> Posted:
        with writing(self.engine) as conn:
            return reverse(
                conn,
                self.trust_id,
                ref,
                on=on,
                reason=reason,
                preparer=PREPARER,
                reviewer=REVIEWER,
                key=key or f"k{next(_keys)}",
                act=act(today),
            )

    def amend(self, ref: str, corrected: Draft, today: date = TODAY) -> list[Posted]:
        with writing(self.engine) as conn:
            return amend(conn, self.trust_id, ref, corrected, act(today))

    def close(self, period: int, book: str = "A", today: date = TODAY) -> ClosedPeriod:
        with writing(self.engine) as conn:
            return close_period(conn, self.trust_id, book, period, by=REVIEWER, act=act(today))

    def close_year(self, year: int, book: Literal["A", "M"] = "A", today: date = TODAY) -> list[Posted]:
        with writing(self.engine) as conn:
            return close_year_entries(
                conn, self.trust_id, book, year, preparer=PREPARER, reviewer=REVIEWER, act=act(today)
            )

    def stored(self, ref: str) -> Stored:
        with reading(self.engine) as conn:
            return read_entry(conn, self.trust_id, find_seq(conn, self.trust_id, ref))

    def trial(
        self, as_of: date | None = None, known_at: int | None = None, book: str = "A", today: date = TODAY
    ) -> dict[tuple[str, str], int]:
        """Debit minus credit by account and fund; what is nil is left out."""
        return {key: t.balance for key, t in self.totals(as_of, known_at, book, today).items() if t.balance}

    def totals(
        self, as_of: date | None = None, known_at: int | None = None, book: str = "A", today: date = TODAY
    ) -> dict[tuple[str, str], Totals]:
        with reading(self.engine) as conn:
            clock = resolve_clock(conn, self.trust_id, today=today, as_of=as_of, known_at=known_at)
            return {(r.account, r.fund): r.totals for r in trial_balance(conn, self.trust_id, book, clock)}

    def balance(self, account: str, fund: str = "F1", book: str = "A") -> int:
        return self.trial(book=book).get((account, fund), 0)

    def footprint(self) -> dict[str, Any]:
        """How many rows every table of the books has, and the head: to see that nothing was written."""
        with reading(self.engine) as conn:
            rows: dict[str, Any] = {
                table.name: conn.scalar(select(func.count()).select_from(table))
                for table in (*APPEND_ONLY, entry_salt)
            }
            head = peek_head(conn, self.trust_id)
            return rows | {"head": (head.tree.size, head.tree.to_bytes(), head.numbers, head.closed)}

    def check_log(self) -> int:
        """Head, leaves, entries and numbers agree; the number of entries."""
        with reading(self.engine) as conn:
            return check_log(conn, self.trust_id)


def check_log(conn: Connection, trust_id: int) -> int:
    head = peek_head(conn, trust_id)
    tree = Frontier()
    leaves = conn.execute(select(leaf).where(leaf.c.trust_id == trust_id).order_by(leaf.c.seq)).all()
    assert [row.seq for row in leaves] == list(range(head.tree.size)), "the log has gaps"
    for row in leaves:
        assert bytes(row.hashes) == tree.append(leaf_hash(row.body)), f"hashes of leaf {row.seq} are wrong"
    assert tree.to_bytes() == head.tree.to_bytes(), "the head's frontier is not that of the leaves"
    entries = conn.execute(select(entry).where(entry.c.trust_id == trust_id).order_by(entry.c.seq)).all()
    recorded = conn.execute(select(record.c.seq).where(record.c.trust_id == trust_id)).scalars()
    places = sorted([*(row.seq for row in entries), *recorded])
    assert places == list(range(head.tree.size)), "entries, records and leaves differ"
    numbers: dict[str, int] = {}
    for row in entries:
        key = f"{row.book}-{row.fiscal_year}"
        numbers[key] = numbers.get(key, 0) + 1
        assert row.number == numbers[key], f"{key} jumps to {row.number}"
        view = msgspec.json.decode(leaves[row.seq].body)
        assert (view["seq"], view["book"], view["number"]) == (row.seq, row.book, row.number)
    assert numbers == head.numbers, "the head's numbers are not those of the entries"
    return len(entries)
