"""Money of a project goes to its purpose, whatever form the work comes from."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import msgspec
import pytest
from sqlalchemy import Engine

from ledger.errors import Refused
from ledger.journal import Document, Line
from ledger.maintenance import Use
from ledger.maintenance.plans import Plan as UsePlan
from ledger.maintenance.plans import record_plan
from ledger.maintenance.scope import Scope
from ledger.payments.requests import PaymentRequest, payment_work
from ledger.projects.limits import source_warnings
from ledger.projects.paying import fund_use_work, propose_sources
from ledger.projects.value import Portion, Source
from ledger.store.engine import writing
from ledger.trust import load_setup
from ledger.work import Work
from tests.decisions import note_decision
from tests.ledger.books import DAY, act, cash, changed, contribution, draft, line
from tests.projects.desk import LIFT_UNITS, PAPER, Site, lift_plan, open_site, under_way, with_references
from tests.work.people import ACCOUNTANT


@pytest.fixture
def site(engine: Engine) -> Site:
    return under_way(engine)


def codes(site: Site, work: Work) -> set[str]:
    """Why work can't be handed in."""
    with pytest.raises(Refused) as caught:
        site.prepare(work)
    return caught.value.codes


def refusal(call) -> set[str]:  # type: ignore[no-untyped-def]
    with pytest.raises(Refused) as caught:
        call()
    return caught.value.codes


def voucher(*lines: Line, event: str = "E24b", **references: str) -> Work:
    """What somebody types line by line."""
    typed = draft(event, lines, "invoice", "bank_line", preparer="", reviewer="", references=references)
    return Work(kind="voucher", title="手工", drafts=(changed(typed, summary="支付"),))


def spend(fen: int, project: str = "X1", **references: str) -> Work:
    named = {
        "project": project,
        "milestone": "1",
        "source": f"业主分摊={fen // 100}.{fen % 100:02d}",
    } | references
    return voucher(
        line("D", "5018", fen, "F5", project=project),
        cash("C", fen, "F5"),
        **{kind: ref for kind, ref in named.items() if ref},
    )


def test_a_payment_by_progress_names_project_milestone_and_sources(site: Site) -> None:
    site.carry(site.invoice("1", 300_000_00))
    ref = site.carry(site.payment(site.debts()))
    stored = site.books.stored(ref).draft
    assert stored.references["project"] == "X1"
    assert stored.references["milestone"] == "1"
    assert stored.references["source"] == "政府补助=120000.00 社会筹集=30000.00 业主分摊=150000.00"
    assert stored.references["grant"] == "BZ-1=120000.00"
    assert {item.project for item in stored.lines} == {"X1"}
    sums = site.file().tally
    assert dict(sums.paid_by) == {"government": 120_000_00, "society": 30_000_00, "owners": 150_000_00}
    assert sums.left_of("BZ-1") == 280_000_00


def test_nothing_is_paid_before_the_milestone_is_accepted(site: Site) -> None:
    assert refusal(lambda: site.invoice("2", 100_00)) == {"milestone_not_accepted"}
    assert codes(site, spend(100_00, milestone="2")) >= {"milestone_not_accepted"}
    assert codes(site, spend(100_00, milestone="")) == {"no_milestone"}
    assert codes(site, spend(100_00, milestone="9")) == {"no_milestone"}


def test_a_milestone_is_never_exceeded_in_sum_waiting_work_included(site: Site) -> None:
    site.carry(site.invoice("1", 200_000_00))
    waiting = site.prepare(site.invoice("1", 100_000_00))
    assert codes(site, site.invoice("1", 1)) == {"beyond_milestone"}
    site.finish(waiting)
    assert codes(site, spend(1)) == {"beyond_milestone"}


def test_a_project_without_an_adopted_plan_spends_nothing(engine: Engine) -> None:
    site = open_site(engine)
    assert codes(site, spend(100_00, project="P1")) == {"project_not_adopted"}
    site.draft()
    assert codes(site, spend(100_00)) == {"project_not_adopted"}


def test_money_of_the_fund_can_not_leave_without_naming_a_project(site: Site) -> None:
    advance = voucher(line("D", "1123", 100_00, "F5", vendor="V1"), cash("C", 100_00, "F5"), event="E12a")
    assert codes(site, advance) == {"no_project"}
    petty = voucher(line("D", "122101", 100_00, "F5", party="STAFF"), cash("C", 100_00, "F5"), event="E13a")
    assert codes(site, petty) == {"no_project"}


