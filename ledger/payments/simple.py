"""Advances, petty cash, fronted wages, remuneration, taxes: payments of two lines, described as data."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from sqlalchemy import Connection, case, func, select

from ledger.chart import FUNDS
from ledger.errors import Problem, Refused, refuse
from ledger.events import load_events
from ledger.journal import Document, Draft, Line
from ledger.journal.head import peek_head
from ledger.journal.rules import DIMENSION_NAMES
from ledger.money import format_yuan
from ledger.payments.payables import waiting_drafts
from ledger.payments.requests import RELATED_CONSENT
from ledger.store.tables import posting
from ledger.trust.act import Act
from ledger.trust.lock import lock_trust
from ledger.trust.setup import Setup, load_setup
from ledger.work import Work

BANK = "bank"


@dataclass(frozen=True, slots=True)
class SideRule:
    """A line of a form: accounts offered, empty for the bank; names asked, True if they must be given."""

    accounts: tuple[str, ...]
    dims: Mapping[str, bool]

    @property
    def bank(self) -> bool:
        """Whether it is the bank's line."""
        return not self.accounts


@dataclass(frozen=True, slots=True)
class SimpleForm:
    """One form of ``data/simple.toml``."""

    name: str
    kind: str
    event: str
    title: str
    hint: str
    debit: SideRule
    credit: SideRule
    up_to: str
    summary: str

    @property
    def pays(self) -> bool:
        """Whether money leaves the bank."""
        return self.credit.bank


@dataclass(frozen=True, slots=True)
class SimpleRequest:
    """What was typed. ``account``: the account where several are offered; ``names``: vendor, party …."""

    form: str
    amount: int
    on: date
    fund: str = ""
    bank_account: str = ""
    account: str = ""
    names: Mapping[str, str] = field(default_factory=dict)
    summary: str = ""
    consent: str = ""
    resolution: str = ""
    budget_line: str = ""
    documents: tuple[Document, ...] = ()
    key: str = ""


@cache
def simple_forms() -> Mapping[str, SimpleForm]:
    """All forms by name. Raises ValueError for one whose event does not exist."""
    text = files("ledger.payments").joinpath("data", "simple.toml").read_text(encoding="utf-8")
    forms = {name: _form(name, row) for name, row in tomllib.loads(text).items()}
    unknown = {form.event for form in forms.values()} - set(load_events())
    if unknown:
        raise ValueError(f"simple payments of unknown events {sorted(unknown)}")
    return MappingProxyType(forms)


def _form(name: str, row: Mapping[str, Any]) -> SimpleForm:
    sides = {}
    for side in ("debit", "credit"):
        accounts = () if row[side] == BANK else tuple(row[side])
        dims = {dim.rstrip("?"): not dim.endswith("?") for dim in row.get(f"{side}_dims", ())}
        sides[side] = SideRule(accounts, MappingProxyType(dims))
    return SimpleForm(
        name=name,
        kind=row["kind"],
        event=row["event"],
        title=row["title"],
        hint=row["hint"],
        debit=sides["debit"],
        credit=sides["credit"],
        up_to=row.get("up_to", ""),
        summary=row["summary"],
    )


def offered_accounts(setup: Setup, rule: SideRule) -> list[tuple[str, str]]:
    """Open leaf accounts of a side, with their names."""
    return [
        (account.code, f"{account.code} {account.name}")
        for account in setup.chart.of_book("A")
        if account.leaf and account.closed_on is None and account.code.startswith(rule.accounts)
    ]


def simple_work(conn: Connection, trust_id: int, request: SimpleRequest, act: Act) -> Work:
    """A form of two lines as work. Raises :class:`~ledger.errors.Refused` with all that is missing, and
    when more is asked than stands on the account."""
    form = simple_forms().get(request.form)
    if form is None:
        raise refuse("unknown_form", "没有这种付款，请从列表里选择", "种类")
    lock_trust(conn, trust_id)
    setup = load_setup(conn, trust_id, peek_head(conn, trust_id).setup_version)
    problems: list[Problem] = []
    fund = _fund(setup, form, request, problems)
    debit = _line("D", setup, form.debit, request, fund, problems)
    credit = _line("C", setup, form.credit, request, fund, problems)
    if request.amount <= 0:
        problems.append(Problem("bad_amount", "金额须大于零", "金额"))
    if problems:
        raise Refused(problems)
    if form.up_to:
        _refuse_beyond(conn, trust_id, form, debit if form.up_to == "debit" else credit)
    return _work(setup, form, request, (debit, credit), act)


