"""What everybody reads of the evaluation: two scores side by side, and behind each point what cost it."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from datetime import date
from hashlib import sha256
from typing import Any

import msgspec
import pypdf
from sqlalchemy import update

from disclosure.evaluation.pdf import round_sheet
from disclosure.evaluation.read import read_round
from disclosure.evaluation.service import ServiceScore, service_score
from disclosure.evaluation.view import round_view
from disclosure.evaluation.waiting import doing, until, waiting_of
from disclosure.public.rendering import load_pages
from disclosure.public.trusts import find_site
from ledger.evaluation import appeals
from ledger.evaluation.scheme import points_text
from ledger.store.tables import evaluation_now
from tests.evaluation.rounds import EVIDENCE, LAST, Community
from tests.evaluation.shown import BASE, GIVEN_UP, MENDED, PHOTO, REASON, REPLY, SECRETS, VETO, WRONG, Shown
from tests.inquiries.desk import REVIEWER

PAGES = ("", "/evaluations", *(f"/evaluations/{no}" for no in (1, 2, 3, 4, 5)), "/evaluations/2?version=1")
API = "/api/v1/communities/trust-7/evaluations"


class Words(str):
    """What a page says: text is found in it whatever spaces stand between."""

    def __contains__(self, text: object) -> bool:
        return tight(str(text)) in str(self)


def tight(text: str) -> str:
    return re.sub(r"\s+", "", text)


def plain(page: str) -> Words:
    """The words of a page's main part."""
    main = page.partition('id="main"')[2].partition("</main>")[0]
    return Words(tight(re.sub(r"<[^>]+>", "", main)))


def exact(points: int) -> str:
    return f"{points // 100}.{points % 100:02d}"


def body(shown: Shown, no: int, version: int | None = None) -> dict[str, Any]:
    """What was published."""
    shown.community.no = no
    return shown.community.result(version).value


