"""Turn bank lines into entries by rules, in this order, each with its reason.

0. A memo that the setting ``match_by_hand`` names is always left to a person.
1. A setting's template (``match_templates``): interest, fees, transfers with fixed accounts.
2. Money in with a known room number: a household's payment, oldest debt first, the rest paid ahead.
3. Money out to a vendor whose payable is open: payment of that vendor.
4. Money in that nothing explains: 待查款 (224105), to be cleared later. Money out stays open for a person.

Rules are data or one function each; what they decide is an ordinary draft that passes the same checks
as one typed by hand.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import msgspec
from sqlalchemy import Connection, func, select

from ledger.balances import balances_by, resolve_clock
from ledger.bank.lines import OpenLine, link, open_lines
from ledger.errors import refuse
from ledger.journal import Document, Draft, Line
from ledger.journal.head import lock_head
from ledger.journal.post import Posted, Progress, post_many
from ledger.store.tables import bank_match, posting
from ledger.trust.act import Act
from ledger.trust.setup import Setup, load_setup

_ROOM = re.compile(r"(?<!\d)(\d{1,2})[-－—栋幢](\d{1,2})[-－—单元]+(\d{3,4})(?!\d)")
UNKNOWN_PARTY = "UNKNOWN"


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


@dataclass(slots=True)
class Matched:
    """What was decided: entries by rule, and the lines left for a person."""

    by_rule: Counter[str] = field(default_factory=Counter)
    left: list[OpenLine] = field(default_factory=list)


@dataclass(slots=True)
class _Desk:
    """What the rules look at; debts shrink as lines are taken."""

    setup: Setup
    closed: Mapping[str, date]
    templates: tuple[Template, ...]
    by_hand: re.Pattern[str] | None
    owed: dict[str, list[tuple[str, int]]]
    payable: dict[str, list[tuple[str, int]]]
    vendors: Mapping[str, str]
    preparer: str
    reviewer: str


def match_lines(
    conn: Connection,
    trust_id: int,
    *,
    preparer: str,
    reviewer: str,
    act: Act,
    until: date | None = None,
    progress: Progress | None = None,
) -> Matched:
    """Post every open line that a rule explains, all or nothing; report the rest."""
    head = lock_head(conn, trust_id)
    desk = _desk(conn, load_setup(conn, trust_id, head.setup_version), head.closed, preparer, reviewer, act)
    result = Matched()
    taken: list[tuple[OpenLine, str]] = []
    drafts: list[Draft] = []
    for line in open_lines(conn, trust_id, until=until):
        found = _decide(desk, line)
        if found is None:
            result.left.append(line)
            continue
        rule, draft = found
        taken.append((line, rule))
        drafts.append(draft)
        result.by_rule[rule] += 1
    posted = post_many(conn, trust_id, drafts, act, progress=progress) if drafts else []
    link(conn, trust_id, [(line, p.seq, rule) for (line, rule), p in zip(taken, posted, strict=True)], act)
    return result


def post_lines(conn: Connection, trust_id: int, lines: Sequence[OpenLine], draft: Draft, act: Act) -> Posted:
    """Post the entry a person chose for one or several lines; its cash must be exactly their money.

    Raises :class:`~ledger.errors.Refused`.
    """
    for line in lines:
        cash = sum(x.signed for x in draft.lines if x.bank_account == line.bank_account)
        if cash != line.amount:
            raise refuse("not_this_line", f"凭证里“{line.bank}”的金额与这条流水不符", "金额")
    posted = post_many(conn, trust_id, [draft], act)[0]
    link(conn, trust_id, [(line, posted.seq, "by-hand") for line in lines], act)
    return posted


def draft_for(line: OpenLine, closed: Mapping[str, date], **fields: Any) -> Draft:
    """A draft on the line's day, or on the first open day with the true one kept beside it."""
    shut = closed.get(line.book)
    late = shut is not None and line.on <= shut
    return Draft(
        book=line.book,  # type: ignore[arg-type]
        date=shut + timedelta(days=1) if shut is not None and late else line.on,
        original_date=line.on if late else None,
        key=line.entry_key,
        **fields,
    )


def bank_document(line: OpenLine) -> Document:
    """The source document of an entry made from a statement line: the file, and the sealed flow number."""
    kind, title = ("bank_line", "银行流水") if line.kind == "bank" else ("channel_line", "渠道流水")
    return Document(kind, f"{line.bank}{title}", number=line.flow_no or line.line_key, original=line.sha256)


def cash_line(line: OpenLine) -> Line:
    """The cash side of the entry: bank account or channel in transit."""
    side = "D" if line.amount > 0 else "C"
    return Line(line.account, line.fund, side, abs(line.amount), bank_account=line.bank_account)  # type: ignore[arg-type]


def room_in(text: str) -> str | None:
    """A unit code such as ``03-2-1201`` from a memo such as ``3栋2单元1201物业费`` or ``3-2-1201``."""
    match = _ROOM.search(text)
    if match is None:
        return None
    building, entrance, room = match.groups()
    return f"{int(building):02d}-{int(entrance)}-{int(room):04d}"


# -- rules -------------------------------------------------------------------------------------------


def _decide(desk: _Desk, line: OpenLine) -> tuple[str, Draft] | None:
    if desk.by_hand is not None and desk.by_hand.search(line.memo):
        return None
    for rule in (_by_template, _household_payment, _vendor_payment, _to_be_cleared):
        found = rule(desk, line)
        if found is not None:
            return found
    return None


