"""A project from its need to the final account; who may do what; what the plan must say."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import Engine

from ledger.errors import Refused
from ledger.people import Actor, Forbidden, Role
from ledger.projects.course import accept_milestone
from ledger.projects.final import final_values, publish_final
from ledger.projects.lists import Need, Resource, list_needs, list_resources, record_need, record_resource
from ledger.projects.plans import adopt_plan, draft_plan, kept_parts
from ledger.projects.sums import paid_in_by_unit
from ledger.projects.value import Milestone, Portion, Source
from ledger.records import places_of
from ledger.store.engine import reading, writing
from ledger.verify import verify_books
from tests.decisions import note_decision
from tests.ledger.books import DAY, TODAY, act
from tests.projects.desk import PAPER, Site, lift_plan, open_site, under_way
from tests.servers import Database
from tests.verify.tamper import behind_the_back, sql
from tests.work.people import ACCOUNTANT, CHECKER, EVERYTHING, MEMBER, SUPERVISOR


def refused(call) -> set[str]:  # type: ignore[no-untyped-def]
    with pytest.raises(Refused) as caught:
        call()
    return caught.value.codes


def finish_building(site: Site) -> None:
    """Both milestones invoiced; everything paid but what is kept back."""
    site.carry(site.invoice("1", 290_000_00))
    site.carry(site.payment(site.debts()))
    site.accept("2")
    site.carry(site.invoice("2", 700_000_00))
    due = {key: fen for key, fen in site.debts().items() if key.endswith("220201")}
    site.carry(site.payment(due))


def test_a_lift_from_need_to_final_account(engine: Engine) -> None:
    site = under_way(engine)
    finish_building(site)
    site.evaluate(10, 1, 1)
    place = site.finalize("节约一万元")
    file = site.file()
    assert file.state == "closed"
    with reading(engine) as conn:
        assert places_of(conn, site.trust_id, "final_account", ["X1"]) == {"X1": place}
        value = final_values(conn, site.trust_id, ["X1"])["X1"]
    assert (value["planned"], value["cost"], value["difference"]) == (1_000_000_00, 990_000_00, -10_000_00)
    assert (value["paid"], value["unpaid"], value["remainder"]) == (955_000_00, 35_000_00, 10_000_00)
    assert [row["cost"] for row in value["milestones"]] == [290_000_00, 700_000_00]
    assert value["vendors"] == [{"name": "电梯公司", "cost": 990_000_00, "paid": 955_000_00}]
    assert value["accounts"] == [{"book": "A", "account": "5018", "cost": 990_000_00}]
    assert sum(row["to_return"] for row in value["sources"]) == value["remainder"]
    assert [row["to_return"] for row in value["sources"]] == [4_000_00, 1_000_00, 5_000_00]
    assert value["evaluations"] == [{"on": DAY.isoformat(), "satisfied": 10, "fair": 1, "unsatisfied": 1}]
    assert "07-1-" not in str(value), "no household in what is published"


def test_the_published_account_is_found_again_by_verification(engine: Engine) -> None:
    site = under_way(engine)
    finish_building(site)
    site.finalize()
    site.carry(
        site.payment(site.debts(), on=date(2025, 6, 2)), on=date(2025, 6, 2)
    )  # the money kept back, after the account
    with reading(engine) as conn:
        found = verify_books(conn, site.trust_id, None)
    assert found.records == 1
    assert [item.code for item in found.findings] == ["checkpoint.missing"], "nobody signs in this test"


def test_an_edited_plan_behind_a_published_account_is_found(engine: Engine, database: Database) -> None:
    site = under_way(engine)
    finish_building(site)
    site.finalize()
    with behind_the_back(database) as conn:
        sql(conn, "UPDATE project_plan SET body = replace(body, '4/9', '3/9'), total = total + 0 * :t")
    with reading(engine) as conn:
        found = verify_books(conn, site.trust_id, None)
    assert [item.code for item in found.findings] != ["checkpoint.missing"]


def test_after_the_final_account_only_debts_are_paid(engine: Engine) -> None:
    site = under_way(engine)
    finish_building(site)
    spare = site.invoice("2", 1)  # made before, handed in after
    site.finalize()
    assert "project_closed" in refused(lambda: site.prepare(spare))
    assert refused(site.draft) >= {"project_closed"}
    assert refused(lambda: site.grant(code="BZ-2")) == {"project_closed"}
    assert refused(lambda: site.accept("1")) == {"project_closed"}
    assert refused(site.finalize) == {"project_closed"}
    assert site.debts() != {}
    site.carry(site.payment(site.debts(), on=date(2025, 6, 2)), on=date(2025, 6, 2))
    assert site.debts() == {}


def test_no_final_account_before_all_is_accepted_and_work_is_done(engine: Engine) -> None:
    site = under_way(engine)
    assert refused(site.finalize) == {"milestone_not_accepted"}
    site.accept("2")
    no = site.prepare(site.invoice("1", 100_00))
    assert refused(site.finalize) == {"work_under_way"}
    site.finish(no)
    site.draft()
    assert refused(site.finalize) == {"plan_waiting"}


def test_a_plan_rests_on_a_decision_about_the_right_matter(engine: Engine) -> None:
    site = open_site(engine)
    site.draft(lift_plan(resolution="业决〔2025〕99号"))
    assert refused(site.adopt) == {"unknown_decision"}
    with writing(engine) as conn:
        note_decision(conn, site.trust_id, "另一件事", "other")
        note_decision(conn, site.trust_id, "以后", "rebuild", decided_on=date(2025, 9, 1))
    site.draft(lift_plan(resolution="另一件事"))
    assert refused(site.adopt) == {"wrong_matter"}
    site.draft(lift_plan(resolution="以后"))
    assert refused(site.adopt) == {"decision_not_in_force"}
    site.draft()
    assert site.adopt() == 4
    assert site.file().state == "running"
    assert refused(site.adopt) == {"adopted_already"}


def test_only_the_plan_that_was_read_is_adopted(engine: Engine) -> None:
    site = open_site(engine)
    site.draft()
    site.draft(lift_plan(total=1_200_000_00))
    assert refused(lambda: site.adopt(version=1)) == {"plan_changed"}
    assert refused(lambda: site.adopt(version=3)) == {"plan_changed"}
    assert site.file().adopted is None
    assert site.adopt(version=2) == 2


def test_what_was_accepted_stays_in_every_later_plan(engine: Engine) -> None:
    site = under_way(engine)
    other = (Milestone("1", "预付", "签合同", Portion("3/10")), lift_plan().milestones[1])
    assert refused(lambda: site.draft(lift_plan(milestones=other))) == {"milestone_accepted"}
    assert refused(lambda: site.draft(lift_plan(milestones=lift_plan().milestones[1:]))) >= {
        "milestone_accepted"
    }
    bigger = lift_plan(total=1_200_000_00)
    assert site.draft(bigger) == 2


def test_nobody_of_the_trustee_decides_for_the_committee(engine: Engine) -> None:
    site = open_site(engine)
    site.draft()
    both = Actor("p-9", "两头（liangtou）", frozenset({Role.COMMITTEE, Role.CASHIER}))
    with writing(engine) as conn, pytest.raises(Forbidden) as caught:
        adopt_plan(conn, site.trust_id, "X1", both, act(), version=1)
    assert caught.value.codes == {"trustee_apart"}


def test_adopting_keeps_what_each_home_bears(engine: Engine) -> None:
    site = open_site(engine)
    site.draft()
    site.adopt()
    with reading(engine) as conn:
        parts = kept_parts(conn, site.trust_id, "X1", 1)
    assert sum(part.amount for part in parts) == 500_000_00
    assert {part.unit for part in parts} == {
        f"07-1-0{floor}0{door}" for floor in range(2, 7) for door in (1, 2)
    }
    by_unit = {part.unit: part.amount for part in parts}
    assert by_unit["07-1-0601"] > by_unit["07-1-0201"]


def test_what_each_home_paid_in_is_known_and_corrections_count(engine: Engine) -> None:
    site = under_way(engine)
    ref = site.receive("owners", 30_00, homes={"07-1-0301": 10_00, "07-1-0302": 20_00})
    site.carry(_reversal(ref))
    with reading(engine) as conn:
        paid = paid_in_by_unit(conn, site.trust_id, "X1")
    assert {unit: fen for unit, fen in paid.items() if fen} == {
        "07-1-0601": 300_000_00,
        "07-1-0602": 200_000_00,
    }


def _reversal(ref: str):  # type: ignore[no-untyped-def]
    from ledger.work import Work

    return Work(kind="reversal", title="冲销", reverses=ref, reason="记错", on=DAY)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"project": "X 1"}, "bad_code"),
        ({"title": ""}, "empty_field"),
        ({"purpose": "给13800138000"}, "private_data"),
        ({"total": 0}, "bad_amount"),
        ({"ends_on": date(2025, 1, 1)}, "bad_days"),
        ({"matter": "weather"}, "bad_choice"),
        ({"sources": ()}, "bad_sources"),
        ({"sources": (Source("owners", Portion("1/2")), Source("owners", Portion("1/2")))}, "bad_sources"),
        ({"sources": (Source("owners", Portion("1/2")),)}, "not_whole"),
        ({"resolution": ""}, "no_decision"),
        ({"sharing": None}, "no_sharing"),
        ({"milestones": ()}, "no_milestones"),
        ({"milestones": (Milestone("1", "全部", "验收", Portion("1/2")),)}, "not_whole"),
        ({"milestones": (Milestone("1 a", "全部", "验收", Portion("1/1")),)}, "bad_milestone"),
        ({"milestones": (Milestone("1", "全部", "验收", Portion("1/1"), 100),)}, "bad_retention"),
        ({"retention_until": None}, "missing"),
        ({"needs": (9,)}, "unknown_number"),
        ({"resources": (9,)}, "unknown_number"),
        ({"maintenance_plans": ("WX-9",)}, "unknown_plan"),
    ],
)
def test_a_plan_that_does_not_hold_is_refused(engine: Engine, changes: dict[str, object], code: str) -> None:
    site = open_site(engine)
    assert code in refused(lambda: site.draft(lift_plan(**changes)))


def test_needs_and_resources_have_versions_and_the_newest_counts(engine: Engine) -> None:
    site = open_site(engine)
    first, second = site.need(), site.need(title="水管老化", homes=200, urgency="urgent")
    assert (first, second) == (1, 2)
    site.need(no=1, state="withdrawn")
    resource = Resource("government", "锦城区住建局", "加装电梯补助", 400_000_00, "applied")
    with writing(engine) as conn:
        assert record_resource(conn, site.trust_id, resource, ACCOUNTANT, act()) == 1
    with reading(engine) as conn:
        needs = list_needs(conn, site.trust_id)
        assert [(need.no, need.state) for need in needs] == [(2, "open"), (1, "withdrawn")]
        assert [need.no for need in list_needs(conn, site.trust_id, before=2)] == [1]
        assert [item.giver for item in list_resources(conn, site.trust_id)] == ["锦城区住建局"]


def test_lists_refuse_what_is_missing_private_or_unknown(engine: Engine) -> None:
    site = open_site(engine)
    assert refused(lambda: site.need(title="", homes=0, urgency="?")) == {
        "empty_field",
        "bad_number",
        "bad_choice",
    }
    assert refused(lambda: site.need(place="3栋1单元501")) == {"private_data"}
    assert refused(lambda: site.need(no=7)) == {"unknown_number"}
    promised = Resource("society", "慈善会", "捐款", 0, "promised", document="cd" * 32)
    with writing(engine) as conn:
        codes = refused(lambda: record_resource(conn, site.trust_id, promised, ACCOUNTANT, act()))
    assert codes == {"bad_amount", "empty_field", "unknown_document"}


def test_everybody_keeps_to_their_part(engine: Engine) -> None:
    site = open_site(engine)
    need = Need("需求", "7栋", 1, "soon", "residents")
    with writing(engine) as conn, pytest.raises(Forbidden):
        record_need(conn, site.trust_id, need, SUPERVISOR, act())
    with writing(engine) as conn, pytest.raises(Forbidden):
        draft_plan(conn, site.trust_id, lift_plan(), MEMBER, act())
    site.draft()
    for actor in (ACCOUNTANT, CHECKER, SUPERVISOR, EVERYTHING):
        with writing(engine) as conn:
            with pytest.raises(Forbidden):
                adopt_plan(conn, site.trust_id, "X1", actor, act(), version=1)
            with pytest.raises(Forbidden):
                publish_final(conn, site.trust_id, "X1", note="", actor=actor, act=act())
    site.adopt()
    for actor in (ACCOUNTANT, CHECKER, SUPERVISOR):
        with writing(engine) as conn, pytest.raises(Forbidden):
            accept_milestone(conn, site.trust_id, "X1", "1", document=PAPER, on=DAY, actor=actor, act=act())


def test_a_milestone_is_accepted_once_with_its_paper(engine: Engine) -> None:
    site = open_site(engine)
    site.draft()
    assert refused(lambda: site.accept("1")) == {"project_not_adopted"}
    site.adopt()
    assert refused(lambda: site.accept("1", document="")) == {"no_document"}
    assert refused(lambda: site.accept("1", document="cd" * 32)) == {"unknown_document"}
    assert refused(lambda: site.accept("9")) == {"no_milestone"}
    assert refused(lambda: site.accept("1", on=date(2026, 1, 1))) == {"future_date"}
    site.accept("1")
    assert refused(lambda: site.accept("1")) == {"accepted_already"}
    assert site.file().accepted["1"].happened_on <= TODAY
