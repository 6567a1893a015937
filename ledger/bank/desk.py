"""What the matching rules look at: templates, open debts, open payables. Read once a batch."""

from __future__ import annotations

import re
from collections import ChainMap, defaultdict
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass, field, replace
from datetime import date

import msgspec
from sqlalchemy import Connection, func, select

from ledger.balances import balances_by, resolve_clock
from ledger.bank.lines import OpenLine
from ledger.journal import Document
from ledger.store.tables import posting
from ledger.trust.act import Act
from ledger.trust.setup import Setup

_NUMBERS = re.compile(r"\d{1,4}(-\d{1,4}){1,3}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Template:
    """A rule as data: which lines it takes and what the other side of the entry is."""

    name: str
    direction: str
    pattern: re.Pattern[str]
    event: str
    account: str
    summary: str
    accounts: tuple[str, ...]
    dims: Mapping[str, str]
    room: bool
    documents: tuple[Document, ...]
    references: Mapping[str, str]
    payee: str
    grouped: bool
    fees_from: str

    def takes(self, line: OpenLine) -> bool:
        """Whether the rule is about this line."""
        wanted = (line.amount > 0) == (self.direction == "in")
        here = not self.accounts or line.bank_account in self.accounts
        return wanted and here and self.pattern.search(f"{line.memo} {line.counterparty}") is not None


@dataclass(slots=True)
class Desk:
    """What the rules look at; debts shrink as lines are taken."""

    setup: Setup
    closed: Mapping[str, date]
    templates: tuple[Template, ...]
    by_hand: re.Pattern[str] | None
    owed: MutableMapping[str, list[tuple[str, int]]]
    payable: MutableMapping[str, list[tuple[str, int]]]
    vendors: Mapping[str, str]
    rooms: Mapping[tuple[int, ...], str]
    """Units by the numbers in their codes, however a payer writes them."""
    preparer: str
    reviewer: str
    fees: dict[str, list[OpenLine]] = field(default_factory=lambda: defaultdict(list))
    """Lines of grouped templates by bank account, oldest first, until an entry takes them."""

    def trial(self) -> Desk:
        """A desk to try a rule on: what it takes stays on this one."""
        return replace(
            self,
            owed=ChainMap({}, self.owed),
            payable=ChainMap({}, self.payable),
            fees=defaultdict(list, self.fees),
        )


def read_desk(
    conn: Connection, setup: Setup, closed: Mapping[str, date], preparer: str, reviewer: str, act: Act
) -> Desk:
    """Read what the rules need, in a handful of queries."""
    clock = resolve_clock(conn, setup.trust_id, today=act.today)
    owed: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for account in ("112201", "112202"):
        for unit, totals in balances_by(conn, setup.trust_id, "A", account, "unit", clock).items():
            if totals.balance > 0:
                owed[unit].append((account, totals.balance))
    vendors = {value.name: code for (dim, code), value in setup.values.items() if dim == "vendor"}
    return Desk(
        setup=setup,
        closed=closed,
        templates=_templates(setup, act.today),
        by_hand=re.compile(pattern) if (pattern := setup.setting("match_by_hand", act.today)) else None,
        owed=dict(owed),
        payable=_payables(conn, setup.trust_id),
        vendors=vendors,
        rooms=_rooms(setup),
        preparer=preparer,
        reviewer=reviewer,
    )


def _rooms(setup: Setup) -> dict[tuple[int, ...], str]:
    """``03-2-1201`` by (3, 2, 1201); codes that are not numbers alone are left to a person."""
    codes = (code for dimension, code in setup.values if dimension == "unit" and _NUMBERS.fullmatch(code))
    return {tuple(int(part) for part in code.split("-")): code for code in codes}


def _payables(conn: Connection, trust_id: int) -> dict[str, list[tuple[str, int]]]:
    """Open payables by fund and vendor, oldest first: contract and fen."""
    rows = conn.execute(
        select(
            posting.c.fund, posting.c.vendor, posting.c.contract, posting.c.side, func.sum(posting.c.amount), func.min(posting.c.seq)
        )
        .where(posting.c.trust_id == trust_id, posting.c.book == "A", posting.c.account == "220201")
        .group_by(posting.c.fund, posting.c.vendor, posting.c.contract, posting.c.side)
    )  # fmt: skip
    nets: dict[tuple[str, str], int] = defaultdict(int)
    first: dict[tuple[str, str], int] = {}
    for fund, vendor, contract, side, amount, seq in rows:
        key = (f"{fund}:{vendor}", contract)
        nets[key] += int(amount) if side == "C" else -int(amount)
        first[key] = min(seq, first.get(key, seq))
    payable: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for key in sorted(nets, key=lambda item: first[item]):
        if nets[key] > 0:
            payable[key[0]].append((key[1], nets[key]))
    return dict(payable)


def _templates(setup: Setup, today: date) -> tuple[Template, ...]:
    rows = setup.setting("match_templates", today) or []
    return tuple(
        Template(
            name=row["name"],
            direction=row["direction"],
            pattern=re.compile(row["pattern"]),
            event=row["event"],
            account=row["account"],
            summary=row["summary"],
            accounts=tuple(row.get("accounts", ())),
            dims=row.get("dims", {}),
            room=row.get("room", False),
            documents=tuple(msgspec.convert(item, Document) for item in row.get("documents", ())),
            references=row.get("references", {}),
            payee=row.get("payee", ""),
            grouped=row.get("grouped", False),
            fees_from=row.get("fees_from", ""),
        )
        for row in rows
    )
