"""The matching rules: one function a rule, each giving an ordinary draft or passing on."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from ledger.bank.desk import Desk, Template
from ledger.bank.lines import OpenLine
from ledger.events import load_events
from ledger.journal import Document, Draft, Line
from ledger.trust import UNKNOWN_PARTY

_ROOM_WITHOUT_ENTRANCE = re.compile(r"(?<![\d\-－—])(\d{1,3})[-－—栋幢座号楼]+(\d{3,4})(?![\d\-－—])")
_ROOM = re.compile(r"(?<!\d)(\d{1,2})[-－—栋幢](\d{1,2})[-－—单元]+(\d{3,4})(?!\d)")


@dataclass(frozen=True, slots=True)
class Decision:
    """An entry for one or several lines, and the rule that made it."""

    rule: str
    draft: Draft
    lines: tuple[OpenLine, ...]


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


def unit_in(desk: Desk, text: str) -> str | None:
    """The unit a text names, as this community writes it; None if it names none that is here."""
    for pattern in (_ROOM, _ROOM_WITHOUT_ENTRANCE):
        for match in pattern.finditer(text):
            if unit := desk.rooms.get(tuple(int(part) for part in match.groups())):
                return unit
    return None


def decide(desk: Desk, line: OpenLine) -> Decision | None:
    """The first rule that explains a line; None leaves it to a person."""
    if desk.by_hand is not None and desk.by_hand.search(line.memo):
        return None
    for rule in (by_template, _household_payment, _vendor_payment, to_be_cleared):
        found = rule(desk, line)
        if found is not None:
            return found
    return None


def by_template(desk: Desk, line: OpenLine) -> Decision | None:
    """The entry a setting's template makes of the line."""
    template = next((t for t in desk.templates if t.takes(line)), None)
    if template is None:
        return None
    if line.amount < 0 and is_gated(template.event) and above_limit(desk, line):
        return None
    dims = dict(template.dims)
    if template.room:
        unit = unit_in(desk, line.memo)
        if unit is None:
            return None
        dims["unit"] = unit
    kept_back = _take_fees(desk, template, line)
    fee = -sum(item.amount for item in kept_back)
    side = "C" if line.amount > 0 else "D"
    other = Line(template.account, line.fund, side, abs(line.amount) + fee, **dims)  # type: ignore[arg-type]
    own = [cash_line(line)] + ([Line("5016", line.fund, "D", fee)] if fee else [])
    papers = (bank_document(line), *(bank_document(item) for item in kept_back[:1]))
    fields: dict[str, Any] = {
        "event": template.event,
        "summary": template.summary.format(bank=line.bank, month=f"{line.on.month}月"),
        "lines": (*own, other) if line.amount > 0 else (other, *own),
        "documents": (*papers, *template.documents),
        "references": template.references,
        "counterparty": template.payee or line.counterparty,
        "counterparty_public": bool(template.payee),
    }
    return Decision(f"template:{template.name}", draft_by(desk, line, fields), (line, *kept_back))


def set_fees_aside(desk: Desk, lines: Sequence[OpenLine]) -> list[OpenLine]:
    """Keep channel fees for the settlement they belong to; give back the other lines."""
    grouped = [template for template in desk.templates if template.grouped]
    others = []
    for line in lines:
        if any(template.takes(line) for template in grouped):
            desk.fees[line.bank_account].append(line)
        else:
            others.append(line)
    return others


def _take_fees(desk: Desk, template: Template, settlement: OpenLine) -> list[OpenLine]:
    """The fees a channel kept back from a settlement: those of the days before it."""
    waiting = desk.fees.get(template.fees_from, [])
    taken = [line for line in waiting if line.on < settlement.on]
    if taken:
        desk.fees[template.fees_from] = [line for line in waiting if line.on >= settlement.on]
    return taken