def test_one_entry_is_for_one_project(site: Site) -> None:
    mixed = voucher(
        line("D", "5018", 50_00, "F5", project="X1"),
        line("D", "5018", 50_00, "F5", project="P1"),
        cash("C", 100_00, "F5"),
        project="X1",
        milestone="1",
    )
    assert codes(site, mixed) == {"project_mixed"}
    assert codes(site, spend(100_00, project="P1", **{"milestone": "1"})) == {"project_not_adopted"}
    other = with_references(spend(100_00), project="P1")
    assert codes(site, other) == {"project_mixed"}


def test_a_grant_pays_for_its_own_project_only(site: Site) -> None:
    site.draft(lift_plan(project="X2", title="8栋加装电梯"))
    site.adopt("X2")
    site.accept("1", "X2")
    site.receive("owners", 50_000_00, project="X2", homes={"07-1-0501": 50_000_00})
    wrong = spend(100_00, project="X2", source="政府补助=100.00", grant="BZ-1=100.00")
    assert "grant_other_project" in codes(site, wrong)
    assert "grant_other_project" in codes(site, spend(100_00, project="X2", grant="BZ-1=100.00"))
    assert "unknown_grant" in codes(site, spend(100_00, grant="BZ-9=1.00"))


def test_a_grant_is_not_paid_out_beyond_what_came_in(engine: Engine) -> None:
    site = open_site(engine)
    site.draft(lift_plan(binding=False))
    site.adopt()
    site.grant()
    site.accept("1")
    site.receive("government", 1_000_00, grant="BZ-1")
    site.receive("society", 5_000_00)
    enough = spend(1_000_00, source="政府补助=1000.00", grant="BZ-1=1000.00")
    too_much = spend(1_000_01, source="政府补助=1000.01", grant="BZ-1=1000.01")
    assert codes(site, too_much) >= {"beyond_grant"}
    waiting = site.prepare(enough)
    assert codes(site, spend(1, source="政府补助=0.01", grant="BZ-1=0.01")) >= {"beyond_grant"}
    site.finish(waiting)
    assert site.file().tally.left_of("BZ-1") == 0


def test_restricted_money_is_not_spent_by_leaving_its_name_out(site: Site) -> None:
    assert codes(site, spend(100_00, source="政府补助=100.00")) == {"source_not_there"}
    named_little = spend(100_00, source="政府补助=100.00", grant="BZ-1=40.00")
    assert codes(site, named_little) == {"source_not_there"}
    beyond = spend(100_00, source="业主分摊=60.00 政府补助=40.00", grant="BZ-1=60.00")
    assert "grant_beyond_source" in codes(site, beyond)


def test_a_payment_says_from_what_to_the_fen(site: Site) -> None:
    assert codes(site, spend(100_00, source="")) == {"no_source"}
    assert codes(site, spend(100_00, source="天上=100.00")) == {"no_source"}
    assert codes(site, spend(100_00, source="业主分摊=99.99")) == {"source_sum"}


def test_a_source_that_binds_bears_no_more_than_agreed(engine: Engine) -> None:
    site = under_way(engine)
    site.receive("owners", 100_000_00, homes={"07-1-0501": 100_000_00})
    site.receive("society", 50_000_00)
    site.accept("2")
    assert codes(site, spend(100_000_01, source="社会筹集=100000.01")) == {"beyond_source"}
    site.carry(spend(100_000_00, source="社会筹集=100000.00"))
    site.draft(lift_plan(binding=False))
    site.adopt()
    site.carry(spend(1_00, source="社会筹集=1.00"))
    assert source_warnings(site.file(), {"society": 1_00}) == [
        "社会筹集累计支付将达 100,002.00 元，超过约定的 100,000.00 元"
    ]


def test_a_source_pays_only_what_it_brought_in(engine: Engine) -> None:
    site = open_site(engine)
    site.draft()
    site.adopt()
    site.accept("1")
    site.receive("owners", 10_000_00, homes={"07-1-0501": 10_000_00})
    assert codes(site, spend(10_000_01)) == {"source_not_there"}
    site.carry(spend(10_000_00))


