"""What the books of a project may not come to: more than a milestone, a grant or a source allows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ledger.errors import Problem
from ledger.money import format_yuan
from ledger.projects.file import ProjectFile
from ledger.projects.value import OPENING, SOURCE_NAMES


def sum_problems(file: ProjectFile) -> Iterator[Problem]:
    """What the books of a project may not come to."""
    sums, where = file.tally, f"项目 {file.code}"
    for item in file.plan.milestones:
        allowed = file.milestones[item.code]
        most = max(sums.cost[item.code], sums.paid[item.code])
        if most > allowed:
            yield Problem(
                "beyond_milestone",
                f"付款节点“{item.title}”累计将达 {format_yuan(most)} 元，超过约定的 {format_yuan(allowed)} 元（含在办单据）",
                where,
            )
        keep = sums.cost_booked[item.code] * item.retention // 100
        if sums.retained[item.code] < keep:
            yield Problem(
                "retention_missing",
                f"付款节点“{item.title}”应留质保金 {item.retention}%，即 {format_yuan(keep)} 元，"
                f"现只留 {format_yuan(sums.retained[item.code])} 元",
                where,
            )
    for code, grant in file.grants.items():
        if sums.left_of(code) < 0:
            yield Problem(
                "beyond_grant",
                f"“{grant.title}”（{code}）到账 {format_yuan(sums.received_on[code])} 元，"
                f"累计支付将达 {format_yuan(sums.paid_from[code])} 元，不够支付",
                where,
            )
    yield from _source_problems(file)


def _source_problems(file: ProjectFile) -> Iterator[Problem]:
    sums, where = file.tally, f"项目 {file.code}"
    for source, name in SOURCE_NAMES.items():
        free = sums.free(source, file.grant_sources)
        if free < 0:
            bound = "（限定用途资金须写明资金编号才能动用）" if file.grants else ""
            yield Problem(
                "source_not_there",
                f"{name}到账的钱不够，还差 {format_yuan(-free)} 元{bound}；请等款项到账，或改由其他来源支付",
                where,
            )
        agreed = file.agreed.get(source, 0)
        if file.plan.binding and source != OPENING and sums.paid_by[source] > agreed:
            yield Problem(
                "beyond_source",
                f"{name}累计支付将达 {format_yuan(sums.paid_by[source])} 元，超过约定承担的 {format_yuan(agreed)} 元；"
                "计划写明各来源不能超出约定，请改由其他来源支付，或由业委会通过新的计划",
                where,
            )


def source_warnings(file: ProjectFile, more: Mapping[str, int]) -> list[str]:
    """Where the sources of a plan that does not bind would be spent beyond what was agreed."""
    if file.plan.binding:
        return []
    return [
        f"{SOURCE_NAMES[source]}累计支付将达 {format_yuan(total)} 元，超过约定的 {format_yuan(agreed)} 元"
        for source, agreed in file.agreed.items()
        if (total := file.tally.paid_by[source] + more.get(source, 0)) > agreed
    ]
