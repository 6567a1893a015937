"""The arithmetic of lateness, on plain values."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from ledger.disclosures.duties import BLOCKS, reckon
from ledger.disclosures.facts import Facts
from ledger.disclosures.rules import SPAN_KINDS, days_late, due_of_month, due_of_span, first_missing, rules
from ledger.periods.calendar import following, last_day, period_of
from ledger.periods.spans import KINDS, SpanKind, span_of
from ledger.trust.settings import known_settings

days = st.dates(date(2015, 1, 1), date(2035, 12, 31))
kinds = st.sampled_from(KINDS)


def test_the_nine_blocks_are_those_of_the_law_in_its_order() -> None:
    assert [rules()[code].title for code in BLOCKS] == [
        "服务事项",
        "负责人员",
        "质量要求",
        "收费项目",
        "收费标准",
        "履行情况",
        "维修资金使用",
        "共有部分的经营",
        "共有部分的收益",
    ]


def test_every_deadline_is_a_rule_only_the_owners_set_and_its_help_names_the_default() -> None:
    for rule in rules().values():
        kind = known_settings()[rule.setting]
        assert kind.owners_only and kind.owners_rule and kind.kind == "int"
        assert kind.low is not None and kind.high is not None and kind.low <= rule.default <= kind.high
        assert f"不填按 {rule.default} 天" in kind.help


@given(due=days, today=days)
def test_late_days_count_from_the_day_after_the_last_day(due: date, today: date) -> None:
    late = days_late(due, today)
    assert late == len(range(due.toordinal() + 1, today.toordinal() + 1))
    assert days_late(due, due) == 0
    assert days_late(due, due + timedelta(days=1)) == 1


def test_without_a_deadline_nothing_is_late() -> None:
    assert days_late(None, date(2100, 1, 1)) == 0


@given(kind=kinds, begun=days, count=st.integers(0, 30), days_after=st.integers(0, 365))
def test_the_due_day_is_that_of_the_first_gap(
    kind: SpanKind, begun: date, count: int, days_after: int
) -> None:
    published: set[int] = set()
    span = first_missing(kind, begun, ())
    assert span.first <= begun <= span.last
    for _ in range(count):
        published.add(span.code)
        span = first_missing(kind, begun, published)
    assert span.code not in published
    assert due_of_span(kind, begun, published, days_after) == span.last + timedelta(days=days_after)
    dropped = max(published, default=None)
    if dropped is not None:
        assert first_missing(kind, begun, published - {dropped}) == span_of(dropped)


@given(kind=kinds, begun=days, other=st.integers(1, 12))
def test_statements_of_another_kind_do_not_count(kind: SpanKind, begun: date, other: int) -> None:
    year = begun.year * 100
    strangers = {code for code in (year, year + other, year + 33) if span_of(code).kind != kind}
    assert first_missing(kind, begun, strangers) == first_missing(kind, begun, ())


@given(begun=days, done=st.one_of(st.none(), days), days_after=st.integers(0, 60))
def test_a_month_is_due_after_the_last_one_reconciled(
    begun: date, done: date | None, days_after: int
) -> None:
    month = None if done is None else period_of(done)
    due = due_of_month(month, begun, days_after)
    wanted = period_of(begun) if month is None else max(following(month), period_of(begun))
    assert due == last_day(wanted) + timedelta(days=days_after)


@given(begun=days, age=st.integers(0, 2000), interval=st.integers(1, 1100), gap=st.integers(0, 2000))
def test_a_block_is_late_once_its_interval_is_past(begun: date, age: int, interval: int, gap: int) -> None:
    last = begun + timedelta(days=age)
    facts = Facts(begun, {"services": last}, days={"due_services_days": interval})
    duty = {item.code: item for item in reckon(facts, last + timedelta(days=gap))}["services"]
    assert duty.due_on == last + timedelta(days=interval)
    assert duty.late_days == max(0, gap - interval)
    assert duty.state == (f"逾期 {gap - interval} 天" if gap > interval else "按时")


@given(begun=days, gap=st.integers(0, 400))
def test_what_was_never_published_is_due_a_month_after_the_opening(begun: date, gap: int) -> None:
    found = reckon(Facts(begun), begun + timedelta(days=gap))
    for duty in found:
        if duty.code in BLOCKS:
            assert duty.late_days == max(0, gap - 30)
            assert duty.state == (f"尚未公开，已逾期 {gap - 30} 天" if gap > 30 else "尚未公开")


@given(begun=days, covered=days, told=days)
def test_reporting_an_old_month_late_does_not_buy_time(begun: date, covered: date, told: date) -> None:
    """What counts is what the newest note covers, not the day on which it was written."""
    facts = Facts(begun, {"fulfilment": told}, covered=covered)
    duty = {item.code: item for item in reckon(facts, told)}["fulfilment"]
    assert duty.due_on == covered + timedelta(days=45)


def test_each_kind_of_statement_has_a_duty() -> None:
    assert sorted(SPAN_KINDS) == sorted(code for code, rule in rules().items() if rule.rule == "span")
