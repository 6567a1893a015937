"""Whoever would like another result finds no way round the rules."""

from __future__ import annotations

from datetime import date

import msgspec
import pytest
from sqlalchemy import Engine

from ledger.errors import Refused
from ledger.evaluation.checks import scheme_problems
from ledger.evaluation.scheme import Rule, default_scheme
from ledger.journal import Document, amend
from ledger.payments.remuneration import remuneration_sheet, remuneration_work
from ledger.trust.setup import load_setup
from ledger.work import prepare, review
from tests.evaluation.rounds import HOMES, Community, open_community
from tests.evaluation.test_consequences import BAD, CLAUSE, DEED, accrued, paid
from tests.ledger.books import draft, line
from tests.work.people import ACCOUNTANT, CHECKER


@pytest.fixture
def c(engine: Engine, tmp_path) -> Community:
    return open_community(engine, tmp_path, remuneration_clause=CLAUSE, **DEED)


def _to_preview(c: Community) -> None:
    c.open()
    c.figures()
    c.sheets(*BAD)
    c.survey(dict.fromkeys(HOMES[:6], "yes"))
    c.preview()


def test_remuneration_prepared_before_the_result_is_not_paid_after_it(c: Community) -> None:
    _to_preview(c)
    with c.desk.writing() as (conn, t, act):
        setup = load_setup(conn, t)
        sheet = remuneration_sheet(conn, setup, 202506, on=act.today)
        papers = (Document("remuneration_sheet", "酬金计算表"),)
        work = remuneration_work(
            conn, setup, sheet, amount=sheet.amount or 0, party="TRUSTEE", fund="F1",
            on=date(2025, 6, 30), documents=papers, act=act,
        )  # fmt: skip
        no = prepare(conn, t, work, ACCOUNTANT, act).no
    c.finalise()
    with c.desk.writing() as (conn, t, act):
        review(conn, t, no, CHECKER, act)
    with pytest.raises(Refused, match="70%"):
        paid(c, 10_000_00)


def _amended_to(c: Community, amount: int) -> None:
    c.open()
    c.figures()
    early = accrued(c, 10_000_00)
    c.sheets(*BAD)
    c.survey(dict.fromkeys(HOMES[:6], "yes"))
    c.preview()
    c.finalise()
    lines = [line("D", "5014", amount), line("C", "2242", amount, party="TRUSTEE")]
    with c.desk.writing() as (conn, t, act):
        amend(conn, t, early, draft("E15a", lines, "remuneration_sheet", date=c.desk.today), act)


def test_an_amendment_to_another_sum_does_not_do(c: Community) -> None:
    _amended_to(c, 9_999_99)
    with pytest.raises(Refused, match="70%"):
        paid(c, 9_999_99)


def test_an_amendment_to_the_share_asked_for_does(c: Community) -> None:
    _amended_to(c, 7_000_00)
    paid(c, 7_000_00)


@pytest.mark.parametrize(("code", "how"), [("S8", "percent"), ("S6", "shortfall")])
def test_a_share_is_judged_the_right_way_round(code: str, how: str) -> None:
    kept = default_scheme()
    changed = tuple(
        msgspec.structs.replace(
            one, rules=(msgspec.structs.replace(one.rules[0], how=how, each=1_00), *one.rules[1:])
        )
        if one.code == code
        else one
        for one in kept.service
    )
    problems = scheme_problems(msgspec.structs.replace(kept, service=changed))
    assert {one.code for one in problems} == {"bad_how"}


def test_satisfaction_is_not_told_of_so_few_that_they_are_known() -> None:
    kept = default_scheme()
    few = Rule("sat", "满意", how="shortfall", measure="inquiries_satisfied", args={"least": 4})
    changed = tuple(
        msgspec.structs.replace(one, rules=(few,)) if one.code == "S6" else one for one in kept.service
    )
    problems = scheme_problems(msgspec.structs.replace(kept, service=changed))
    assert [one.message for one in problems] == ["评价至少 5 份才计，才看不出是谁评的"]
