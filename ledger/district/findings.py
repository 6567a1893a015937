"""What is out of order in a community, in words: for whoever looks at many and has to know where to look first.

A finding is a reason to ask, not a judgement. The thresholds are the same for all communities, so that they can
be compared, and printed beside the table.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ledger.district.value import NEVER, RECENT_DAYS, Summary

QUIET_DAYS, OPEN_DAYS, CHECKPOINT_DAYS = 7, 15, 1
MANY_CORRECTIONS = 10


@dataclass(frozen=True, slots=True)
class Finding:
    """``code`` names the figure it comes from; ``grave``: money or the log itself may be affected."""

    code: str
    text: str
    grave: bool = False


def findings_of(one: Summary) -> tuple[Finding, ...]:
    """All that is out of order, grave ones first."""
    found = [*_posting(one), *_disclosing(one), *_money(one)]
    return tuple(sorted(found, key=lambda finding: not finding.grave))


def _posting(one: Summary) -> Iterator[Finding]:
    if one.quiet_days == NEVER:
        yield Finding("quiet_days", "开账后还没有入过账")
    elif one.quiet_days > QUIET_DAYS:
        yield Finding("quiet_days", f"{one.quiet_days} 天没有入账")
    if one.open_lines and one.open_days > OPEN_DAYS:
        yield Finding("open_lines", f"{one.open_lines} 笔银行流水没有入账，最久 {one.open_days} 天")
    if one.months_behind:
        yield Finding("months_behind", f"结账落后 {one.months_behind} 个月")
    if one.corrections > MANY_CORRECTIONS:
        yield Finding("corrections", f"{RECENT_DAYS} 天内更正 {one.corrections} 笔")
    if one.bare:
        yield Finding("bare", f"{RECENT_DAYS} 天内有 {one.bare} 笔支出没有附件")


def _disclosing(one: Summary) -> Iterator[Finding]:
    if one.late:
        yield Finding("late", f"{one.late} 项公开逾期，最久 {one.late_days} 天（{one.late_titles}）")
    if one.log_size and one.checkpoint_days == NEVER:
        yield Finding("checkpoint_days", "公开日志没有签过名", grave=True)
    elif one.log_size > one.signed_size and one.checkpoint_days > CHECKPOINT_DAYS:
        yield Finding("checkpoint_days", f"公开日志 {one.checkpoint_days} 天没有签名", grave=True)


def _money(one: Summary) -> Iterator[Finding]:
    if one.overdrawn:
        yield Finding("overdrawn", f"{one.overdrawn} 个账户余额是负数", grave=True)
    if one.over_budget:
        yield Finding("over_budget", f"{one.over_budget} 行预算超支", grave=True)