def _by_template(desk: _Desk, line: OpenLine) -> tuple[str, Draft] | None:
    text = f"{line.memo} {line.counterparty}"
    for template in desk.templates:
        wanted = (line.amount > 0) == (template.direction == "in")
        here = not template.accounts or line.bank_account in template.accounts
        if not (wanted and here and template.pattern.search(text)):
            continue
        dims = dict(template.dims)
        if template.room:
            unit = room_in(line.memo)
            if unit is None or ("unit", unit) not in desk.setup.values:
                continue
            dims["unit"] = unit
        side = "C" if line.amount > 0 else "D"
        other = Line(template.account, line.fund, side, abs(line.amount), **dims)  # type: ignore[arg-type]
        fields: dict[str, Any] = {
            "event": template.event,
            "summary": template.summary.format(bank=line.bank, month=f"{line.on.month}月"),
            "lines": (cash_line(line), other) if line.amount > 0 else (other, cash_line(line)),
            "documents": (bank_document(line), *template.documents),
            "references": template.references,
            "counterparty": template.payee or line.counterparty,
            "counterparty_public": bool(template.payee),
        }
        return f"template:{template.name}", _draft(desk, line, fields)
    return None


def _household_payment(desk: _Desk, line: OpenLine) -> tuple[str, Draft] | None:
    if line.amount <= 0 or line.fund != "F1":
        return None
    unit = room_in(line.memo)
    if unit is None or ("unit", unit) not in desk.setup.values:
        return None
    left, lines = line.amount, [cash_line(line)]
    debts = desk.owed.get(unit, [])
    for place, (account, owed) in enumerate(debts):
        part = min(owed, left)
        if part > 0:
            lines.append(Line(account, "F1", "C", part, unit=unit))
            debts[place] = (account, owed - part)
            left -= part
    if left:
        lines.append(Line("220301", "F1", "C", left, unit=unit))
    only_ahead = left == line.amount
    event = "E04a" if only_ahead else "E02b" if line.kind == "channel" else "E02"
    what = "预交物业费" if only_ahead else "物业费"
    fields: dict[str, Any] = {
        "event": event,
        "summary": f"收到业主{what}（{line.bank}）",
        "lines": tuple(lines),
        "documents": (bank_document(line),),
        "counterparty": line.counterparty,
    }
    return "household", _draft(desk, line, fields)


def _vendor_payment(desk: _Desk, line: OpenLine) -> tuple[str, Draft] | None:
    vendor = desk.vendors.get(line.counterparty) if line.amount < 0 else None
    if vendor is None:
        return None
    left = -line.amount
    lines = []
    open_items = desk.payable.get(f"{line.fund}:{vendor}", [])
    for place, (contract, owed) in enumerate(open_items):
        part = min(owed, left)
        if part > 0:
            lines.append(Line("220201", line.fund, "D", part, vendor=vendor, contract=contract))
            open_items[place] = (contract, owed - part)
            left -= part
    if left or not lines:
        return None
    title = desk.setup.values["contract", lines[0].contract].name
    references = {"co_sign": "受托人与业委会代表双签"} if "双签" in line.memo else {}
    fields: dict[str, Any] = {
        "event": "E11b",
        "summary": f"付给{line.counterparty}：{title}",
        "lines": (*lines, cash_line(line)),
        "documents": (bank_document(line),),
        "references": references,
        "counterparty": line.counterparty,
        "counterparty_public": True,
    }
    return "vendor", _draft(desk, line, fields)


def _to_be_cleared(desk: _Desk, line: OpenLine) -> tuple[str, Draft] | None:
    if line.amount <= 0 or line.book != "A":
        return None
    fields: dict[str, Any] = {
        "event": "E25a",
        "summary": f"收到一笔待查款（{line.bank}），付款人和用途待核实",
        "lines": (cash_line(line), Line("224105", line.fund, "C", line.amount, party=UNKNOWN_PARTY)),
        "documents": (bank_document(line),),
        "counterparty": line.counterparty,
    }
    return "to-be-cleared", _draft(desk, line, fields)


def _draft(desk: _Desk, line: OpenLine, fields: dict[str, Any]) -> Draft:
    return draft_for(line, desk.closed, preparer=desk.preparer, reviewer=desk.reviewer, **fields)


# -- what the rules look at ----------------------------------------------------------------------------


def _desk(
    conn: Connection, setup: Setup, closed: Mapping[str, date], preparer: str, reviewer: str, act: Act
) -> _Desk:
    clock = resolve_clock(conn, setup.trust_id, today=act.today)
    owed: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for account in ("112201", "112202"):
        for unit, totals in balances_by(conn, setup.trust_id, "A", account, "unit", clock).items():
            if totals.balance > 0:
                owed[unit].append((account, totals.balance))
    vendors = {value.name: code for (dim, code), value in setup.values.items() if dim == "vendor"}
    return _Desk(
        setup=setup,
        closed=closed,
        templates=_templates(setup, act.today),
        by_hand=re.compile(pattern) if (pattern := setup.setting("match_by_hand", act.today)) else None,
        owed=dict(owed),
        payable=_payables(conn, setup.trust_id),
        vendors=vendors,
        preparer=preparer,
        reviewer=reviewer,
    )


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
        )
        for row in rows
    )


def is_matched(conn: Connection, trust_id: int, seq: int) -> bool:
    """Whether an entry was made from a bank line (银行已确认)."""
    query = (
        select(bank_match.c.seq).where(bank_match.c.trust_id == trust_id, bank_match.c.seq == seq).limit(1)
    )
    return conn.execute(query).first() is not None