def test_retention_is_kept_and_paid_after_its_day(site: Site) -> None:
    site.accept("2")
    site.carry(site.invoice("1", 300_000_00))
    site.carry(site.payment(site.debts()))
    ref = site.carry(site.invoice("2", 700_000_00))
    kept = f"{ref}:220202"
    assert site.debts()[kept] == 35_000_00
    assert codes(site, site.payment({kept: 35_000_00})) == {"retention_not_due"}
    no = site.prepare(site.payment({kept: 35_000_00}, on=date(2025, 6, 10)))
    with pytest.raises(Refused):  # the cashier can't pay it before its day either
        site.finish(no, on=date(2025, 5, 31))
    site.finish(no, on=date(2025, 6, 10))
    assert kept not in site.debts()


def test_an_invoice_that_keeps_nothing_back_is_refused(site: Site) -> None:
    site.accept("2")
    work = site.invoice("2", 100_000_00)
    lines = work.drafts[0].lines
    all_owed = (lines[0], msgspec.structs.replace(lines[1], amount=100_000_00))
    bare = msgspec.structs.replace(work, drafts=(changed(work.drafts[0], lines=all_owed),))
    assert codes(site, bare) == {"retention_missing"}


def test_a_debt_is_paid_by_the_project_and_milestone_it_is_for(site: Site) -> None:
    site.accept("2")
    site.carry(site.invoice("1", 100_00))
    work = site.payment(site.debts())
    assert "payable_other_project" in codes(site, with_references(work, milestone="2"))


@pytest.mark.parametrize(
    ("named", "code"),
    [
        ({"source": "政府补助=100.00"}, "source_not_there"),
        ({"source": ""}, "no_source"),
        ({"milestone": "2"}, "milestone_not_accepted"),
        ({"grant": "BZ-9=1.00"}, "unknown_grant"),
    ],
)
def test_a_correction_can_not_go_round_the_rules(site: Site, named: dict[str, str], code: str) -> None:
    ref = site.carry(spend(100_00))
    right = spend(100_00).drafts[0]
    references = {kind: text for kind, text in {**right.references, **named}.items() if text}
    lines = (msgspec.structs.replace(right.lines[0], vendor="V1"), right.lines[1])
    wrong = changed(right, references=references, lines=lines, summary="改由别处支付")
    amended = Work(kind="amendment", title="订正", amends=ref, drafts=(wrong,))
    assert code in codes(site, amended)


def test_an_amount_is_corrected_in_proportion_to_its_sources(site: Site) -> None:
    split = "业主分摊=60.00 社会筹集=40.00"
    ref = site.carry(spend(100_00, source=split))
    more = spend(150_00, source="业主分摊=90.00 社会筹集=60.00").drafts[0]
    site.carry(Work(kind="amendment", title="订正", amends=ref, drafts=(changed(more, summary="支付"),)))
    sums = site.file().tally
    assert (sums.total_paid, sums.paid_by["owners"], sums.paid_by["society"]) == (150_00, 90_00, 60_00)


def test_amounts_below_nought_are_no_way_around(site: Site) -> None:
    assert codes(site, spend(100_00, source="政府补助=-100.00 业主分摊=200.00")) == {"source_sum"}


def test_the_general_form_of_payments_leads_to_the_project(site: Site) -> None:
    site.carry(site.invoice("1", 100_00))
    with writing(site.engine) as conn:
        asked = PaymentRequest(site.debts(), "F5-CMB", DAY)
        work = payment_work(conn, site.trust_id, asked, act())
    assert codes(site, work) == {"no_project"}


def test_a_receipt_that_was_spent_is_not_cancelled_from_under_the_payment(site: Site) -> None:
    site.carry(site.invoice("1", 300_000_00))
    site.carry(site.payment(site.debts()))
    granted = next(item.ref for item in site.file().movements if item.received_on)
    red = Work(kind="reversal", title="冲销", reverses=granted, reason="记错", on=DAY)
    assert codes(site, red) >= {"beyond_grant"}


def test_red_letters_give_a_payment_back_to_its_sources(site: Site) -> None:
    site.carry(site.invoice("1", 300_000_00))
    ref = site.carry(site.payment(site.debts()))
    site.carry(Work(kind="reversal", title="冲销", reverses=ref, reason="退票", on=DAY))
    sums = site.file().tally
    assert (sums.total_paid, sums.left_of("BZ-1"), sums.total_cost) == (0, 400_000_00, 300_000_00)
    assert not any(sums.paid_by.values())


def test_proposed_sources_keep_the_agreed_shares_and_what_is_there(site: Site) -> None:
    sources, grants = propose_sources(site.file(), 300_000_00)
    assert sources == {"government": 120_000_00, "society": 30_000_00, "owners": 150_000_00}
    assert grants == {"BZ-1": 120_000_00}
    everything, _ = propose_sources(site.file(), 2_000_000_00)
    assert sum(everything.values()) == 1_000_000_00, "never more than there is"


