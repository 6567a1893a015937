"""The statutory days before a trustee leaves, in words: earliest and latest days counted out."""

from __future__ import annotations

from datetime import date

from disclosure.public.words import day_text
from ledger.selection.notice import NoticeRule, notice_rule
from ledger.selection.read import SelectionFile
from ledger.trust.setup import Setup
from ledger.trust.tenure import Tenure

_WORDS = {
    "dismissal": "任期内解聘",
    "nonrenewal": "期满不续聘",
    "indefinite": "解除不定期合同",
}


def notice_view(
    setup: Setup, tenure: Tenure | None, today: date, file: SelectionFile | None = None
) -> list[str]:
    """Sentences on notice: for one procedure, or for everything that could be done with this tenure."""
    if tenure is None:
        return ["还没有登记现任受托人的任期，算不出通知期限。"]
    if file is not None:
        rule = notice_rule(setup, file.kind, tenure, file.planned_on, today)
        return _of(rule, file.planned_on, today) if rule else []
    found: list[str] = []
    seen: set[str] = set()
    for kind, day in (("dismiss", today), ("renew", tenure.ends_on or today)):
        rule = notice_rule(setup, kind, tenure, day, today)
        if rule is not None and rule.name not in seen:
            seen.add(rule.name)
            found += _general(rule, today)
    return found


def _of(rule: NoticeRule, planned_on: date, today: date) -> list[str]:
    """For a day that is planned."""
    latest = rule.latest(planned_on)
    said = f"{_WORDS[rule.name]}须提前 {rule.days} 日书面通知（{_basis(rule)}）。"
    if latest >= today:
        return [said, f"要在{day_text(planned_on)}终止，最迟{day_text(latest)}送达通知。"]
    return [
        said,
        f"要在{day_text(planned_on)}终止，本应最迟{day_text(latest)}送达；"
        f"今天送达的，最早{day_text(rule.earliest(today))}终止。",
    ]


def _general(rule: NoticeRule, today: date) -> list[str]:
    said = f"{_WORDS[rule.name]}须提前 {rule.days} 日书面通知（{_basis(rule)}）"
    if rule.name == "nonrenewal" and rule.ends_on is not None:
        latest = rule.latest(rule.ends_on)
        passed = "" if latest >= today else "，这一天已过"
        return [f"{said}：任期{day_text(rule.ends_on)}届满，最迟{day_text(latest)}通知{passed}。"]
    return [f"{said}：今天送达的，最早{day_text(rule.earliest(today))}终止。"]


def _basis(rule: NoticeRule) -> str:
    return "合同约定" if rule.by_contract else rule.basis.split("：")[0]