def fees_left(desk: Desk) -> list[Decision]:
    """Fees without a settlement yet: one entry a month and template, on the last of their days."""
    found = []
    for template in (template for template in desk.templates if template.grouped):
        by_month: dict[tuple[str, int, int], list[OpenLine]] = defaultdict(list)
        for lines in desk.fees.values():
            for line in lines:
                if template.takes(line):
                    by_month[line.bank_account, line.on.year, line.on.month].append(line)
        for lines in by_month.values():
            total, last = sum(line.amount for line in lines), lines[-1]
            whole = replace(last, amount=total)
            side = "C" if total > 0 else "D"
            other = Line(template.account, last.fund, side, abs(total), **template.dims)  # type: ignore[arg-type]
            fields: dict[str, Any] = {
                "event": template.event,
                "summary": f"{template.summary}（{len(lines)} 笔合计）",
                "lines": (other, cash_line(whole)),
                "documents": (bank_document(last), *template.documents),
                "counterparty": template.payee or last.counterparty,
                "counterparty_public": bool(template.payee),
            }
            found.append(Decision(f"template:{template.name}", draft_by(desk, last, fields), tuple(lines)))
    return found


def _household_payment(desk: Desk, line: OpenLine) -> Decision | None:
    unit = unit_in(desk, line.memo)
    return None if unit is None else household(desk, line, unit)


def household(desk: Desk, line: OpenLine, unit: str) -> Decision | None:
    """A home pays: what it owes, oldest kind first, then the rest ahead. Takes the debts off the desk."""
    if line.amount <= 0 or line.fund != "F1" or ("unit", unit) not in desk.setup.values:
        return None
    left, lines, debts = line.amount, [cash_line(line)], []
    for account, owed in desk.owed.get(unit, ()):
        part = min(owed, left)
        if part > 0:
            lines.append(Line(account, "F1", "C", part, unit=unit))
        debts.append((account, owed - part))
        left -= part
    desk.owed[unit] = debts
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
    return Decision("household", draft_by(desk, line, fields), (line,))


def _vendor_payment(desk: Desk, line: OpenLine) -> Decision | None:
    vendor = desk.vendors.get(line.counterparty)
    return None if vendor is None else vendor_payment(desk, line, vendor)


def vendor_payment(desk: Desk, line: OpenLine, vendor: str) -> Decision | None:
    """What is open to a vendor is paid, oldest first, to the fen; takes it off the desk."""
    if line.amount >= 0 or ("vendor", vendor) not in desk.setup.values or _needs_consent(desk, line, vendor):
        return None
    open_items = desk.payable.get(f"{line.fund}:{vendor}", [])
    left, still_open, lines = -line.amount, [], []
    for contract, owed in open_items:
        part = min(owed, left)
        left -= part
        still_open.append((contract, owed - part))
        if part:
            lines.append(Line("220201", line.fund, "D", part, vendor=vendor, contract=contract))
    if left or not lines:
        return None
    desk.payable[f"{line.fund}:{vendor}"] = still_open
    title = desk.setup.values["contract", lines[0].contract].name
    fields: dict[str, Any] = {
        "event": "E11b",
        "summary": f"付给{line.counterparty}：{title}",
        "lines": (*lines, cash_line(line)),
        "documents": (bank_document(line),),
        "counterparty": line.counterparty,
        "counterparty_public": True,
    }
    return Decision("vendor", draft_by(desk, line, fields), (line,))


def _needs_consent(desk: Desk, line: OpenLine, vendor: str) -> bool:
    """Whether the payment rests on a co-signature or an owners' consent, which no bank line can show."""
    return desk.setup.values["vendor", vendor].related or above_limit(desk, line)


def above_limit(desk: Desk, line: OpenLine) -> bool:
    """Whether money out is more than may leave without the committee's signature."""
    limit = desk.setup.setting("co_sign_above", line.on)
    return limit is not None and -line.amount > int(limit)


def is_gated(event: str) -> bool:
    """Whether the event asks for a co-signature; a standing template can't give one."""
    return event in (events := load_events()) and any(g.name == "co_sign" for g in events[event].gates)


def to_be_cleared(desk: Desk, line: OpenLine) -> Decision | None:
    """Money in of a payer not yet known: 待查款."""
    if line.amount <= 0 or line.book != "A":
        return None
    fields: dict[str, Any] = {
        "event": "E25a",
        "summary": f"收到一笔待查款（{line.bank}），付款人和用途待核实",
        "lines": (cash_line(line), Line("224105", line.fund, "C", line.amount, party=UNKNOWN_PARTY)),
        "documents": (bank_document(line),),
        "counterparty": line.counterparty,
    }
    return Decision("to-be-cleared", draft_by(desk, line, fields), (line,))


def draft_by(desk: Desk, line: OpenLine, fields: dict[str, Any]) -> Draft:
    return draft_for(line, desk.closed, preparer=desk.preparer, reviewer=desk.reviewer, **fields)