def test_both_scores_stand_side_by_side_and_nothing_adds_them_up(shown: Shown) -> None:
    page, halves = plain(shown.see("/evaluations/2")), body(shown, 2)["halves"]
    for half in halves.values():
        said = f"{half['title']} {exact(half['points'])} / {exact(half['possible'])} 分 {half['grade']} 级"
        assert said in page
    both = [
        one["halves"]["service"]["points"] + one["halves"]["party"]["points"]
        for one in (body(shown, 1), body(shown, 2))
    ]
    for path in PAGES:
        text = plain(shown.see(path))
        assert not [sum_ for sum_ in both if exact(sum_) in text or exact(sum_ // 2) in text], path


def test_behind_each_lost_point_stand_day_fact_evidence_and_who_found_it(shown: Shown) -> None:
    html = shown.see("/evaluations/2")
    page, lost = plain(html), 0
    for half in body(shown, 2)["halves"].values():
        for indicator in half["indicators"]:
            assert f'id="{indicator["code"]}"' in html
            for rule in indicator["rules"]:
                for item in rule["items"]:
                    lost += item["count"]
                    if item["page"] not in ("/evaluations/2", "#survey"):
                        assert f'href="{BASE}{item["page"]}"' in html
    assert lost > 20
    assert "2025年5月3日 5月3日夜间漏巡（1 次）" in page
    assert "业主委员会登记；原来记 3 次，后来改为 1 次；证据留存，指纹 eeeeeeee…" in page
    assert "系统自动取数：公示逾期天数" in page
    assert f'href="{BASE}/documents/{PHOTO}"' in shown.see("/evaluations/1"), (
        "a public photo is there to open"
    )
    assert f"{BASE}/documents/{EVIDENCE}" not in html
    assert not re.search(r"\d{4}-\d\d-\d\d", page), "days are written as people write them"


def test_a_hundred_facts_of_a_rule_are_enough_for_a_page(shown: Shown) -> None:
    page = plain(shown.see("/evaluations/3"))
    assert "漏巡 105 次" in page
    assert str(page).count("班漏巡") == 100
    assert "还有 5 条，全部在定稿后的原始数据里" in page
    assert "这一项扣完为止，不会扣成负数" in page


def test_what_nobody_could_rate_is_said_so_and_is_not_nought(shown: Shown) -> None:
    page = plain(shown.see("/evaluations/1"))
    assert "S8 业主满意度 未评 / 8" in page
    assert "S8 业主满意度 0.00" not in page
    assert "不到约定的 30 份，这一项未评" in page
    assert "另有 20 分未评" in page


def test_the_trustees_own_points_stand_beside_and_count_for_nothing(shown: Shown) -> None:
    page = plain(shown.see("/evaluations/2"))
    assert "受托人自评 9.5 分" in page
    assert "S1 合同履约与基础管理 10.00 / 10" in page
    assert "本季度按合同履约。" in page
    assert REPLY in page


def test_vetoes_appeals_rulings_and_consequences_are_told(shown: Shown) -> None:
    page = plain(shown.see("/evaluations/2"))
    assert "一票否决：停水停电催费" in page
    assert VETO.what in page
    assert REASON in page
    assert "申诉部分成立，由 3 改为 1（2025年7月11日）：情况属实。" in page
    assert "和受托人有关联、已经回避的：1 人" in page
    assert f"已办结：{MENDED}" in page
    assert "续聘议题" in page
    waiting = plain(shown.see("/evaluations/3"))
    assert "还没有裁定" in waiting
    assert "公示稿，还没有定稿" in waiting


def test_a_correction_is_another_version_and_the_first_stays(shown: Shown) -> None:
    first, second = body(shown, 2, 1), body(shown, 2)
    points = [one["halves"]["service"]["points"] for one in (first, second)]
    assert points[1] == points[0] + 2_00
    old, new = plain(shown.see("/evaluations/2?version=1")), plain(shown.see("/evaluations/2"))
    assert f"物业服务 {exact(points[0])} /" in old
    assert "这是旧版" in old
    assert f"物业服务 {exact(points[1])} /" in new
    assert f"更正： {WRONG}" in new
    assert "各版 第 2 版" in new


def test_the_json_is_the_body_whose_fingerprint_is_in_the_log(shown: Shown) -> None:
    leaves = {
        (leaf["value"]["round"], leaf["value"]["version"]): leaf["value"]["sha256"]
        for leaf in shown.community.desk.leaves("mingzhang.evaluation.v1")
    }
    assert set(leaves) == {(1, 1), (2, 1), (2, 2)}
    for (no, version), digest in leaves.items():
        found = shown.client.get(f"{BASE}/evaluations/{no}.json?version={version}").content
        assert sha256(found).hexdigest() == digest
        assert shown.client.get(f"{API}/{no}?version={version}").content.count(found) == 1, "byte for byte"


def test_answers_of_too_few_homes_are_not_shown(shown: Shown) -> None:
    page = plain(shown.see("/evaluations/3"))
    assert "收到 3 份，一户一份。份数太少，不公布结果" in page
    assert "很满意" not in page
    assert "3 栋" not in page
    enough = plain(shown.see("/evaluations/2"))
    assert "满意 5 / 6 户" in enough
    assert "3 栋 6 户 5 户" in enough


def test_before_the_preview_nobody_sees_a_figure(shown: Shown) -> None:
    html = shown.see("/evaluations/4")
    page = plain(html)
    assert "业主正在填写问卷" in page
    assert "已有 2 户填写" in page
    assert "问卷到2025年11月13日截止，评分到2025年11月18日为止" in page
    assert "怎么填的，公示以前不公布，物业、业委会、社区也看不到" in page
    assert f'href="{BASE}/evaluations/4/receipt"' in html, "a receipt can be checked at once"
    assert shown.client.get(f"{BASE}/evaluations/4/receipt").status_code == 200
    for told in (VETO.what, "门岗缺岗", "一票否决", "分未评", "S1", "满意 2"):
        assert told not in page, told
    for form in ("json", "pdf"):
        assert shown.client.get(f"{BASE}/evaluations/4.{form}").status_code == 404
    told = shown.client.get(f"{API}/4").json()
    assert (told["value"], told["item"]["service"]["points"], told["item"]["indicators"]) == (None, None, {})


def test_the_last_day_of_the_questionnaire_is_its_own_wherever_it_is_told(shown: Shown) -> None:
    for path in ("", "/evaluations", "/evaluations/4"):
        assert "问卷到2025年11月13日截止，评分到2025年11月18日为止" in plain(shown.see(path)), path
        assert "这一步最迟2025年11月18日" not in plain(shown.see(path)), path
    listed = {one["no"]: one for one in shown.client.get(API).json()["items"]}
    one = shown.client.get(f"{API}/4").json()["item"]
    for item in (listed[4], one):
        assert (item["survey_closes_on"], item["due_on"]) == ("2025-11-13", "2025-11-18")
    assert listed[5]["survey_closes_on"] is None, "nobody was asked"


def test_while_sheets_are_missing_those_are_named_who_have_to_hand_them_in(community: Community) -> None:
    community.open()
    community.figures(date(2025, 7, 5))
    waiting = waiting_of(community.state())
    said = doing("scoring", LAST, community.desk.today, waiting)
    assert said == "系统已经取数，等业主委员会、社区党组织和监督人评分"
    assert until(community.state().due_on, waiting) == "这一步最迟2025年7月20日"
    community.sheets()
    said = doing("scoring", LAST, community.desk.today, waiting_of(community.state()))
    assert said == "系统已经取数，等社区党组织和监督人评分", "the Party committee has three left"
    community.survey({})
    waiting = waiting_of(community.state())
    assert until(community.state().due_on, waiting) == "问卷到2025年7月10日截止，评分到2025年7月20日为止"
    assert doing("survey", LAST, community.desk.today, waiting) == "问卷已经截止，等公示"
    assert waiting is not None
    done = replace(waiting, bodies=(), scoring_until=date(2025, 7, 9))
    assert until(community.state().due_on, done) == "问卷到2025年7月10日截止"
    assert "评分到2025年7月9日为止" in until(None, replace(done, bodies=("监督人",)))


def test_a_round_that_was_given_up_says_why(shown: Shown) -> None:
    page = plain(shown.see("/evaluations/5"))
    assert "这一轮已经撤回，不再进行" in page
    assert f"撤回的原因：{GIVEN_UP}" in page
    assert "最迟" not in page


def test_nothing_private_is_on_any_page_file_or_feed(shown: Shown) -> None:
    texts = {path: shown.see(path) for path in (*PAGES, "/news", "/feed")}
    for no in (1, 2, 3, 4, 5):
        texts[f"api {no}"] = shown.client.get(f"{API}/{no}").text
    texts["pdf"] = text_of_pdf(shown, 2)
    found = [(path, secret) for path, text in texts.items() for secret in SECRETS if secret in text]
    assert found == []


def text_of_pdf(shown: Shown, no: int) -> str:
    answer = shown.client.get(f"{BASE}/evaluations/{no}.pdf")
    assert answer.headers["content-type"] == "application/pdf"
    pages = pypdf.PdfReader(io.BytesIO(answer.content)).pages
    assert [round(float(side)) for side in pages[0].mediabox[2:]] == [595, 842], "A4"
    return "\n".join(page.extract_text() for page in pages)


def test_the_paper_for_the_notice_board_says_the_same(shown: Shown) -> None:
    text = Words(tight(text_of_pdf(shown, 2)))
    value = body(shown, 2)
    for half in value["halves"].values():
        assert f"{half['title']}{exact(half['points'])}/{exact(half['possible'])}分{half['grade']}级" in text
    for said in (
        "未评",
        VETO.what,
        REPLY,
        WRONG,
        "申诉部分成立",
        "evaluations/2?version=2",
        "5月3日夜间漏巡",
    ):
        assert said in text, said
    with shown.community.desk.reading() as (conn, trust_id):
        site, view = find_site(conn, "trust-7"), round_view(read_round(conn, trust_id, 3), shown.today)
    sheet = round_sheet(
        load_pages(demo=False), site, view, "https://mingzhang.example/c/trust-7/evaluations/3"
    )
    assert "公示稿，还没有定稿" in Words(tight(sheet.html))


def test_the_list_shows_what_is_under_way_the_newest_result_and_the_trend_of_each_half(shown: Shown) -> None:
    page = plain(shown.see("/evaluations"))
    assert "2025年10月：正在评" in page
    assert "业主委员会、社区党组织和监督人对照证据评分" in page
    assert "2025年第三季度：正在评" in page
    assert "已经超过期限" in page
    assert "最近一次：2025年第二季度" in page
    for title in ("物业服务：历次得分", "党建引领：历次得分"):
        assert title in page
    assert "2025年第一季度" in page
    assert f"限期整改 最迟2025年8月18日 已办结：{MENDED}" in page


def test_older_rounds_are_a_page_of_their_own(shown: Shown) -> None:
    html = shown.see("/evaluations?before=3")
    assert set(re.findall(r'/evaluations/(\d)"', html.partition("每一期")[2])) == {"1", "2"}
    assert "正在评" not in plain(html)
    assert "回到最新" in plain(html)
    assert shown.see("/evaluations?before=x").count("回到最新") == 0


def test_the_home_page_shows_both_numbers_and_leads_to_the_reasons(shown: Shown) -> None:
    html = shown.see("")
    assert f'href="{BASE}/evaluations/2"' in html
    halves = body(shown, 2)["halves"]
    for half in halves.values():
        assert f"{half['title']} {points_text(half['points'])} / {points_text(half['possible'])} 分" in plain(
            html
        )
    assert "2025年10月：业主正在填写问卷" in plain(html)
    assert f'href="{BASE}/mine/evaluations/4"' in html, "the questionnaire is open"
    assert f'href="{BASE}/evaluations"' in html.partition("<footer")[2], "among all pages"


def test_other_communities_are_compared_with_from_five_on_and_not_named(shown: Shown) -> None:
    page = plain(shown.see("/evaluations/2"))
    assert "各小区有 5 个已定稿，中间的得 90 分，本小区 82.01 分，比中间的低 7.99 分" in page
    assert "小区0001" not in page
    assert "和各小区比" in shown.see("/evaluations")
    told = shown.client.get(f"{API}/2").json()["spreads"]
    assert told["S1"]["of"] == 5
    assert told["service"] == {
        "of": 5,
        "least": 8201,
        "lower": 9000,
        "middle": 9000,
        "upper": 9000,
        "most": 9000,
    }
    assert "和各小区比" not in shown.see("/evaluations/1"), "nobody else has a result of that span"


def test_programs_and_subscribers_are_told_the_same(shown: Shown) -> None:
    told = shown.client.get(API).json()
    assert [(one["no"], one["stage"], one["version"]) for one in told["items"]] == [
        (5, "withdrawn", 0),
        (4, "survey", 0),
        (3, "preview", 0),
        (2, "final", 2),
        (1, "final", 1),
    ]
    value = body(shown, 2)
    points = told["items"][3]["service"]["points"], told["items"][3]["party"]["points"]
    assert points == (value["halves"]["service"]["points"], value["halves"]["party"]["points"])
    one = shown.client.get(f"{API}/2").json()
    assert one["value"] == msgspec.json.decode(msgspec.json.encode(value))
    assert [version["correction"] for version in one["versions"]] == [WRONG, ""]
    assert shown.client.get(one["versions"][0]["leaf"]).status_code == 200
    assert [duty["kind"] for duty in one["duties"]] == ["rectify", "renewal"]
    first = shown.client.get(f"{API}?limit=1").json()
    assert [row["no"] for row in shown.client.get(first["next"]).json()["items"]] == [4]
    for query in ("before=x", "nonsense=1", "limit=0"):
        assert shown.client.get(f"{API}?{query}").status_code == 400, query
    feed = shown.client.get(f"{BASE}/feed?only=evaluations").text
    assert feed.count("<entry>") == 3
    assert "【更正】2025年第二季度双百分评价第 2 版：物业服务" in feed
    assert "/evaluations/2?version=2" in feed


def test_what_is_not_there_is_told_so(shown: Shown) -> None:
    for path in ("9", "0", "x", "2?version=7", "2.txt", "99999999999", "3.json", "2?version=x"):
        assert shown.client.get(f"{BASE}/evaluations/{path}").status_code == 404, path
    for path in ("9", "2?version=7", "2147483647", "99999999999", "9" * 30):
        assert shown.client.get(f"{API}/{path}").status_code == 404, path
    page = plain(shown.client.get(f"{BASE}/evaluations/9").text)
    assert "网址可能抄错了，或者这一页还没有公开" in page
    assert "这笔账" not in page


def test_the_last_score_of_the_service_stands_beside_its_price(shown: Shown) -> None:
    half = body(shown, 2)["halves"]["service"]
    assert half["possible"] < 100_00, "part of the service was not rated"
    of = f"在评了的{points_text(half['possible'])}分里得{points_text(half['points'])}分"
    for path in ("/fees", "/trustee"):
        page = shown.see(path)
        said = f"服务评价：2025年第二季度{of}，{half['grade']} 级（有 1 项一票否决）"
        assert said in plain(page), path
        assert f'href="{BASE}/evaluations/2"' in page, path


def test_a_service_that_was_not_judged_is_not_graded_beside_its_price(shown: Shown) -> None:
    n = evaluation_now.c
    changed = update(evaluation_now).where(n.trust_id == 7, n.stage == "final")
    with shown.community.desk.books.engine.connect() as conn:
        conn.execute(changed.values(service_points=0, service_possible=0))
        assert service_score(conn, 7) == ServiceScore("2025年第二季度未评", "/evaluations/2")
        conn.execute(changed.values(service_points=50_00, service_possible=50_00, service_grade="", vetoes=0))
        text = "2025年第二季度在评了的 50 分里得 50 分，评得太少，不定等级"
        assert service_score(conn, 7) == ServiceScore(text, "/evaluations/2")
        conn.execute(changed.values(stage="preview"))
        assert service_score(conn, 7) == ServiceScore("未评，还没有评价过")
        conn.rollback()


def test_a_receipt_is_checked_for_the_round_its_address_names_however_it_is_written(shown: Shown) -> None:
    for path in ("2", "02"):
        page = shown.see(f"/evaluations/{path}/receipt")
        assert 'data-number="2"' in page, path
        assert 'data-receipt="answer"' in page, path
    assert shown.client.get(f"{BASE}/evaluations/x/receipt").status_code == 404


def test_a_page_a_browser_holds_is_fetched_again_once_it_changed(shown: Shown) -> None:
    held = shown.client.get(f"{BASE}/evaluations/3")
    again = {"if-none-match": held.headers["etag"]}
    assert shown.client.get(f"{BASE}/evaluations/3", headers=again).status_code == 304
    shown.community.no = 3
    shown.community.do(appeals.reply, "下季度一定改。", by=REVIEWER)
    answer = shown.client.get(f"{BASE}/evaluations/3", headers=again)
    assert answer.status_code == 200
    assert "下季度一定改。" in answer.text


def test_the_longest_of_lists_takes_as_few_queries_as_the_shortest(shown: Shown, count_queries: Any) -> None:
    engine = shown.community.desk.books.engine
    asked = {}
    for path in ("/evaluations/2", "/evaluations/4", "/evaluations"):
        with count_queries(engine) as queries:
            shown.see(path)
        asked[path] = len(queries)
    assert max(asked.values()) <= 12, asked
