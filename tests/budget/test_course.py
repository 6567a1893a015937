"""From draft to force: public notice, comments that are answered, the right body's decision, nothing backdated."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from ledger.budget.comments import MOST_COMMENTS, answer, comment
from ledger.budget.course import give_notice, send_back, withdraw
from ledger.budget.drafting import open_draft, save_lines
from ledger.budget.execution import execution, forecast
from ledger.budget.figures import free_balance
from ledger.budget.published import rebuild
from ledger.budget.read import current, list_versions, read_comments, read_lines, read_version
from ledger.budget.value import Key
from ledger.errors import Refused
from ledger.people import Actor, Forbidden
from ledger.records import places_of
from ledger.store.engine import reading, writing
from ledger.trust import load_setup
from ledger.verify import verify_books
from tests.budget.desk import (
    FEES,
    IN_FORCE,
    LIFT,
    LINES,
    NEIGHBOUR,
    NOTICE,
    OWNER,
    agree,
    approve,
    ask,
    budget_books,
    drafted,
    in_force,
    income,
    noticed,
    spending,
)
from tests.decisions import note_decision
from tests.ledger.books import DAY, MAJOR, TODAY, Books, act, fee_charge, invoice
from tests.work.people import ACCOUNTANT, CHAIR, CHECKER, MEMBER


@pytest.fixture
def books(engine: Engine) -> Books:
    return budget_books(engine)


def say(books: Books, key: Key, text: str = "电梯为什么涨价？", *, on: date = NOTICE, by: Actor = OWNER, line: str = "") -> int:  # fmt: skip
    with writing(books.engine) as conn:
        return comment(conn, books.trust_id, key, text, line=line, actor=by, act=act(on))


def reply(books: Books, key: Key, no: int, text: str = "合同到期重新比价", by: Actor = CHECKER) -> None:
    with writing(books.engine) as conn:
        answer(conn, books.trust_id, key, no, text, actor=by, act=act(NOTICE))


def state(books: Books, key: Key) -> str:
    with reading(books.engine) as conn:
        return read_version(conn, books.trust_id, key).state


def test_a_draft_becomes_a_budget_in_force_and_a_record_in_the_log(books: Books) -> None:
    key = drafted(books)
    assert state(books, key) == "draft"
    with writing(books.engine) as conn:
        ends_on = give_notice(conn, books.trust_id, key, actor=CHECKER, act=act(NOTICE))
    assert ends_on == NOTICE + timedelta(days=15)
    assert state(books, key) == "noticed"
    seq = approve(books, key)
    assert state(books, key) == "adopted"
    with reading(books.engine) as conn:
        assert places_of(conn, books.trust_id, "budget", ["2025-F1-v1"]) == {"2025-F1-v1": seq}
        value = rebuild(conn, books.trust_id, ["2025-F1-v1", "2025-F1-v9", "nonsense"])
        found = current(conn, books.trust_id, 2025, "F1")
    assert [*value] == ["2025-F1-v1"]
    assert value["2025-F1-v1"]["decision"] == "业委会纪要7号"
    assert (value["2025-F1-v1"]["income"], value["2025-F1-v1"]["expense"]) == (10_000_00, 1_200_00)
    assert found is not None
    assert [line.code for line in found[1]] == [FEES, LIFT, "2025-F1-02"]
    with reading(books.engine) as conn:
        report = verify_books(conn, books.trust_id, None)
    assert report.records == 1
    assert [found for found in report.findings if found.code.startswith("record")] == []


def test_comments_come_while_on_notice_and_are_answered_before_approval(books: Books) -> None:
    key = noticed(books)
    no = say(books, key, line=LIFT)
    with pytest.raises(Refused, match="还有 1 条意见没有答复") as refused:
        approve(books, key)
    assert refused.value.codes == {"unanswered"}
    reply(books, key, no)
    reply(books, key, no, "同意物业的说明", by=MEMBER)
    with reading(books.engine) as conn:
        (shown,) = read_comments(conn, books.trust_id, key)
        assert read_comments(conn, books.trust_id, key, person=NEIGHBOUR.person) == []
    assert (shown.line, [(a.who, a.text) for a in shown.answers]) == (
        LIFT,
        [("物业", "合同到期重新比价"), ("业委会", "同意物业的说明")],
    )
    assert OWNER.signature not in repr(shown)
    approve(books, key)
    with reading(books.engine) as conn:
        assert rebuild(conn, books.trust_id, [key.subject])[key.subject]["comments"] == 1


@pytest.mark.parametrize(
    ("text", "code"),
    [("", "missing"), ("嗯", "too_short"), ("打我电话13812345678", "private_data"), ("长" * 501, "too_long")],
)
def test_a_comment_that_cannot_be_shown_is_refused(books: Books, text: str, code: str) -> None:
    key = noticed(books)
    with pytest.raises(Refused) as refused:
        say(books, key, text)
    assert refused.value.codes == {code}


def test_comments_are_for_owners_in_time_and_not_without_end(books: Books) -> None:
    draft = drafted(books)
    with pytest.raises(Refused, match="不在公示中"):
        say(books, draft)
    with writing(books.engine) as conn:
        give_notice(conn, books.trust_id, draft, actor=CHECKER, act=act(NOTICE))
    with pytest.raises(Forbidden):
        say(books, draft, by=ACCOUNTANT)
    with pytest.raises(Refused, match="没有您选的那一行"):
        say(books, draft, line="2025-F1-99")
    say(books, draft, on=NOTICE + timedelta(days=15))
    with pytest.raises(Refused, match="公示已于"):
        say(books, draft, on=IN_FORCE)
    for _ in range(MOST_COMMENTS - 1):
        say(books, draft)
    with pytest.raises(Refused, match="最多提"):
        say(books, draft)
    say(books, draft, by=NEIGHBOUR)
    with pytest.raises(Refused, match="没有第 99 条意见"):
        reply(books, draft, 99)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"on": NOTICE + timedelta(days=15)}, "notice_running"),
        ({"effective_on": IN_FORCE - timedelta(days=1)}, "backdated"),
        ({"effective_on": date(2026, 1, 1)}, "other_year"),
        ({"decision": " "}, "missing"),
        ({"decision": "找王芳13812345678"}, "private_data"),
    ],
)
def test_approval_that_is_too_early_backdated_or_rests_on_nothing_is_refused(
    books: Books, changes: dict[str, Any], code: str
) -> None:
    key = noticed(books)
    with pytest.raises(Refused) as refused:
        approve(books, key, **changes)
    assert refused.value.codes == {code}
    assert state(books, key) == "noticed"


def test_only_the_chair_approves_and_nobody_what_they_drew_up(books: Books) -> None:
    key = noticed(books)
    for somebody in (ACCOUNTANT, CHECKER, MEMBER, OWNER):
        with pytest.raises(Forbidden):
            approve(books, key, actor=somebody)
    with writing(books.engine) as conn:
        send_back(conn, books.trust_id, key, "改一行", actor=CHECKER, act=act(NOTICE))
        save_lines(conn, books.trust_id, key, [spending(code=LIFT)], CHAIR, act(NOTICE))
        give_notice(conn, books.trust_id, key, overrun="结余", actor=CHECKER, act=act(NOTICE))
    with pytest.raises(Refused, match="编制的人不能自己批准"):
        approve(books, key)


def test_who_drew_a_budget_up_does_not_put_it_on_notice(books: Books) -> None:
    with writing(books.engine) as conn:
        key = open_draft(conn, books.trust_id, 2025, "F1", actor=CHAIR, act=act(NOTICE))
        save_lines(conn, books.trust_id, key, [income(), spending()], CHAIR, act(NOTICE))
    with pytest.raises(Refused, match="编制的人不能自己公示"), writing(books.engine) as conn:
        give_notice(conn, books.trust_id, key, actor=CHAIR, act=act(NOTICE))


def test_where_the_deed_asks_for_the_assembly_a_resolution_is_needed(engine: Engine) -> None:
    books = budget_books(engine, budget_approved_by="assembly")
    key = noticed(books)
    for number, code in (("", "no_resolution"), ("2025-404", None), ("业决〔2024〕1号", None)):
        with pytest.raises(Refused) as refused:
            approve(books, key, decision=number)
        assert code is None or refused.value.codes == {code}
    with writing(engine) as conn:
        agreed = note_decision(conn, books.trust_id, "业决〔2025〕5号", decided_on=NOTICE)
    approve(books, key, decision=agreed)
    with reading(engine) as conn:
        adopted = read_version(conn, books.trust_id, key).adopted
    assert adopted is not None
    assert (adopted.body, adopted.decision) == ("assembly", agreed)


def test_a_decision_taken_before_the_lines_on_notice_were_known_does_not_carry_them(engine: Engine) -> None:
    books = budget_books(engine, budget_approved_by="assembly")
    key = noticed(books)
    with writing(engine) as conn:
        agreed = note_decision(conn, books.trust_id, "业决〔2025〕5号", decided_on=NOTICE)
        send_back(conn, books.trust_id, key, "改一行", actor=CHECKER, act=act(NOTICE))
        save_lines(conn, books.trust_id, key, [income(), spending(yuan=5_000)], ACCOUNTANT, act(NOTICE))
    later = NOTICE + timedelta(days=1)
    with writing(engine) as conn:
        give_notice(conn, books.trust_id, key, actor=CHECKER, act=act(later))
    for number in (agreed, MAJOR):
        with pytest.raises(Refused, match="早于本次公示") as refused:
            approve(books, key, on=later + timedelta(days=16), decision=number)
        assert refused.value.codes == {"decided_before_notice"}
    assert state(books, key) == "noticed"


def test_lines_saved_since_they_were_read_are_not_put_on_notice_unseen(books: Books) -> None:
    key = drafted(books)
    with reading(books.engine) as conn:
        seen = read_version(conn, books.trust_id, key).revision
    with writing(books.engine) as conn:
        newest = save_lines(
            conn, books.trust_id, key, [income(), spending(yuan=9_000)], ACCOUNTANT, act(NOTICE)
        )
    with pytest.raises(Refused, match="又保存过") as refused, writing(books.engine) as conn:
        give_notice(conn, books.trust_id, key, revision=seen, actor=CHECKER, act=act(NOTICE))
    assert refused.value.codes == {"lines_changed"}
    assert state(books, key) == "draft"
    with writing(books.engine) as conn:
        give_notice(conn, books.trust_id, key, revision=newest, actor=CHECKER, act=act(NOTICE))
    assert state(books, key) == "noticed"


def test_without_a_setting_the_assembly_decides(engine: Engine) -> None:
    books = budget_books(engine, budget_approved_by="assembly", budget_notice_days=3)
    key = noticed(books)
    with pytest.raises(Refused) as refused:
        approve(books, key, on=NOTICE + timedelta(days=4), decision="纪要")
    assert "notice_running" not in refused.value.codes


def test_spending_above_income_and_free_balance_needs_a_public_reason(books: Books) -> None:
    free = 500_00  # what the household paid is in the bank and owed to nobody
    with reading(books.engine) as conn:
        assert free_balance(conn, books.trust_id, "F1", 2025, TODAY) == 0  # on 31 December there was nothing
        assert free_balance(conn, books.trust_id, "F1", 2026, TODAY) == free
    lines = [income(yuan=1_000), spending(yuan=1_500)]
    key = drafted(books, lines, year=2026)
    with writing(books.engine) as conn:
        give_notice(conn, books.trust_id, key, actor=CHECKER, act=act(NOTICE))
        withdraw(conn, books.trust_id, key, "重编", actor=CHECKER, act=act(NOTICE))
    lines = [income(yuan=1_000), spending(price=15_000_100)]
    with pytest.raises(Refused, match=r"多 0.01 元；以收定支") as refused:
        noticed(books, lines, year=2026)
    assert refused.value.codes == {"over_income"}


def test_the_reason_for_spending_more_is_kept_with_the_figures_of_the_day(books: Books) -> None:
    key = noticed(books, [spending(yuan=9_000)], overrun="历年结余另行划转")
    with reading(books.engine) as conn:
        notice = read_version(conn, books.trust_id, key).notice
    assert notice is not None
    assert (notice.note, notice.income, notice.expense, notice.free) == ("历年结余另行划转", 0, 9_000_00, 0)


def test_sent_back_changed_and_on_notice_again(books: Books) -> None:
    key = noticed(books)
    with pytest.raises(Refused, match="不能再改"), writing(books.engine) as conn:
        save_lines(conn, books.trust_id, key, [spending()], ACCOUNTANT, act(NOTICE))
    with writing(books.engine) as conn:
        send_back(conn, books.trust_id, key, "漏了保洁", actor=CHECKER, act=act(NOTICE))
        save_lines(
            conn, books.trust_id, key, [*LINES, spending("保洁", 50, accounts=("5003",))], ACCOUNTANT, act()
        )
    later = NOTICE + timedelta(days=5)
    with writing(books.engine) as conn:
        give_notice(conn, books.trust_id, key, actor=CHECKER, act=act(later))
    with pytest.raises(Refused, match="公示到"):
        approve(books, key)
    approve(books, key, on=later + timedelta(days=16))
    with reading(books.engine) as conn:
        version = read_version(conn, books.trust_id, key)
        assert [s.step for s in version.steps] == ["notice", "return", "notice", "adopt"]
        codes = [line.code for line in read_lines(conn, books.trust_id, key, version.fixed)]
    # the lines were typed anew without their codes: numbers that were given once are not used again
    assert codes == ["2025-F1-I02", "2025-F1-03", "2025-F1-04", "2025-F1-05"]


def test_one_version_at_a_time_and_an_adjustment_says_why(books: Books) -> None:
    key = drafted(books)
    with pytest.raises(Refused, match="第 1 版还没有办完"):
        drafted(books)
    with writing(books.engine) as conn:
        withdraw(conn, books.trust_id, key, "重编", actor=CHECKER, act=act(NOTICE))
    in_force(books)
    with pytest.raises(Refused, match="请填写调整原因"):
        drafted(books)
    second = noticed(books, [spending(code=LIFT, yuan=2_000)], reason="电梯大修", overrun="结余", on=IN_FORCE)
    with pytest.raises(Refused, match="上一版自"):
        approve(books, second, on=IN_FORCE + timedelta(days=16), effective_on=IN_FORCE)
    approve(books, second, on=IN_FORCE + timedelta(days=16))
    with reading(books.engine) as conn:
        versions = list_versions(conn, books.trust_id, year=2025, fund="F1")
        assert [(v.key.version, v.state) for v in versions] == [
            (3, "adopted"),
            (2, "adopted"),
            (1, "withdrawn"),
        ]


def test_the_next_year_starts_from_this_years_lines(books: Books) -> None:
    in_force(books)
    with writing(books.engine) as conn:
        key = open_draft(conn, books.trust_id, 2026, "F1", actor=ACCOUNTANT, act=act(IN_FORCE))
        lines = read_lines(conn, books.trust_id, key, 1)
    assert [(line.code, line.amount) for line in lines] == [
        ("2026-F1-I01", 10_000_00),
        ("2026-F1-01", 1_000_00),
        ("2026-F1-02", 200_00),
    ]


@pytest.mark.parametrize(
    ("year", "fund"), [(2024, "F1"), (2027, "F1"), (2025, "F3"), (2025, "F5"), (2025, "M"), (2025, "F9")]
)
def test_other_years_and_funds_have_no_budget(books: Books, year: int, fund: str) -> None:
    with pytest.raises(Refused) as refused:
        drafted(books, year=year, fund=fund)
    assert refused.value.codes <= {"no_budget_fund", "bad_budget_year"}


def test_budget_against_actual(books: Books) -> None:
    books.post(invoice(70_00))  # in March, before there was a budget
    books.post(fee_charge())
    key = in_force(books)
    agree(books, ask(books, 300_00))
    ask(books, 100_00)
    with reading(books.engine) as conn:
        setup = load_setup(conn, books.trust_id)
        found = current(conn, books.trust_id, 2025, "F1")
        assert found is not None
        report = execution(conn, books.trust_id, setup.chart, *found, IN_FORCE, IN_FORCE)
    lift, office = report.spending
    assert (lift.line.amount, lift.actual, lift.encumbered, lift.left) == (1_000_00, 300_00, 100_00, 600_00)
    assert lift.months[IN_FORCE.month - 1] == 300_00 == sum(lift.months)
    assert (report.budgeted, report.actual, report.encumbered, report.left) == (
        1_200_00,
        300_00,
        100_00,
        800_00,
    )
    assert report.outside == 70_00
    assert [row.actual for row in report.income] == [300_00]
    assert office.forecast == 200_00  # as planned
    assert key == report.key


def test_the_forecast_goes_by_its_printed_method() -> None:
    monthly, once = spending(yuan=1_200), spending(yuan=1_200, spread="once")
    assert forecast(monthly, 300_00, gone=3, months=12) == 1_200_00
    assert forecast(monthly, 5, gone=2, months=3) == 8  # half a fen goes up
    assert forecast(monthly, 100_00, gone=0, months=12) == 1_200_00  # as planned while there is no pace yet
    assert forecast(monthly, 1_300_00, gone=0, months=12) == 1_300_00
    assert forecast(monthly, 900_00, gone=12, months=12) == 900_00
    assert forecast(once, 150_00, gone=3, months=12) == 1_200_00
    assert forecast(once, 1_300_00, gone=3, months=12) == 1_300_00
    assert forecast(once, 150_00, gone=13, months=12) == 150_00


@pytest.mark.parametrize(
    ("today", "expected"),
    [
        (IN_FORCE, 1_800_00),  # July is used: six months at 300.00
        (date(2025, 8, 5), 1_800_00),  # August is not used yet and does not count
        (date(2025, 10, 5), 600_00),  # one bill in July, August and September without
        (date(2026, 2, 1), 300_00),
    ],
)
def test_a_month_counts_once_it_is_used_or_over(books: Books, today: date, expected: int) -> None:
    in_force(books)
    agree(books, ask(books, 300_00))
    with reading(books.engine) as conn:
        chart = load_setup(conn, books.trust_id).chart
        found = current(conn, books.trust_id, 2025, "F1")
        assert found is not None
        lift, _ = execution(conn, books.trust_id, chart, *found, IN_FORCE, today).spending
    assert lift.forecast == expected


def test_last_years_actual_leaves_out_what_carries_the_result(engine: Engine) -> None:
    from ledger.budget.figures import beside_lines, year_by_account

    books = budget_books(engine)
    books.post(invoice(70_00, date=date(2024, 5, 1)))
    books.post(invoice(5_00, date=DAY))
    books.close_year(2024)
    with reading(engine) as conn:
        chart = load_setup(conn, books.trust_id).chart
        by_account = year_by_account(conn, books.trust_id, chart, "F1", 2024)
    assert by_account["500501"] == 70_00
    one, two = spending(code=LIFT), spending("第二部", code="2025-F1-02")
    assert beside_lines([one, two], by_account) == {LIFT: 70_00}
