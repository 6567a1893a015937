"""What has to be public, as everybody sees it: duties, services, vendors, contracts, shared revenue, the deed."""

from __future__ import annotations

import re
import time
from dataclasses import replace
from datetime import date, timedelta
from html import unescape
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from disclosure.public.contract_read import contract_rows
from disclosure.public.entry_filter import Filter
from disclosure.public.entry_totals import entry_totals
from disclosure.public.paid import cash_by_year, total
from disclosure.public.site_read import revenue_years
from ledger.disclosures.fulfilment import Done, Paper
from ledger.documents import store_document
from ledger.journal import Document
from ledger.journal.person_names import PERSON, looks_like_person, shown_name
from ledger.payments.contract_papers import add_papers
from ledger.store.engine import reading, writing
from ledger.totals import keep_totals
from ledger.trust import add_contracts, add_dimension_values, load_setup, record_setting
from ledger.trust.contracts import Contract
from ledger.trust.deeds import Deed, record_deed
from tests.decisions import note_decision
from tests.disclosures.desk import CLEANING, Desk, note, posts, services
from tests.documents.papers import picture
from tests.ledger.books import (
    OPENED,
    SITE_USE,
    TODAY,
    act,
    cash,
    draft,
    interest,
    invoice,
    line,
    open_books,
    payment,
)
from tests.office.conftest import OfficeSite, office
from tests.public.community import SECRETS, SLUG, TRUST_ID
from tests.public.conftest import Site

__all__ = ["office"]
PATHS = ("/duties", "/services", "/posts", "/fulfilment", "/vendors", "/vendors/V1", "/contracts",
         "/contracts/C1", "/contracts/C2", "/sites", "/maintenance", "/deed")  # fmt: skip