def test_receipts_must_be_what_the_plan_and_the_grant_say(site: Site) -> None:
    assert refusal(lambda: site.receipt("government", 1_00)) == {"no_grant"}
    assert refusal(lambda: site.receipt("government", 1_00, grant="BZ-9")) == {"unknown_grant"}
    assert refusal(lambda: site.receipt("government", 1_00, grant="BZ-1")) == {"beyond_approved"}
    assert refusal(lambda: site.receipt("society", 1_00, grant="BZ-1")) >= {"other_source"}
    assert refusal(lambda: site.receipt("owners", 1_00)) == {"no_homes"}
    assert refusal(lambda: site.receipt("owners", 1_00, homes={"9-9": 1_00})) == {"bad_row"}
    assert refusal(lambda: site.receipt("owners", 1_00, homes={"07-1-0501": 2_00})) == {"not_the_money"}


def test_givers_are_named_where_they_may_be_and_households_never(site: Site) -> None:
    drafts = [site.books.stored(item.ref).draft for item in site.file().movements]
    named = {item.counterparty: item.counterparty_public for item in drafts}
    assert named["锦城区住建局"] is True
    assert named["锦城慈善会"] is True
    assert named[""] is False
    assert [item.references.get("grant", "") for item in drafts] == ["BZ-1", "", ""]


# --- The owners' part from the maintenance fund ---------------------------------------------------------------


def linked(engine: Engine) -> Site:
    """A project whose owners' part is paid by a plan of use of the maintenance fund."""
    site = open_site(engine)
    site.books.post(contribution([(unit.unit, 100_000_00) for unit in LIFT_UNITS], date=date(2025, 1, 5)))
    with writing(engine) as conn:
        note_decision(conn, site.trust_id, "业决〔2025〕8号", "use_maintenance_fund")
        plan = UsePlan(
            "WX-1", "7栋加装电梯", 500_000_00, Scope("building", ("07",)), "业决〔2025〕8号", "备案1号"
        )
        record_plan(conn, site.trust_id, plan, ACCOUNTANT, act())
    site.draft(
        lift_plan(
            maintenance_plans=("WX-1",),
            sharing=None,
            sources=(Source("government", Portion("1/2")), Source("owners", Portion("1/2"))),
        )
    )
    site.adopt()
    site.accept("1")
    return site


def fund_use(site: Site, fen: int, milestone: str = "1") -> Work:
    from ledger.maintenance import read_plan

    with writing(site.engine) as conn:
        setup = load_setup(conn, site.trust_id)
        use = Use(read_plan(conn, site.trust_id, "WX-1"), fen, DAY, "电梯公司", f"JS-{fen}", "M-ICBC")
        papers = [Document("acceptance", "验收单", original=PAPER)]
        return fund_use_work(conn, setup, "X1", milestone, use, papers, act())


def test_the_maintenance_fund_pays_the_owners_part_of_a_milestone(engine: Engine) -> None:
    site = linked(engine)
    site.carry(fund_use(site, 200_000_00))
    sums = site.file().tally
    assert (sums.received["owners"], sums.paid_by["owners"], sums.cost["1"]) == (200_000_00,) * 3
    assert codes(site, fund_use(site, 100_000_01)) == {"beyond_milestone"}
    assert refusal(lambda: fund_use(site, 1, "2")) == {"milestone_not_accepted"}


def test_the_page_of_the_fund_can_not_pay_past_the_milestones(engine: Engine) -> None:
    site = linked(engine)
    bare = with_references(fund_use(site, 1_000_00), milestone="", project="")
    assert codes(site, bare) == {"no_milestone"}


def test_requests_at_the_same_moment_do_not_both_take_the_last_of_a_grant(engine: Engine) -> None:
    site = open_site(engine)
    site.draft(lift_plan(binding=False))
    site.adopt()
    site.grant()
    site.accept("1")
    site.receive("government", 1_000_00, grant="BZ-1")
    works = [spend(400_00, source="政府补助=400.00", grant="BZ-1=400.00") for _ in range(5)]

    def hand_in(work: Work) -> bool:
        try:
            site.prepare(work)
        except Refused as error:
            assert "beyond_grant" in error.codes
            return False
        return True

    with ThreadPoolExecutor(5) as pool:
        taken = list(pool.map(hand_in, works))
    assert sum(taken) == 2
