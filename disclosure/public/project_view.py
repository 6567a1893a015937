"""A project in rows and words: plan against actual. Nothing of a household is in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from disclosure.public.words import day_text
from ledger.money import format_yuan
from ledger.projects.file import STATES, ProjectFile
from ledger.projects.grants import GRANT_KINDS, Grant
from ledger.projects.movements import Movement
from ledger.projects.shares import portion_words
from ledger.projects.steps import EVALUATE, Step
from ledger.projects.value import OPENING, SOURCE_NAMES, SOURCES


@dataclass(frozen=True, slots=True)
class SourceRow:
    """One source, fen: what it is to bear, what it brought in, what was paid from it."""

    name: str
    portion: str
    agreed: int
    received: int
    paid: int

    @property
    def over(self) -> bool:
        """Whether more was paid from it than it was to bear."""
        return self.paid > self.agreed

    @property
    def left(self) -> int:
        """What came in and was not paid out."""
        return self.received - self.paid


@dataclass(frozen=True, slots=True)
class MilestoneRow:
    """One milestone, fen."""

    code: str
    title: str
    shows: str
    planned: int
    cost: int
    paid: int
    retention: int
    retained: int
    accepted_on: date | None
    document: str
    note: str


@dataclass(frozen=True, slots=True)
class GrantRow:
    """A restricted grant, fen."""

    grant: Grant
    kind: str
    received: int
    paid: int
    left: int


@dataclass(frozen=True, slots=True)
class EntryRow:
    """An entry of the project; ``why`` says for which milestone and from what."""

    ref: str
    on: date
    summary: str
    kind: str
    amount: int
    why: str


@dataclass(frozen=True, slots=True)
class ProjectView:
    """Everything the pages of a project show."""

    file: ProjectFile
    state: str
    summary: str
    sources: tuple[SourceRow, ...]
    milestones: tuple[MilestoneRow, ...]
    grants: tuple[GrantRow, ...]
    entries: tuple[EntryRow, ...]
    evaluations: tuple[Step, ...]


def project_view(file: ProjectFile) -> ProjectView:
    """Put a project into rows."""
    return ProjectView(
        file=file,
        state=STATES[file.state],
        summary=summary(file),
        sources=tuple(_sources(file)),
        milestones=tuple(_milestones(file)),
        grants=tuple(_grants(file)),
        entries=tuple(_entry(item) for item in reversed(file.movements)),
        evaluations=tuple(step for step in file.steps if step.step == EVALUATE),
    )


def summary(file: ProjectFile) -> str:
    """Two sentences: what is planned, and how far it has come."""
    sums = file.tally
    planned = f"计划 {format_yuan(file.plan.total)} 元"
    if file.state == "draft":
        return f"{planned}，计划还没有经业委会通过，不能支出。"
    said = (
        f"{planned}，已到账 {format_yuan(sums.total_received)} 元，已支付 {format_yuan(sums.total_paid)} 元。"
    )
    owed = sums.total_cost - sums.total_paid
    if file.final is None:
        done = sum(code in file.accepted for code in file.milestones)
        return f"{said}{len(file.milestones)} 个付款节点验收了 {done} 个。"
    more = sums.total_cost - file.plan.total
    compared = f"比计划{'超出' if more > 0 else '节约'} {format_yuan(abs(more))} 元" if more else "与计划相同"
    unpaid = f"，其中 {format_yuan(owed)} 元（如质保金）还没有付" if owed else ""
    return f"已于{day_text(file.final.happened_on)}决算：花费 {format_yuan(sums.total_cost)} 元，{compared}{unpaid}。"


def _sources(file: ProjectFile) -> list[SourceRow]:
    sums = file.tally
    words = {
        item.source: portion_words(item.portion) if item.portion.fraction else "固定金额"
        for item in file.plan.sources
    }
    rows = [
        SourceRow(
            SOURCE_NAMES[source],
            words.get(source, "计划外"),
            file.agreed.get(source, 0),
            sums.received[source],
            sums.paid_by[source],
        )
        for source in (*SOURCES, OPENING)
        if source in file.agreed or sums.received[source] or sums.paid_by[source]
    ]
    if sums.unnamed:
        rows.append(SourceRow("未注明来源", "", 0, 0, sums.unnamed))
    return rows


def _milestones(file: ProjectFile) -> list[MilestoneRow]:
    sums = file.tally
    rows = []
    for item in file.plan.milestones:
        step = file.accepted.get(item.code)
        rows.append(
            MilestoneRow(
                item.code,
                item.title,
                item.shows,
                file.milestones[item.code],
                sums.cost[item.code],
                sums.paid[item.code],
                item.retention,
                sums.retained[item.code],
                step.happened_on if step else None,
                step.document if step else "",
                str(step.body.get("note", "")) if step else "",
            )
        )
    return rows


def _grants(file: ProjectFile) -> list[GrantRow]:
    sums = file.tally
    return [
        GrantRow(
            grant,
            GRANT_KINDS[grant.kind],
            sums.received_on[code],
            sums.paid_from[code],
            sums.left_of(code),
        )
        for code, grant in sorted(file.grants.items())
    ]


def _entry(item: Movement) -> EntryRow:
    if item.book == "A" and item.received:
        kind, amount, why = "收款", sum(item.received.values()), ""
    elif item.paid:
        kind, amount = "付款", item.paid
        why = "从维修资金支付" if item.book == "M" else _taken(item)
    else:
        kind, amount, why = "应付入账", item.cost, ""
    if item.milestone:
        why = f"节点 {item.milestone}" + (f"；{why}" if why else "")
    return EntryRow(item.ref, item.on, item.summary, kind, amount, why)


def _taken(item: Movement) -> str:
    """From which sources a payment came, and how much of it from restricted grants."""
    parts = "、".join(
        f"{SOURCE_NAMES.get(name, name)} {format_yuan(fen)}" for name, fen in item.sources.items()
    )
    bound = "、".join(f"{name} {format_yuan(fen)}" for name, fen in item.grants.items())
    return f"{parts}（其中 {bound}）" if bound else parts


def total_row(rows: Sequence[SourceRow]) -> SourceRow:
    """The sources together."""
    return SourceRow(
        "合计",
        "",
        sum(row.agreed for row in rows),
        sum(row.received for row in rows),
        sum(row.paid for row in rows),
    )