def words(page: str) -> str:
    """A page's text, spaces squeezed."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", page)))


def look(site: Site, path: str) -> str:
    answer = site.client.get(f"/c/{SLUG}{path}")
    assert answer.status_code == 200, f"{path}: {answer.text}"
    return answer.text


@pytest.mark.parametrize("path", PATHS)
def test_every_page_opens_and_tells_nothing_private(site: Site, path: str) -> None:
    page = look(site, path)
    assert [secret for secret in SECRETS if secret in page] == []
    assert page.count("<h1") == 1
    assert 'style="' not in page
    assert len(page.encode()) < 100_000


@pytest.mark.db("sqlite")
@pytest.mark.parametrize("path", PATHS)
def test_a_page_seen_before_is_not_sent_again(site: Site, path: str) -> None:
    first = site.client.get(f"/c/{SLUG}{path}")
    again = site.client.get(f"/c/{SLUG}{path}", headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.db("sqlite")
@pytest.mark.parametrize(
    "path", ["/vendors/V9", "/contracts/C9", "/fulfilment/2025-13", "/fulfilment/2025-08", "/fulfilment/x"]
)
def test_what_does_not_exist_says_so(site: Site, path: str) -> None:
    answer = site.client.get(f"/c/{SLUG}{path}")
    assert answer.status_code == 404
    assert "没有" in answer.text


def test_the_nine_blocks_are_listed_with_their_state_in_words(site: Site) -> None:
    page = words(look(site, "/duties"))
    for title in ("服务事项", "负责人员", "质量要求", "收费项目", "收费标准", "履行情况"):
        assert title in page
    assert "法律要求公开的 9 项：2 项按时，7 项逾期。" in page
    assert "尚未公开，已逾期 45 天" in page  # opened on 1 August, looked at on 15 October, 30 days to begin
    assert "月度流水摘要 按时" in page


def test_a_vendor_shows_what_it_was_paid_as_the_list_of_entries_does(site: Site) -> None:
    with reading(site.community.engine) as conn:
        listed = entry_totals(conn, TRUST_ID, Filter(vendor="V1")).common
        kept = total(cash_by_year(conn, TRUST_ID, "vendor", ["V1"])["V1"])
    assert kept == listed
    assert kept.paid == 320_000
    page = look(site, "/vendors/V1")
    assert "累计付给它 3,200.00 元" in words(page)
    assert f"/c/{SLUG}/entries?vendor=V1" in page
    assert "3,200.00" in look(site, "/vendors")
    assert "没有找到这样的供应商" in look(site, "/vendors?find=" + quote("无此单位"))
    assert "迅达电梯维保有限公司" in look(site, "/vendors?find=" + quote("电梯"))


def test_a_contract_shows_parties_term_and_what_moved(site: Site) -> None:
    page = words(look(site, "/contracts/C1"))
    assert "电梯维保合同" in page
    assert "到现在付了 3,200.00 元" in page
    assert "和园小区全体业主（由受托人安心物业服务有限公司代为签订和履行）" in page
    assert "迅达电梯维保有限公司" in page
    assert "2025年1月1日 至 没有约定" in page


def test_shared_revenue_is_shown_by_year_and_site(site: Site) -> None:
    page = words(look(site, "/sites"))
    assert "一号电梯轿厢 6,000.00 0.00 6,000.00" in page
    with reading(site.community.engine) as conn:
        years, sites = revenue_years(conn, load_setup(conn, TRUST_ID))
    (year,) = years
    assert (year.earned, year.costs, year.other_costs, year.net) == (600_000, 0, 1_200, 598_800)
    assert [(item.code, item.total) for item in sites] == [("S1", 600_000)]


def test_the_deed_shows_its_elements_the_clause_and_who_changes_what(site: Site) -> None:
    page = words(look(site, "/deed"))
    for text in (
        "信托目的 管理小区",
        "受益方式 按专有部分面积",
        "受托人酬金 10%",
        "首次公开的期限",
        "30 天（默认）",
    ):
        assert text in page
    assert "第 1 版，2025年8月1日起" in page


# --- lists and sums over many -----------------------------------------------------------------------------------


@pytest.mark.db("sqlite")
def test_lists_go_on_by_key_and_cost_the_same_whatever_their_length(
    own_site: Site, count_queries: object
) -> None:
    engine = own_site.community.engine
    asked = [_queries(own_site, engine, count_queries, path) for path in ("/vendors", "/contracts")]
    with writing(engine) as conn:
        vendors = [{"code": f"W{n:03d}", "name": f"第{n}号服务有限公司"} for n in range(60)]
        add_dimension_values(conn, TRUST_ID, "vendor", vendors)
        add_contracts(
            conn,
            TRUST_ID,
            [Contract(f"D{n:03d}", f"合同{n}", f"W{n:03d}", "", OPENED, None) for n in range(60)],
        )
    for number, path in enumerate(("/vendors", "/contracts")):
        assert _queries(own_site, engine, count_queries, path) == asked[number]
        first = look(own_site, path)
        link = re.search(rf'href="(/c/{SLUG}{path}\?after=[^"]+)"', first)
        assert link is not None
        second = own_site.client.get(unescape(link[1])).text
        codes = re.findall(rf'href="/c/{SLUG}{path}/([^"]+)"', first + second)
        assert len(codes) == len(set(codes)) == {"/vendors": 61, "/contracts": 62}[path]


def _queries(site: Site, engine: Engine, count_queries: object, path: str) -> int:
    """Statements for one page on the site's own engine, asked until the background, which asks too, is quiet."""
    services, counts = site.app.services, [0]
    for _ in range(40):
        with count_queries(services.engine) as queries:  # type: ignore[operator]
            look(site, path + "?again=1")
        counts.append(len(queries))
        if counts[-3:] == [counts[-1]] * 3:
            break
        time.sleep(0.05)
    return min(counts[1:])


def test_sums_by_year_follow_the_books_with_kept_sums_and_without(engine: Engine) -> None:
    books = open_books(engine)
    for on, amount in ((date(2024, 5, 6), 700_00), (date(2025, 3, 10), 300_00)):
        books.post(invoice(amount, date=on))
        books.post(payment(amount, date=on))
    wrong = books.post(payment(50_00, date=date(2025, 4, 1)))
    books.reverse(wrong.ref, on=date(2025, 4, 2))
    seen = []
    for most in (0, 3, 100):
        if most:
            with writing(engine) as conn:
                keep_totals(conn, 1, most=most)
        with reading(engine) as conn:
            years = cash_by_year(conn, 1, "vendor", ["V1", "V2"])
            assert total(years["V1"]) == entry_totals(conn, 1, Filter(vendor="V1")).common
            seen.append({code: {year: flow.paid for year, flow in of.items()} for code, of in years.items()})
            assert {row.number: row.flow.paid for row in contract_rows(conn, 1)} == {"C1": 1_000_00, "R1": 0}
    assert seen == [{"V1": {2024: 700_00, 2025: 300_00}}] * 3


