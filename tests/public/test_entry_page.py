"""One entry: in words, corrections side by side, what is not in its leaf set apart; and the file of a list."""

from __future__ import annotations

import csv
import json
import re
from datetime import UTC, date, datetime
from io import StringIO
from typing import Any
from urllib.parse import parse_qsl

import msgspec
import pytest

from disclosure.public.in_words import in_words, sentences
from disclosure.public.leaves import PublicDetail, PublicEntry, PublicLine, decode_leaf
from disclosure.public.query_string import read_query
from ledger.events import load_events
from ledger.journal import Document, Draft, Line, post
from ledger.money import plain_yuan
from ledger.store.engine import writing
from tests.public.community import SECRETS, SLUG, TRUST_ID, act_on, cash
from tests.public.conftest import Site

BASE = f"/c/{SLUG}"


def page(site: Site, role: str) -> str:
    answer = site.client.get(f"{BASE}/entries/{site.community.refs[role]}")
    assert answer.status_code == 200
    return answer.text


def title(text: str) -> str:
    found = re.search(r"<h1>(.*?)</h1>", text, re.S)
    assert found is not None
    return found[1]


def cells(text: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", text).split())


# --- in words ---


def test_every_event_has_a_sentence_and_no_sentence_is_left_over() -> None:
    assert set(sentences()) == set(load_events())


@pytest.mark.parametrize("event", sorted(load_events()))
def test_every_sentence_is_whole_with_and_without_the_other_side(event: str) -> None:
    line: dict[str, Any] = {"no": 1, "fund": "F1", "amount": 850_000}
    item = PublicEntry(
        kind="mingzhang.entry.v1",
        trust="x",
        seq=0,
        ref="A-2025-000001",
        book="A",
        year=2025,
        number=1,
        date=date(2025, 3, 1),
        posted_at=datetime(2025, 3, 1, tzinfo=UTC),
        event=event,
        summary="支付3月电梯维保费",
        lines=(
            PublicLine(**line, account="220201", name="应付账款", side="D", detail=PublicDetail(812, "00")),
            PublicLine(**line, account="100201", name="物业服务资金户", side="C"),
        ),
        counterparty="迅达电梯公司",
        reverses="A-2025-000009" if event == "E26a" else "",
        amends="A-2025-000009" if event in ("E26b", "E26c", "E26d") else "",
    )
    for one in (item, msgspec.structs.replace(item, counterparty="")):
        said = in_words(one, 850_000, {})
        assert "¥8,500.00" in said
        assert not re.search(r"[{}]|  |的的|，，|None", said), said
        assert re.search(r"[\u4e00-\u9fff0-9）]$", said), said
        assert 8 <= len(said) <= 80, said
    if "{who}" in sentences()[event].say:
        assert "迅达电梯公司" in in_words(item, 850_000, {})


@pytest.mark.parametrize(
    ("role", "said"),
    [
        ("charge", "向 10 户计收物业费 ¥1,782.00，这一步只记应收，还没有收到钱"),
        ("receipt", "收到业主交来物业费 ¥178.20"),
        ("payment", "付给迅达电梯维保有限公司 电梯维保费 ¥3,200.00"),
        ("kept", "从押金里扣下赔偿 ¥500.00，转入物业服务资金"),
        ("maintenance", "收到业主交存维修资金 ¥9,000.00"),
    ],
)
def test_an_entry_begins_with_what_happened(site: Site, role: str, said: str) -> None:
    assert title(page(site, role)) == said


# --- corrections ---


def test_a_reversal_and_its_original_stand_side_by_side_on_both_pages(site: Site) -> None:
    refs = site.community.refs
    for role in ("reversed", "reversal"):
        text = page(site, role)
        said = "收到银行存款利息" if role == "reversed" else f"冲销 {refs['reversed']}"
        assert title(text).startswith(said)
        compared = text[text.index('id="compare-title"') : text.index('id="around-title"')]
        assert refs["reversed"] in compared
        assert refs["reversal"] in compared
        rows = [cells(row) for row in re.findall(r"<tr role=\"row\">(.*?)</tr>", compared, re.S)[1:]]
        assert [row.split()[0] for row in rows] == ["借", "贷"]
        assert all(row.endswith("¥123.45 -¥123.45 红字 ¥0.00 -¥123.45") for row in rows), rows


def test_an_amendment_shows_what_counts_now_and_the_difference(site: Site) -> None:
    text = page(site, "amended")
    compared = text[text.index('id="compare-title"') : text.index('id="around-title"')]
    assert site.community.refs["amendment"] in compared
    assert re.search(r"¥20\.00", cells(compared))
    assert "-¥8.00" in cells(compared)  # 12 yuan count instead of 20
    assert "更正" in compared


def test_an_entry_that_was_never_corrected_shows_no_comparison(site: Site) -> None:
    assert "compare-title" not in page(site, "payment")


# --- what is in the leaf, and what is not ---


def test_what_is_not_in_the_leaf_is_set_apart_and_not_marked_for_the_check(site: Site) -> None:
    text = page(site, "payment")
    start = text.index('id="around-title"')
    around = text[start : text.index("</section>", start)]
    assert "以下来自系统登记，不在公开日志内" in around
    assert "data-field" not in around
    assert "data-line" not in around
    assert f'href="{BASE}/vendors/V1"' in around
    assert f'href="{BASE}/contracts/C1"' in around
    assert f'href="{BASE}/entries?vendor=V1"' in around


def test_marked_facts_are_those_of_the_leaf(site: Site) -> None:
    ref = site.community.refs["payment"]
    leaf = decode_leaf(site.client.get(f"{BASE}/entries/{ref}.json").content)
    text = page(site, "payment")
    for name, value in (("ref", leaf.ref), ("summary", leaf.summary), ("party", leaf.counterparty)):
        assert re.search(rf'data-field="{name}">{re.escape(value)}<', text), name
    assert len(re.findall(r"data-line=", text)) == len(leaf.lines)


def test_previous_and_next_lead_through_the_book(site: Site) -> None:
    seen, ref = [], "A-2025-000001"
    while ref:
        seen.append(ref)
        text = site.client.get(f"{BASE}/entries/{ref}").text
        found = re.search(r'rel="next" href="[^"]*/entries/([^"]+)"', text)
        ref = found[1] if found else ""
    assert seen == [f"A-2025-{number:06d}" for number in range(1, len(seen) + 1)]
    assert site.community.refs["open_month"] == seen[-1]


# --- the list and its file ---


@pytest.mark.parametrize(
    ("query", "chips"),
    [
        ("month=2025", ["日期 2025年全年"]),
        ("month=2025-08&to=2025-09", ["日期 2025年8月至2025年9月"]),
        ("month=2025-09&to=2025-08", ["日期 2025年8月至2025年9月"]),
        ("direction=out&fund=F1", ["收支 支出", "资金 物业服务资金"]),
        ("vendor=V1&contract=C1", ["供应商 迅达电梯维保有限公司", "合同 电梯维保合同"]),
        ("vendor=迅达", ["供应商 迅达电梯维保有限公司"]),
        ("corrected=1&late=1", ["只看 更正和被更正的", "只看 补记的"]),
        ("account=A-100201&min=10", ["科目 100201 物业服务资金户", "金额不小于 ¥10.00"]),
        ("resolution=决议2号&book=A", ["账本 物业共有资金账", "业主决定 决议2号"]),
    ],
)
@pytest.mark.db("sqlite")
def test_what_is_filtered_shows_as_chips_that_take_it_away(site: Site, query: str, chips: list[str]) -> None:
    text = site.client.get(f"{BASE}/entries?{query}").text
    block = text[text.index('class="filter-chips"') :]
    block = block[: block.index("</ul>")]
    items = re.findall(r"<li>(.*?)</li>", block, re.S)
    assert [cells(item).replace(" × （去掉这一条）", "") for item in items] == chips
    for item in items:
        link = re.search(r'href="([^"]+)"', item)
        assert link is not None
        rest = site.client.get(link[1].replace("&amp;", "&")).text
        assert rest.count("（去掉这一条）") == len(chips) - 1


@pytest.mark.parametrize(
    ("query", "problem"),
    [
        ("direction=sideways", "没有这个收支类别，已忽略"),
        ("book=Z", "没有这本账，已忽略"),
        ("vendor=没有的公司", "没有叫“没有的公司”的供应商，已忽略"),
        ("month=202509", "读不懂月份“202509”，请写成 2025-09 的样子，全年写成 2025"),
        ("min=20&max=10", "金额的下限比上限大，没有账目能符合，请改过来"),
        ("contract=合同", "有 2 个合同的名字里有“合同”"),
    ],
)
@pytest.mark.db("sqlite")
def test_a_bad_filter_is_named_in_plain_words_and_refused_by_the_file(
    site: Site, query: str, problem: str
) -> None:
    assert problem in site.client.get(f"{BASE}/entries?{query}").text
    assert site.client.get(f"{BASE}/entries.csv?{query}").status_code in (400, 422)


@pytest.mark.parametrize("query", ["", "fund=F1", "month=2025-09&direction=out", "q=电梯", "corrected=1"])
@pytest.mark.db("sqlite")
def test_the_file_is_the_list_without_an_end(site: Site, query: str) -> None:
    text = site.client.get(f"{BASE}/entries?{query}").text
    listed = re.findall(r'class="what">\s*<a href="[^"]*/entries/([^"]+)"', text)
    answer = site.client.get(f"{BASE}/entries.csv?{query}")
    assert answer.headers["content-type"].startswith("text/csv")
    assert answer.content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(StringIO(answer.content.decode("utf-8-sig"))))
    assert [row["凭证号"] for row in rows] == listed
    assert all(row["网址"] == f"https://mingzhang.example{BASE}/entries/{row['凭证号']}" for row in rows)
    again = site.client.get(f"{BASE}/entries.csv?{query}", headers={"if-none-match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.db("sqlite")
def test_the_full_file_has_every_posting_and_every_public_field(site: Site) -> None:
    content = site.client.get(f"{BASE}/entries.csv?full=1").content.decode("utf-8-sig")
    rows = list(csv.DictReader(StringIO(content)))
    assert {row["凭证号"] for row in rows} >= set(site.community.refs.values())
    for ref in {row["凭证号"] for row in rows}:
        leaf = decode_leaf(site.client.get(f"{BASE}/entries/{ref}.json").content)
        own = [row for row in rows if row["凭证号"] == ref]
        assert len(own) == len(leaf.lines)
        for row, line in zip(own, leaf.lines, strict=True):
            assert row["科目编码"] == line.account
            assert row["金额（元）"] == plain_yuan(line.amount)
            for value in (*line.dims.values(), *line.sealed.values()):
                assert any(value in cell for cell in row.values())
        text = json.dumps(own[0], ensure_ascii=False)
        for document in leaf.documents:
            assert document.original in text
        for value in (*leaf.references.values(), *leaf.sealed.values(), leaf.summary):
            assert value in text
    assert not [secret for secret in SECRETS if secret in content]


def test_a_search_survives_the_way_through_its_address() -> None:
    asked = read_query({"month": "2025-08", "to": "2025-09", "fund": "F1", "q": "电梯 & 维保", "late": "1"})
    again = read_query(dict(parse_qsl(asked.address())))
    assert again.filter == asked.filter
    assert read_query(dict(parse_qsl(asked.without("fund", "late")))).filter.fund == ""


@pytest.mark.db("sqlite")
def test_the_file_may_be_asked_by_head(site: Site) -> None:
    answer = site.client.head(f"{BASE}/entries.csv")
    assert (answer.status_code, answer.content) == (200, b"")


@pytest.mark.db("sqlite")
def test_a_voucher_that_is_only_named_is_told_from_one_that_was_attached(own_site: Site) -> None:
    said, day = "只登记了名称，没有附原件", date(2025, 10, 10)
    assert said not in page(own_site, "payment")
    draft = Draft(
        book="A", date=day, event="E16b", summary="银行手续费",
        lines=(Line("5016", "F1", "D", 1_000), cash("C", "F1", 1_000)),
        preparer="制单人隐甲", reviewer="审核人隐乙", key="key-hidden-named",
        documents=(Document("bank_line", "九月的回单"),),
    )  # fmt: skip
    with writing(own_site.community.engine) as conn:
        ref = post(conn, TRUST_ID, draft, act_on(day)).ref
    assert said in own_site.client.get(f"{BASE}/entries/{ref}").text
