"""The form of an amendment: the original's lines to be put right, read back as the entry it should have been."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from disclosure.office.draft_view import REFERENCE_NAMES
from disclosure.office.forms import Form
from ledger.chart import FUNDS
from ledger.events import DOCUMENT_KINDS, load_events
from ledger.journal import Detail, Document, Draft, Line
from ledger.journal.rules import DIMENSION_NAMES
from ledger.money import parse_yuan, plain_yuan
from ledger.store.tables import DIMENSIONS
from ledger.trust.setup import Setup

SIDES = {"D": "借", "C": "贷"}
MOST_HOUSEHOLDS = 400
"""A line made of more households is put right by red letters and a new run, not in a form."""
_SPARE_ROWS, _MOST_ROWS = 2, 60
Choices = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class AmendChoices:
    """What the form offers; ``rows`` are the numbers of its lines."""

    events: Choices
    accounts: Choices
    funds: Choices
    dimensions: list[tuple[str, str, Choices]]
    references: Choices
    kept: list[tuple[int, str]]
    rows: range


def too_many_households(original: Draft) -> bool:
    """Whether a line is made of more households than a form can show."""
    return any(len(line.details) > MOST_HOUSEHOLDS for line in original.lines)


def amend_choices(setup: Setup, original: Draft, values: Mapping[str, Any]) -> AmendChoices:
    """Accounts of the book, dimensions they use, the original's papers to keep."""
    accounts = [a for a in setup.chart.of_book(original.book) if a.leaf and a.closed_on is None]
    named = {name for line in original.lines for name in line.dimensions()}
    named |= {name for line in original.lines for name in setup.chart[original.book, line.account].dimensions}
    events = [
        (id_, f"{event.name}（{id_}）")
        for id_, event in load_events().items()
        if original.book in event.books and not event.correction and not event.closing
    ]
    return AmendChoices(
        events=events,
        accounts=[(a.code, f"{a.code} {a.name}") for a in accounts],
        funds=[(code, fund.name) for code, fund in FUNDS.items() if fund.book == original.book],
        dimensions=[(n, DIMENSION_NAMES[n], _values(setup, n)) for n in DIMENSIONS if n in named],
        references=list(REFERENCE_NAMES.items()),
        kept=[(no, _paper_name(item)) for no, item in enumerate(original.documents, start=1)],
        rows=range(1, _row_count(values) + 1),
    )


def prefilled(original: Draft, today: date) -> dict[str, str]:
    """The original as typed into the form."""
    values = {
        "date": max(today, original.date).isoformat(),
        "event": original.event if not _internal(original.event) else "",
        "summary": original.summary,
        "counterparty": original.counterparty,
        "counterparty_public": "1" if original.counterparty_public else "",
        "memo": original.memo,
        "rows": str(min(_MOST_ROWS, len(original.lines) + _SPARE_ROWS)),
    }
    for no, line in enumerate(original.lines, start=1):
        values |= {
            f"side_{no}": line.side,
            f"account_{no}": line.account,
            f"fund_{no}": line.fund,
            f"amount_{no}": plain_yuan(line.amount),
            **{f"{name}_{no}": value for name, value in line.dimensions().items()},
        }
        if line.details:
            values[f"details_{no}"] = "\n".join(f"{d.unit} {plain_yuan(d.amount)}" for d in line.details)
    values |= {f"keep_{no}": "1" for no in range(1, len(original.documents) + 1)}
    return values | {f"ref_{kind}": ref for kind, ref in original.references.items()}


def read_amendment(form: Form, original: Draft, papers: tuple[Document, ...] = (), *, key: str) -> Draft:
    """The entry as it should have been, ``papers`` added to those it keeps.

    Raises :class:`~ledger.errors.Refused` naming rows and fields.
    """
    events = {id_: e.name for id_, e in load_events().items() if not e.correction and not e.closing}
    event = form.choice("event", "业务", events)
    day = form.day("date", "更正日期")
    summary = form.text("summary", "摘要")
    rows = form.whole("rows", "行数", least=2, most=_MOST_ROWS)
    bases = {d.unit: d.basis for line in original.lines for d in line.details}
    lines = [line for no in range(1, rows + 1) if (line := _line(form, no, bases)) is not None]
    if not lines:
        form.problem("no_lines", "请至少填写一借一贷两行；整张作废请用红字冲销", "分录")
    kept = [item for no, item in enumerate(original.documents, start=1) if form.flag(f"keep_{no}")]
    references = {
        name: ref
        for name in {**REFERENCE_NAMES, **original.references}
        if (ref := form.text(f"ref_{name}", "依据", required=False))
    }
    counterparty = form.text("counterparty", "对方", required=False)
    memo = form.text("memo", "内部备注", required=False, longest=500)
    form.finish()
    return Draft(
        book=original.book,
        date=day or original.date,
        event=event,
        summary=summary,
        lines=tuple(lines),
        preparer="",
        reviewer="",
        key=key,
        documents=(*kept, *papers),
        references=references,
        counterparty=counterparty,
        counterparty_public=form.flag("counterparty_public"),
        memo=memo,
    )


def _line(form: Form, no: int, bases: Mapping[str, str]) -> Line | None:
    where = f"第 {no} 行"
    account = _code(form, f"account_{no}", where)
    typed = form.text(f"amount_{no}", where, required=False)
    if not account and not typed:
        return None
    side = form.choice(f"side_{no}", where, SIDES)
    fund = form.choice(f"fund_{no}", where, FUNDS)
    if not account:
        form.problem("missing", "请选择科目", where)
    dims = {name: _code(form, f"{name}_{no}", where) for name in DIMENSIONS}
    details = _details(form, no, bases)
    amount = sum(d.amount for d in details) if details else _fen(form, typed, where)
    return Line(account, fund, "C" if side == "C" else "D", amount, **dims, details=details)


def _details(form: Form, no: int, bases: Mapping[str, str]) -> tuple[Detail, ...]:
    """A household a row, room and yuan; households of nothing are left out."""
    text = str(form.values.get(f"details_{no}", ""))
    found = []
    for row, typed in enumerate(text.splitlines(), start=1):
        if not typed.strip():
            continue
        unit, _, amount = typed.strip().partition(" ")
        fen = _fen(form, amount.strip(), f"第 {no} 行分户明细第 {row} 行")
        if fen:
            found.append(Detail(unit, fen, bases.get(unit, "订正")))
    return tuple(found)


def _fen(form: Form, typed: str, where: str) -> int:
    try:
        return parse_yuan(typed)
    except ValueError as error:
        form.problem("bad_amount", str(error), where)
        return 0


def _code(form: Form, name: str, where: str) -> str:
    """A code, alone or with its name after it, as the browser's suggestions give it."""
    return form.text(name, where, required=False).split(" ", 1)[0]


def _paper_name(item: Document) -> str:
    name = DOCUMENT_KINDS.get(item.kind, item.kind)
    return f"{name}（{item.number}）" if item.number else name


def _values(setup: Setup, dimension: str) -> Choices:
    if dimension == "unit":
        return []  # typed: there may be thousands
    return [
        (code, f"{code} {value.name}")
        for (of, code), value in sorted(setup.values.items())
        if of == dimension and value.closed_on is None
    ]


def _internal(event: str) -> bool:
    known = load_events().get(event)
    return known is None or known.correction or known.closing


def _row_count(values: Mapping[str, Any]) -> int:
    text = str(values.get("rows", ""))
    return min(int(text), _MOST_ROWS) if text.isascii() and text.isdecimal() and len(text) < 4 else 6