# --- names ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "person"),
    [
        ("迅达电梯维保有限公司", False),
        ("王小明", True),
        ("欧阳春晓", True),
        ("李记便民店", False),
        ("张三（个体工商户）", True),
        ("明和苑业主委员会", False),
        ("ABC Ltd", False),
        ("顺丰速运", False),
        ("刘伟", True),
    ],
)
def test_companies_are_named_and_people_are_not(name: str, person: bool) -> None:
    assert looks_like_person(name) is person
    assert shown_name(name) == (PERSON if person else name)


@given(st.text(max_size=8), st.sampled_from(["有限公司", "商店", "合作社", "事务所"]))
def test_a_word_of_trade_always_shows_the_name(before: str, trade: str) -> None:
    if "个体" not in before and "个人" not in before:
        assert shown_name(before + trade) == before + trade


@pytest.mark.db("sqlite")
def test_a_person_who_sells_is_not_named(office: OfficeSite) -> None:
    with writing(office.engine) as conn:
        add_dimension_values(conn, office.trust_id, "vendor", [{"code": "V8", "name": "赵小兰"}])
        add_contracts(conn, office.trust_id, [Contract("C8", "零星缝补", "V8", "", OPENED, None)])
    for path in ("/vendors", "/vendors/V8", "/contracts", "/contracts/C8"):
        page = seen(office, path)
        assert "赵小兰" not in page
        assert PERSON in page
    listed = seen(office, "/entries?vendor=V8")
    assert "赵小兰" not in listed
    assert PERSON in listed, "what is filtered is said on the page"
    for find, there in (("赵小", False), ("小兰", False), ("V8", True), ("", True)):
        page = seen(office, "/vendors" + (f"?find={quote(find)}" if find else ""))
        assert (PERSON in page) is there, "a name that is not shown can't be guessed by looking for it"


# --- registers --------------------------------------------------------------------------------------------------


@pytest.fixture
def desk(office: OfficeSite) -> Desk:
    return Desk(office.books)


def seen(office: OfficeSite, path: str) -> str:
    answer = office.anyone().get(f"/c/{office.slug}{path}")
    assert answer.status_code == 200, answer.text
    return answer.text


@pytest.mark.db("sqlite")
def test_services_show_what_a_version_changed(office: OfficeSite, desk: Desk) -> None:
    assert "还没有公开服务事项" in seen(office, "/services")
    desk.services()
    first = replace(CLEANING, code="S01", standard="无烟头、无积水。")
    desk.services(services(first, replace(CLEANING, title="绿化")), day=TODAY)
    page = seen(office, "/services")
    assert "<del>无杂物</del><ins>无积水</ins>" in page
    assert "取消：电梯运行" in page
    assert "新增：绿化" in page
    assert f"/c/{office.slug}/log/leaf/" in page
    assert "服务事项 按时" in words(page)


@pytest.mark.db("sqlite")
def test_posts_name_duties_and_desks(office: OfficeSite, desk: Desk) -> None:
    desk.services()
    desk.posts(posts())
    with writing(office.engine) as conn:
        record_setting(
            conn, office.trust_id, "service_desk", "物业服务中心一楼，每天 8:30 至 20:00",
            effective_on=OPENED, authority="合同", act=act(),
        )  # fmt: skip
    page = words(seen(office, "/posts"))
    assert "项目经理 全面负责。 保洁、电梯运行 物业服务中心二楼" in page
    assert "对外服务台 ：物业服务中心一楼" in page


