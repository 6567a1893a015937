"""核验 in a real browser: statements, paper, witnesses, evidence, old browsers, and the verifier as one file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from disclosure.app import create_app
from disclosure.public.rendering import STATIC, load_pages
from disclosure.verifier import PACKAGES, verifier_html
from ledger.log.checkpoint import Checkpoint, sign_checkpoint
from ledger.log.kept import kept_code
from ledger.log.keys import load_signer
from ledger.log.note import Signer
from ledger.log.store import LogNodes
from ledger.log.tree import root_at
from ledger.store.engine import reading, writing
from ledger.witnesses import receive_cosignatures
from tests.browsing import verdict
from tests.public.community import NOW, SLUG, TRUST_ID, clock_at
from tests.public.conftest import Site
from tests.public.test_witnesses import ACT, ONE, register, witnessed
from tests.serving import serving

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Route

pytestmark = pytest.mark.db("sqlite")
BASE = f"/c/{SLUG}"
ORIGIN = f"mingzhang.example{BASE}/log"
NO_SUBTLE = "Object.defineProperty(window.crypto, 'subtle', { value: undefined });"
NO_ED25519 = "SubtleCrypto.prototype.importKey = function () { return Promise.reject(new Error('old')); };"


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    opened = browser.new_page(viewport={"width": 390, "height": 844})
    problems: list[str] = []
    opened.on("pageerror", lambda error: problems.append(str(error)))
    opened.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    yield opened
    opened.close()
    assert problems == []


def signer(site: Site) -> Signer:
    return load_signer(site.config.key_path(SLUG), ORIGIN)


def kept(site: Site, size: int, root: bytes | None = None) -> str:
    """What somebody kept when the log had ``size`` entries."""
    with reading(site.community.engine) as conn:
        true = root_at(size, LogNodes(conn, TRUST_ID))
    return sign_checkpoint(Checkpoint(ORIGIN, size, root or true), signer(site))


def typed(site: Site) -> str:
    """Two lines copied by hand."""
    return "\n".join(kept(site, 8).split("\n")[1:3])


def from_pdf(site: Site) -> str:
    """What a phone copies out of a PDF: no empty line, and the long line broken."""
    note = kept(site, 8).replace("\n\n", "\n")
    return f"{note[:-30]}\n{note[-30:]}"


def entry_page(site: Site, address: str) -> str:
    return f"{address}{BASE}/entries/{site.community.refs['payment']}"


# --- Statements -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("period", ["2025-08", "2025-09"])
def test_a_statement_verifies(address: str, page: Page, period: str) -> None:
    page.goto(f"{address}{BASE}/statements/{period}")
    title, words = verdict(page)
    assert title == "一致", words
    assert "个数字，与公开日志里的一致" in words


def test_a_statement_that_shows_another_figure_is_found(address: str, page: Page) -> None:
    page.goto(f"{address}{BASE}/statements/2025-09")
    page.evaluate(
        """() => { const cell = [...document.querySelectorAll('[data-figure]')]
            .find(element => /\\d\\.\\d\\d/.test(element.textContent));
            cell.textContent = '123,456.78'; }"""
    )
    title, words = verdict(page)
    assert title == "不一致"
    assert "123,456.78" in words


@pytest.mark.parametrize(("old", "new"), [("2025年9月", "2025年10月"), ("第 1 版", "第 2 版")])
def test_a_statement_under_another_title_is_found(address: str, page: Page, old: str, new: str) -> None:
    def tamper(route: Route) -> None:
        route.fulfill(body=route.fetch().text().replace(old, new), content_type="text/html; charset=utf-8")

    page.route("**/statements/2025-09", tamper)
    page.goto(f"{address}{BASE}/statements/2025-09")
    assert verdict(page)[0] == "不一致"


def test_a_statement_whose_text_was_changed_is_found(address: str, page: Page) -> None:
    def tamper(route: Route) -> None:
        route.fulfill(body=route.fetch().body().replace(b"0", b"1", 1), content_type="application/json")

    page.route("**/statements/*.json*", tamper)
    page.goto(f"{address}{BASE}/statements/2025-09")
    title, words = verdict(page)
    assert title == "不一致"
    assert "原文被改过" in words


@pytest.mark.parametrize(
    ("old", "new", "word"),
    [
        ("电梯维保费 ¥3,200.00</h1>", "电梯维保费 ¥3,100.00</h1>", "标题里的金额"),
        ('<ul class="documents">', '<ul class="documents"><li>多出来的一张</li>', "凭证张数"),
        ('原件指纹 <code class="hash">0', '原件指纹 <code class="hash">1', "凭证的指纹"),
    ],
)
def test_title_and_vouchers_are_compared_too(
    site: Site, address: str, page: Page, old: str, new: str, word: str
) -> None:
    def tamper(route: Route) -> None:
        body = route.fetch().text()
        assert old in body
        route.fulfill(body=body.replace(old, new), content_type="text/html; charset=utf-8")

    page.route(f"**/entries/{site.community.refs['payment']}", tamper)
    page.goto(entry_page(site, address))
    title, words = verdict(page)
    assert title == "不一致"
    assert word in words


# --- Old browsers -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("without", [NO_SUBTLE, NO_ED25519], ids=["no WebCrypto", "no Ed25519"])
def test_old_browsers_verify_with_the_packages(site: Site, address: str, page: Page, without: str) -> None:
    page.add_init_script(without)
    loaded: list[str] = []
    page.on("request", lambda request: loaded.append(request.url))
    page.goto(entry_page(site, address))
    assert not any("/vendor/" in url for url in loaded), "loaded before it was needed"
    assert verdict(page)[0] == "一致"
    assert sum("/vendor/" in url for url in loaded) == 2


def test_old_browsers_find_forgery_too(site: Site, address: str, page: Page) -> None:
    def tamper(route: Route) -> None:
        head, _, signature = route.fetch().text().rpartition(" ")
        route.fulfill(body=f"{head} {signature[:40]}{'B' if signature[40] != 'B' else 'C'}{signature[41:]}")

    page.add_init_script(NO_SUBTLE)
    page.route("**/proof", tamper)
    page.goto(entry_page(site, address))
    assert verdict(page)[0] == "不一致"


def test_without_the_packages_it_says_so(site: Site, address: str, browser: Browser) -> None:
    page = browser.new_page()
    page.add_init_script(NO_ED25519)
    page.route("**/vendor/**", lambda route: route.abort())
    page.goto(entry_page(site, address))
    title, words = verdict(page)
    page.close()
    assert title == "无法核验"
    assert "换一个新的浏览器" in words


def test_browsers_of_today_need_no_package(site: Site, address: str, page: Page) -> None:
    page.route("**/vendor/**", lambda route: route.abort())
    page.goto(entry_page(site, address))
    assert verdict(page)[0] == "一致"


# --- Paper --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [1, 8, 20])
def test_a_scanned_paper_is_compared_and_remembered(site: Site, address: str, page: Page, size: int) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{address}{BASE}/verify#kept={kept_code(kept(site, size))}")
    title, words = verdict(page, "")
    assert title == "一致", words
    assert f"您这份凭据（前 {size} 条）上的签名是真的" in words
    assert not any("kept" in url for url in asked), "the site learned which paper it is compared with"
    assert page.evaluate(f"JSON.parse(localStorage.getItem('mingzhang:{ORIGIN}')).size") > size
    page.reload()
    assert "与这台设备上次记下的" in verdict(page, "")[1]


def test_a_pasted_note_is_compared(site: Site, address: str, page: Page) -> None:
    page.goto(f"{address}{BASE}/verify")
    page.get_by_role("textbox", name="纸上的凭据").fill("\r\n" + kept(site, 8).replace("\n", "\r\n") + "  ")
    assert verdict(page, "比对")[0] == "一致"


@pytest.mark.parametrize(
    ("paper", "title", "word"),
    [
        (lambda site: kept(site, 8, b"\1" * 32), "不一致", "被改写"),
        (lambda site: kept_code(kept(site, 8, b"\1" * 32)), "不一致", "被改写"),
        (lambda site: kept_code(kept(site, 8, b"\1" * 32)).rpartition(".")[0], "不一致", "有没有抄错"),
        (lambda site: kept_code(kept(site, 8)).rpartition(".")[0], "一致", "没有签名，只比对了"),
        (lambda site: kept(site, 8).replace("\n8\n", "\n9\n"), "不一致", "有没有抄错、漏行"),
        (lambda site: kept(site, 8).replace(ORIGIN, "other.example/log"), "无法核验", "不是这本账的"),
        (lambda site: "今天天气很好", "无法核验", "认不出"),
        (typed, "一致", "没有签名，只比对了"),
        (lambda site: typed(site).replace("\n", "  ").rstrip("="), "一致", "没有签名，只比对了"),
        (from_pdf, "一致", "上的签名是真的"),
        (lambda site: typed(site)[:-3], "无法核验", "44 个字符"),
        (lambda site: kept(site, 8)[:-9], "无法核验", "抄得不完整"),
    ],
)
def test_papers_of_all_kinds(
    site: Site, address: str, page: Page, paper: object, title: str, word: str
) -> None:
    page.goto(f"{address}{BASE}/verify")
    page.get_by_role("textbox", name="纸上的凭据").fill(paper(site))  # type: ignore[operator]
    found, words = verdict(page, "比对")
    assert (found, word in words) == (title, True), words


def test_a_larger_paper_shows_that_the_log_shrank(site: Site, address: str, page: Page) -> None:
    note = sign_checkpoint(Checkpoint(ORIGIN, 900, b"\1" * 32), signer(site))
    page.goto(f"{address}{BASE}/verify")
    page.get_by_role("textbox", name="纸上的凭据").fill(note)
    title, words = verdict(page, "比对")
    assert title == "不一致"
    assert "账变少了" in words


def test_a_log_that_changed_its_name_is_found(site: Site, address: str, page: Page) -> None:
    page.goto(entry_page(site, address))
    host = address.removeprefix("http://")
    page.evaluate(f"localStorage.setItem('mingzhang-at:{host}{BASE}/log/', 'older.example/log')")
    title, words = verdict(page)
    assert title == "不一致"
    assert "账本被换过" in words


def browser_page(page: Page, folder: Path) -> Page:
    """The verifier that is one file, in a window of its own without a network."""
    (folder / "verifier.html").write_bytes(verifier_html(load_pages(demo=False)))
    assert page.context.browser is not None
    opened = page.context.browser.new_context(offline=True).new_page()
    opened.goto((folder / "verifier.html").as_uri())
    return opened


# --- Evidence -------------------------------------------------------------------------------------------------


def test_evidence_can_be_taken_away(site: Site, address: str, page: Page, tmp_path: Path) -> None:
    page.goto(entry_page(site, address))
    note = kept(site, 8, b"\1" * 32)
    root = note.split("\n")[2]
    remembered = json.dumps({"size": 8, "root": root, "key": site.community.vkey, "note": note})
    page.evaluate(f"localStorage.setItem('mingzhang:{ORIGIN}', {remembered!r})")
    assert verdict(page)[0] == "不一致"
    page.get_by_role("link", name="下载证据").wait_for()
    expect(page.locator(".verdict")).to_contain_text("业主委员会、街道办事处")
    with page.expect_download() as download:
        page.get_by_role("link", name="下载证据").click()
    download.value.save_as(tmp_path / "evidence.json")
    evidence = json.loads((tmp_path / "evidence.json").read_text("utf-8"))
    assert evidence["verdict"] == "不一致"
    assert evidence["kept"]["note"] == note
    assert evidence["proof"].startswith("c2sp.org/tlog-proof@v1")
    assert evidence["consistency"]
    assert json.loads(evidence["leaf"])["ref"] == site.community.refs["payment"]
    assert evidence["shown"]["金额"] == "¥3,200.00"
    on_disk = browser_page(page, tmp_path)
    on_disk.get_by_label("公开内容原文、入账证明").set_input_files([tmp_path / "evidence.json"])
    again, why = verdict(on_disk)
    on_disk.close()
    assert (again, "被改写过" in why) == ("不一致", True), why
    page.get_by_text("不能下载？复制这段文字").click()
    assert json.loads(page.get_by_label("证据原文").input_value()) == evidence


# --- Witnesses --------------------------------------------------------------------------------------------------


def test_witnesses_are_checked_in_the_browser(
    own_site: Site, page: Page, browser: Browser, tmp_path: Path
) -> None:
    register(own_site, ONE, "业主委员会")
    with writing(own_site.community.engine) as conn:
        note = note_at(own_site, own_site_size(own_site))
        receive_cosignatures(conn, TRUST_ID, witnessed(note, ONE), ACT)
    with serving(create_app(own_site.config, now=clock_at(NOW))) as address:
        page.goto(entry_page(own_site, address))
        title, words = verdict(page)
        assert title == "一致", words
        assert "不说明钱花得对不对" in words
        assert (
            page.get_by_role("link", name="它不能说明什么").get_attribute("href") == f"{BASE}/verify#limits"
        )
        assert "1 位见证人签过名" in words
        assert "业主委员会" in words

        def forge(route: Route) -> None:
            body = route.fetch().text()
            note = witnessed(kept(own_site, 8, b"\1" * 32), ONE)
            state = json.loads(body)
            state["witnesses"][0]["note"] = note
            route.fulfill(body=json.dumps(state), content_type="application/json")

        page.route("**/log/about", forge)
        page.reload()
        title, words = verdict(page)
        assert title == "不一致"
        assert "见证人“业主委员会”签过的不同" in words
        page.get_by_text("不能下载？复制这段文字").click()
        on_disk = browser_page(page, tmp_path)
        on_disk.get_by_label("没有文件，就把原文粘贴在这里").fill(page.get_by_label("证据原文").input_value())
        assert verdict(on_disk)[1].startswith("不一致\n现在的账与见证人“业主委员会”签过的不同")
        on_disk.close()

        context = browser.new_context()
        later = context.new_page()

        def rolled_back(route: Route) -> None:
            state = json.loads(route.fetch().text())
            note = sign_checkpoint(Checkpoint(ORIGIN, 1900, b"\1" * 32), signer(own_site))
            state["witnesses"][0]["note"] = witnessed(note, ONE)
            route.fulfill(body=json.dumps(state), content_type="application/json")

        later.route("**/log/about", rolled_back)
        later.goto(entry_page(own_site, address))
        title, words = verdict(later)
        assert title == "不一致", "a witness signed what the site no longer shows"
        assert "“业主委员会”签到第 1,900 条" in words
        later.unroute("**/log/about")
        later.route("**/log/about", lambda route: route.fulfill(body="{}", content_type="application/json"))
        later.reload()
        title, words = verdict(later)
        assert (title, "这一项没有核对" in words) == ("一致", True), words
        context.set_offline(True)
        later.get_by_role("button", name="核验").click()
        expect(later.locator(".verdict.unsure")).to_contain_text("这不等于账有问题")
        context.close()


def own_site_size(site: Site) -> int:
    return int(site.client.get(f"{BASE}/log/checkpoint").text.split("\n")[1])


def note_at(site: Site, size: int) -> str:
    return site.client.get(f"{BASE}/log/checkpoint/{size}").text


# --- The verifier as one file -------------------------------------------------------------------------------------


@pytest.fixture
def verifier(tmp_path: Path) -> str:
    """It, on disk."""
    path = tmp_path / "verifier.html"
    path.write_bytes(verifier_html(load_pages(demo=False)))
    return path.as_uri()


def test_the_packages_are_in_the_file() -> None:
    assert all((STATIC / name).is_file() for name in PACKAGES), "run .ci/setup"


@pytest.mark.parametrize("without", ["", NO_SUBTLE, NO_ED25519], ids=["today", "no WebCrypto", "no Ed25519"])
def test_from_disk_by_address(site: Site, address: str, page: Page, verifier: str, without: str) -> None:
    if without:
        page.add_init_script(without)
    page.goto(verifier)
    page.get_by_label("一笔账、一份报告或小区的网址").fill(entry_page(site, address))
    page.get_by_label("账本公钥").fill(site.community.vkey)
    page.get_by_label("以前留存的凭据").fill(kept(site, 8))
    title, words = verdict(page)
    assert title == "一致", words
    assert "与留存的前 8 条的凭据一致" in words
    expect(page.locator("[data-shown-body]")).to_contain_text("支付电梯维保费", use_inner_text=True)


def test_from_disk_by_the_address_of_a_statement_and_of_the_community(
    site: Site, address: str, page: Page, verifier: str
) -> None:
    page.goto(verifier)
    page.get_by_label("一笔账、一份报告或小区的网址").fill(f"{address}{BASE}")
    title, words = verdict(page)
    assert title == "一致", words
    assert "不能说明旧账没有被整体重写" in words
    page.get_by_label("一笔账、一份报告或小区的网址").fill(f"{address}{BASE}/statements/2025-09")
    page.get_by_role("button", name="核验").click()
    expect(page.locator(".verdict.good")).to_contain_text("报告原文与签过名的指纹相同")


def test_from_disk_a_log_that_shrank_is_found(site: Site, address: str, page: Page, verifier: str) -> None:
    page.goto(verifier)
    page.get_by_label("一笔账、一份报告或小区的网址").fill(f"{address}{BASE}")
    page.get_by_label("以前留存的凭据").fill(
        sign_checkpoint(Checkpoint(ORIGIN, 900, b"\1" * 32), signer(site))
    )
    title, words = verdict(page)
    assert (title, "账变少了" in words) == ("不一致", True), words


def test_evidence_of_what_a_page_showed_is_no_more_than_it_is(
    site: Site, address: str, page: Page, tmp_path: Path
) -> None:
    page.goto(entry_page(site, address))
    page.evaluate("document.querySelector('[data-field=summary]').textContent = '支付别的'")
    assert verdict(page)[0] == "不一致"
    page.get_by_text("不能下载？复制这段文字").click()
    on_disk = browser_page(page, tmp_path)
    on_disk.get_by_label("没有文件，就把原文粘贴在这里").fill(page.get_by_label("证据原文").input_value())
    title, words = verdict(on_disk)
    on_disk.close()
    assert title == "一致", words
    assert "支付别的" in words
    assert "要有截图或在场的人作证" in words


def test_from_disk_a_newest_checkpoint_of_another_history_is_found(
    site: Site, address: str, page: Page, verifier: str
) -> None:
    forked = kept(site, own_site_size(site), b"\1" * 32)
    opened = {"access-control-allow-origin": "*"}
    page.route("**/log/checkpoint", lambda route: route.fulfill(body=forked, headers=opened))
    page.goto(verifier)
    page.get_by_label("一笔账、一份报告或小区的网址").fill(entry_page(site, address))
    title, words = verdict(page)
    assert title == "不一致", words
    assert "旧账被改写过" in words


def test_from_disk_by_files_without_a_network(
    site: Site, browser: Browser, verifier: str, tmp_path: Path
) -> None:
    ref = site.community.refs["payment"]
    files = {
        "leaf.json": site.client.get(f"{BASE}/entries/{ref}.json").content,
        "leaf.tlog-proof": site.client.get(f"{BASE}/entries/{ref}/proof").content,
        "between.txt": site.client.get(f"{BASE}/log/consistency/8/{own_site_size(site)}").content,
        "old.txt": kept(site, 8).encode(),
    }
    for name, body in files.items():
        (tmp_path / name).write_bytes(body)
    context = browser.new_context(offline=True)
    page = context.new_page()
    page.goto(verifier)
    page.get_by_label("公开内容原文、入账证明").set_input_files([tmp_path / name for name in files])
    page.get_by_label("账本公钥").fill(site.community.vkey)
    title, words = verdict(page)
    assert title == "一致", words
    assert "与留存的前 8 条的凭据一致" in words
    (tmp_path / "leaf.json").write_bytes(files["leaf.json"].replace(b"320000", b"120000"))
    page.get_by_label("公开内容原文、入账证明").set_input_files([tmp_path / name for name in files])
    page.get_by_role("button", name="核验").click()
    expect(page.locator(".verdict.bad strong")).to_have_text("不一致")
    context.close()


def test_another_key_in_hand_is_found(site: Site, address: str, page: Page, verifier: str) -> None:
    from tests.log.test_note import signer as other

    page.goto(verifier)
    page.get_by_label("一笔账、一份报告或小区的网址").fill(entry_page(site, address))
    page.get_by_label("账本公钥").fill(other(ORIGIN).verifier.vkey)
    title, words = verdict(page)
    assert title == "不一致"
    assert "公钥" in words