def _work(setup: Setup, form: SimpleForm, request: SimpleRequest, lines: tuple[Line, Line], act: Act) -> Work:
    references = {
        kind: ref.strip()
        for kind, ref in (
            (RELATED_CONSENT, request.consent),
            ("resolution", request.resolution),
            ("budget_line", request.budget_line),
        )
        if ref.strip()
    }
    vendor = request.names.get("vendor", "")
    named = vendor or request.names.get("party", "")
    value = setup.values.get(("vendor" if vendor else "party", named))
    summary = request.summary.strip() or form.summary
    draft = Draft(
        book="A",
        date=request.on,
        event=form.event,
        summary=summary,
        lines=lines,
        preparer="",
        reviewer="",
        key=request.key or f"{form.name}:{act.entropy(12).hex()}",
        documents=request.documents,
        references=references,
        counterparty=value.name if value else "",
        counterparty_public=bool(vendor),
    )
    return Work(kind=form.kind, title=f"{form.title}：{summary}", drafts=(draft,))


def _fund(setup: Setup, form: SimpleForm, request: SimpleRequest, problems: list[Problem]) -> str:
    """The fund it concerns: the bank account's, or the one chosen."""
    if form.pays:
        home = setup.bank_accounts.get(request.bank_account)
        if home is None or home[0] != "A" or not home[1].startswith("1002"):
            problems.append(Problem("bad_account", "请选择付款的银行账户", "付款账户"))
            return ""
        return home[2]
    if request.fund not in FUNDS or FUNDS[request.fund].book != "A":
        problems.append(Problem("bad_fund", "请选择用哪一项资金", "资金"))
        return ""
    return request.fund


def _line(
    side: Any, setup: Setup, rule: SideRule, request: SimpleRequest, fund: str, problems: list[Problem]
) -> Line:
    if rule.bank:
        home = setup.bank_accounts.get(request.bank_account, ("", "", ""))
        return Line(home[1], fund, side, request.amount, bank_account=request.bank_account)
    offered = [code for code, _ in offered_accounts(setup, rule)]
    account = offered[0] if len(offered) == 1 else request.account
    if account not in offered:
        problems.append(Problem("bad_choice", "请选择费用或税费科目", "科目"))
    names: dict[str, Any] = {}
    for dim, needed in rule.dims.items():
        code = request.names.get(dim, "").strip()
        if code:
            names[dim] = code
        elif needed:
            problems.append(Problem("missing", f"请选择{DIMENSION_NAMES[dim]}", DIMENSION_NAMES[dim]))
    return Line(account, fund, side, request.amount, **names)


def _refuse_beyond(conn: Connection, trust_id: int, form: SimpleForm, line: Line) -> None:
    """No more than stands on the account, for the same fund and names; waiting work counts."""
    stands = standing(conn, trust_id, line)
    if line.amount > stands:
        raise refuse(
            "beyond_balance",
            f"“{form.title}”{format_yuan(line.amount)} 元，超过账上的 {format_yuan(max(stands, 0))} 元"
            "（已扣除在办单据）；请先计提或核对金额",
            "金额",
        )


def standing(conn: Connection, trust_id: int, line: Line) -> int:
    """What the line may take: the balance against it, less what waiting work takes already. Fen."""
    signed = case((posting.c.side != line.side, posting.c.amount), else_=-posting.c.amount)
    names = line.dimensions()
    booked = conn.execute(
        select(func.coalesce(func.sum(signed), 0)).where(
            posting.c.trust_id == trust_id,
            posting.c.book == "A",
            posting.c.account == line.account,
            posting.c.fund == line.fund,
            *(posting.c[name] == code for name, code in names.items()),
        )
    ).scalar_one()
    spoken_for = sum(
        item.amount
        for draft in waiting_drafts(conn, trust_id)
        for item in draft.lines
        if (item.account, item.fund, item.side) == (line.account, line.fund, line.side)
        and all(getattr(item, name) == code for name, code in names.items())
    )
    return int(booked) - spoken_for