@pytest.mark.db("sqlite")
def test_a_note_shows_its_state_its_papers_and_its_older_versions(office: OfficeSite, desk: Desk) -> None:
    desk.services()
    first = note(202505, Done("S01", "打扫 30 次。", "met"), papers=(Paper("照片", "a" * 64),))
    desk.note(first, day=TODAY - timedelta(days=2))
    desk.note(replace(first, items=(Done("S01", "打扫 29 次，少一次。", "partly"),)))
    desk.note(note(202504))
    listed = words(seen(office, "/fulfilment"))
    assert listed.index("2025年5月") < listed.index("2025年4月")
    assert "更正过 1 次" in listed
    page = seen(office, "/fulfilment/2025-05")
    assert "部分达标" in page
    assert "没有可公开的副本" in page
    assert "version=1" in page
    old = seen(office, "/fulfilment/2025-05?version=1")
    assert "这是旧的一版" in old
    assert "打扫 30 次。" in old


@pytest.mark.db("sqlite")
def test_the_deed_shows_what_the_owners_changed(office: OfficeSite) -> None:
    day = date(2025, 7, 1)
    with writing(office.engine) as conn:
        note_decision(conn, office.trust_id, "业决〔2025〕9号", "other")
        deed = Deed(
            day, "提供物业服务、养护设施", "委托人、受托人", "全体业主", "物业费、公共收益",
            "按面积", "业决〔2025〕9号",
        )  # fmt: skip
        record_deed(conn, office.trust_id, deed, act())
    page = seen(office, "/deed")
    assert "新的一版从 2025年7月1日起生效" in words(page)
    assert "<ins>" in page
    assert "信托目的 提供物业服务 当事人" in words(page)
    office.clock.to(day)
    assert "养护设施 当事人" in words(seen(office, "/deed"))


def test_what_shared_revenue_was_used_for_is_told_apart_and_a_closed_year_keeps_its_figures(
    engine: Engine,
) -> None:
    books = open_books(engine)
    day = date(2024, 5, 6)
    earned = [
        cash("D", 106_000, "F2"),
        line("C", "400301", 100_000, "F2", contract="R1", site="S1"),
        line("C", "222101", 6_000, "F2"),
    ]
    shown = {"contract": "R1", "resolution": SITE_USE}
    books.post(draft("E17", earned, "bank_line", "contract", date=day, references=shown))
    cost = [line("D", "5015", 10_000, "F2"), cash("C", 10_000, "F2")]
    books.post(draft("E20", cost, "bank_line", "cost_proof", date=day))
    helped = [
        line("D", "5902", 20_000, "F2"),
        cash("C", 20_000, "F2"),
        cash("D", 20_000),
        line("C", "4902", 20_000, counter_fund="F2"),
    ]
    books.post(draft("E22", helped, "resolution", date=day, references={"resolution": SITE_USE}))
    moved = [line("D", "5902", 30_000, "F2"), line("C", "2501", 30_000, "F2")]
    books.post(draft("E21a", moved, "resolution", date=day, references={"resolution": SITE_USE}))
    books.post(interest(500, date=day))
    books.close_year(2024)
    with reading(engine) as conn:
        years, sites = revenue_years(conn, load_setup(conn, 1))
    (year,) = years
    assert (year.earned, year.costs, year.other_income, year.other_costs) == (100_000, 10_000, 500, 0)
    assert (year.to_maintenance, year.to_service, year.net) == (30_000, 20_000, 90_500)
    assert [(site.code, site.years) for site in sites] == [("S1", {2024: 100_000})]


@pytest.mark.db("sqlite")
def test_papers_are_linked_by_the_copy_everybody_may_see(office: OfficeSite) -> None:
    place = office.config.documents_dir
    with writing(office.engine) as conn:
        kept, copy = (
            store_document(conn, office.trust_id, place, data, "image/png", public=public, act=act())
            for data, public in ((picture("PNG", (20, 20)), False), (picture("PNG", (21, 21)), True))
        )
        papers = (
            Document("contract", "合同", original=kept, public=copy),
            Document("quote", "比价单", original=kept[::-1]),
        )
        add_papers(conn, office.trust_id, "C1", papers, office.actor("preparer"), act())
    page = seen(office, "/contracts/C1")
    assert page.count(f"/c/{office.slug}/documents/") == 1
    assert f"/c/{office.slug}/documents/{copy}" in page
    assert kept not in page
    assert "比价单 还没有可公开的副本" in words(page)
