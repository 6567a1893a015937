"""The value of a statement of a month, quarter or year. Amounts are fen; the stored form is JSON, sorted keys.

Every figure a page shows is in here, sums too: what a reader sees can be compared with the stored bytes, one
path (``books.0.cash.2.closing``) a figure. ``amount`` is of the span, ``year`` from 1 January to its end.
"""

from __future__ import annotations

import datetime
from typing import Literal

import msgspec

KIND = "mingzhang.statement.v2"
"""The kind of what is stored now; :mod:`disclosure.statements.first_form` reads the first form."""


class FundCash(msgspec.Struct, frozen=True):
    """A fund's money over the span: opening + opened + received - paid + moved in - moved out = closing.

    ``opened`` is what was taken over when the books were opened; ``moved`` is between own funds. ``fund`` is
    empty in a sum over funds.
    """

    fund: str
    opening: int
    opened: int
    received: int
    paid: int
    moved_in: int
    moved_out: int
    closing: int


class Pair(msgspec.Struct, frozen=True):
    """An amount of the span, and the same since 1 January."""

    amount: int
    year: int


class AccountAmount(msgspec.Struct, frozen=True):
    """Income or expense of one account in one fund, in the span and since 1 January."""

    fund: str
    account: str
    name: str
    amount: int
    year: int


class StatementEntry(msgspec.Struct, frozen=True, omit_defaults=True):
    """An entry worth naming: a larger payment, a use or a correction. All of it is public in its leaf."""

    ref: str
    date: datetime.date
    summary: str
    fund: str
    amount: int
    counterparty: str = ""
    target: str = ""


class BookReport(msgspec.Struct, frozen=True):
    """One book: A (common fund, F1 to F5) or M (maintenance fund). The two are never added up.

    ``result`` is income less expense. ``payments`` are the largest of ``payment_count``.
    """

    book: Literal["A", "M"]
    cash: tuple[FundCash, ...]
    cash_total: FundCash
    income: tuple[AccountAmount, ...]
    income_total: Pair
    expense: tuple[AccountAmount, ...]
    expense_total: Pair
    result: Pair
    payments: tuple[StatementEntry, ...]
    payment_count: int
    payment_total: int
    corrections: tuple[StatementEntry, ...]


class Arrears(msgspec.Struct, frozen=True):
    """Property fees not yet paid at the end: the total and how many households, nothing else."""

    total: int
    households: int


class RevenueSource(msgspec.Struct, frozen=True):
    """Income of shared revenue from one site under one contract, fen without tax."""

    account: str
    name: str
    site: str
    site_name: str
    contract: str
    title: str
    amount: int
    year: int


class Revenue(msgspec.Struct, frozen=True):
    """Shared revenue (公共收益), fund F2: ``income`` by source and ``other`` income, less ``cost``, is ``net``."""

    sources: tuple[RevenueSource, ...]
    income: Pair
    other: Pair
    costs: tuple[AccountAmount, ...]
    cost: Pair
    net: Pair


class Uses(msgspec.Struct, frozen=True):
    """Use of the maintenance fund in the span: the largest ``entries`` of ``count``, all of them ``total``."""

    entries: tuple[StatementEntry, ...]
    count: int
    total: int


class BuildingFund(msgspec.Struct, frozen=True):
    """Sub-accounts of a building: opening + contributions + yields - uses + other = closing.

    Buildings of fewer than five households are merged; ``buildings`` names all that are in the row.
    """

    buildings: tuple[str, ...]
    households: int
    opening: int
    contributions: int
    yields: int
    uses: int
    other: int
    closing: int


class MaintenanceFund(msgspec.Struct, frozen=True):
    """The maintenance fund by building; ``undistributed`` is income not yet given to the sub-accounts."""

    buildings: tuple[BuildingFund, ...]
    total: BuildingFund
    undistributed: int


class BudgetLine(msgspec.Struct, frozen=True):
    """A line of a budget against the books: ``budget`` for the year, ``left`` of it after ``year``.

    A line of expected income that shares its accounts with one above has no figures of its own (None).
    """

    code: str
    kind: Literal["income", "expense"]
    title: str
    budget: int
    amount: int | None
    year: int | None
    left: int | None


class BudgetReport(msgspec.Struct, frozen=True):
    """The budget of a fund in force at the end of the span; ``outside`` was spent in the year on no line."""

    fund: str
    year: int
    version: int
    lines: tuple[BudgetLine, ...]
    budget: int
    spent: Pair
    left: int
    outside: int


class FundResult(msgspec.Struct, frozen=True):
    """What a fund owns over the year: opening + income - expense + other = closing, carried forward.

    ``other``: taken over when the books opened, corrections of earlier years, given back.
    """

    book: Literal["A", "M"]
    fund: str
    opening: int
    income: int
    expense: int
    result: int
    other: int
    closing: int


class ProjectYear(msgspec.Struct, frozen=True):
    """A special project: what came in and was spent in the year, and from its beginning to the year's end."""

    project: str
    name: str
    received: int
    spent: int
    received_ever: int
    spent_ever: int


class Decided(msgspec.Struct, frozen=True):
    """What the owners decided in the year, carried or not."""

    number: str
    title: str
    decided_on: datetime.date
    passed: bool


class Block(msgspec.Struct, frozen=True):
    """One of the matters to publish regularly (民法典 943): when it was last published, when it is due."""

    code: str
    title: str
    basis: str
    last_on: datetime.date | None
    due_on: datetime.date | None


class Restated(msgspec.Struct, frozen=True):
    """A figure that entries posted after the books of the span were closed have corrected.

    ``key`` and ``label`` as in :mod:`disclosure.statements.figures`.
    """

    key: str
    label: str
    booked: int
    corrected: int
    entries: tuple[str, ...]


class Change(msgspec.Struct, frozen=True):
    """A figure or text that differs from the version before; ``entries`` caused it, if entries did."""

    key: str
    label: str
    old: int | str | None
    new: int | str | None
    entries: tuple[str, ...]


class Difference(msgspec.Struct, frozen=True):
    """What a corrected version changes against version ``version``."""

    version: int
    changes: tuple[Change, ...]
    later: tuple[StatementEntry, ...]
    """The entries that corrected the span's entries after its books were closed."""


class Statement(msgspec.Struct, frozen=True, kw_only=True):
    """A community's month, quarter or year. ``size`` is the cut-off: the first so many leaves of the log.

    ``period`` is the code of the span (:mod:`ledger.periods.spans`), ``opened_on`` the day the books opened;
    ``checkpoint`` the signed note that covers the cut-off, ``payment_above`` the fen from which a payment is
    named. Tables give what is booked in the span; ``restated`` gives the figures that were corrected since.
    """

    trust: str
    name: str
    trustee: str
    period: int
    span: Literal["month", "quarter", "year"]
    first: datetime.date
    last: datetime.date
    opened_on: datetime.date
    size: int
    checkpoint: str
    payment_above: int
    books: tuple[BookReport, ...]
    arrears: Arrears
    restated: tuple[Restated, ...] = ()
    difference: Difference | None = None
    revenue: Revenue | None = None
    uses: Uses | None = None
    budgets: tuple[BudgetReport, ...] = ()
    maintenance: MaintenanceFund | None = None
    results: tuple[FundResult, ...] = ()
    projects: tuple[ProjectYear, ...] = ()
    decisions: tuple[Decided, ...] = ()
    blocks: tuple[Block, ...] = ()
    blocks_on: datetime.date | None = None
    kind: str = KIND
