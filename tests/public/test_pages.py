"""Every address answers, in Chinese, safely, and shows nothing private."""

from __future__ import annotations

import json
import re

import pytest
from sqlalchemy import func, select

from ledger.journal.read import find_seq
from ledger.log.note import Verifier
from ledger.log.store import read_leaf
from ledger.log.tiles import Tile, all_tiles, decode_bundle
from ledger.log.tlog_proof import LogProof
from ledger.log.tree import leaf_hash, verify_consistency
from ledger.money import format_yuan
from ledger.store.engine import reading
from ledger.store.tables import leaf
from tests.public.community import NAME, SECRETS, SLUG, TRUST_ID
from tests.public.conftest import Site

BASE = f"/c/{SLUG}"


def text(site: Site, path: str) -> str:
    answer = site.client.get(path)
    assert answer.status_code == 200, f"{path}: {answer.status_code} {answer.text[:300]}"
    return answer.text


def all_addresses(site: Site) -> list[str]:
    refs = sorted(site.community.refs.values())
    paths = ["/", BASE, f"{BASE}/entries", f"{BASE}/statements", f"{BASE}/verify", f"{BASE}/log/checkpoint"]
    paths += [f"{BASE}/entries/{ref}{tail}" for ref in refs for tail in ("", ".json", "/proof")]
    paths += [f"{BASE}/statements/{month}{tail}" for month in ("2025-08", "2025-09") for tail in ("", ".csv")]
    paths += [f"{BASE}/log/key", f"{BASE}/log/tile/entries/000.p/5", f"{BASE}/log/tile/0/000.p/5"]
    paths += [f"{BASE}/log/leaf/0", f"{BASE}/log/leaf/0/proof"]
    return [*paths, f"{BASE}/log/consistency/3/9"]


def test_every_address_answers_with_security_headers(site: Site) -> None:
    for path in [*all_addresses(site), "/static/site.css", "/static/verify.js", "/no/such/page"]:
        answer = site.client.get(path)
        assert answer.status_code == (404 if path == "/no/such/page" else 200), path
        policy = answer.headers["content-security-policy"]
        assert "default-src 'self'" in policy and "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "same-origin"
        if answer.headers["content-type"].startswith("text/html"):
            assert not re.search(r"<script(?![^>]* src=)|<style|\sstyle=|\son\w+=", answer.text), path


def test_nothing_private_is_on_any_page(site: Site) -> None:
    for path in all_addresses(site):
        body = site.client.get(path).content
        for secret in SECRETS:
            assert secret.encode() not in body, f"{secret} is on {path}"
    for path in [f"{BASE}/statements/2025-08.pdf", f"{BASE}/statements/2025-09.pdf"]:
        assert site.client.get(path).status_code == 200


@pytest.mark.parametrize("secret", SECRETS)
def test_nothing_private_can_be_searched_for(site: Site, secret: str) -> None:
    page = text(site, f"{BASE}/entries?q={secret}")
    assert "没有符合条件的账目" in page
    assert "A-2025-0" not in page


def test_pages_speak_chinese(site: Site) -> None:
    """What is left of a page without tags, names of formats, codes and addresses is not English."""
    known = "RFC C2SP Ed25519 tlog checkpoint proof tiles cosignature PDF CSV JSON A3 A4 WPS Excel Frictionless Data Package json c log key http https mingzhang example"
    allowed = {*known.split(), SLUG, "F1", "F2", "F3", "M", "POS"}
    for path in all_addresses(site):
        answer = site.client.get(path)
        if not answer.headers["content-type"].startswith("text/html"):
            continue
        page = re.sub(r"<pre.*?</pre>|<code.*?</code>|<script.*?</script>", " ", answer.text, flags=re.S)
        words = re.findall(r"[A-Za-z][A-Za-z0-9]+", re.sub(r"<[^>]+>", " ", page))
        assert {w for w in words if w not in allowed and not re.fullmatch(r"[AM]|FP|S1|C\d", w)} <= set(), (
            path
        )
        assert '<html lang="zh-CN">' in page


def test_json_is_exactly_the_leaf(site: Site) -> None:
    for ref in site.community.refs.values():
        answer = site.client.get(f"{BASE}/entries/{ref}.json")
        assert answer.headers["content-type"] == "application/json"
        with reading(site.community.engine) as conn:
            assert answer.content == read_leaf(conn, TRUST_ID, find_seq(conn, TRUST_ID, ref))


def test_proofs_verify(site: Site) -> None:
    verifier = Verifier.from_vkey(text(site, f"{BASE}/log/key"))
    assert verifier.vkey == site.community.vkey
    for ref in site.community.refs.values():
        body = site.client.get(f"{BASE}/entries/{ref}.json").content
        proof = LogProof.parse(text(site, f"{BASE}/entries/{ref}/proof"))
        head = proof.verify(body, verifier)
        assert head.size == log_size(site)


def test_any_leaf_can_be_fetched_and_proven_by_its_place(site: Site) -> None:
    verifier = Verifier.from_vkey(text(site, f"{BASE}/log/key"))
    for place in range(log_size(site)):
        body = site.client.get(f"{BASE}/log/leaf/{place}").content
        proof = LogProof.parse(text(site, f"{BASE}/log/leaf/{place}/proof"))
        proof.verify(body, verifier)
        assert json.loads(body)["seq"] == place == proof.index


def test_tiles_hold_the_log(site: Site) -> None:
    size = log_size(site)
    for tile in all_tiles(size):
        body = site.client.get(f"{BASE}/log/{tile.path}").content
        if tile.level == -1:
            leaves = decode_bundle(body)
            assert [json.loads(item)["seq"] for item in leaves] == list(range(size))
    hashes = site.client.get(f"{BASE}/log/{Tile(0, 0, size).path}").content
    assert [hashes[at : at + 32] for at in range(0, len(hashes), 32)] == [leaf_hash(item) for item in leaves]
    assert site.client.get(f"{BASE}/log/{Tile(0, 0, size + 1).path}").status_code == 404
    assert site.client.get(f"{BASE}/log/tile/0/0").status_code == 404


def test_consistency_between_any_two_sizes(site: Site) -> None:
    from base64 import b64decode

    from ledger.log.store import LogNodes
    from ledger.log.tree import root_at

    size = log_size(site)
    with reading(site.community.engine) as conn:
        roots = {n: root_at(n, LogNodes(conn, TRUST_ID)) for n in range(1, size + 1)}
    for old in range(1, size + 1):
        lines = text(site, f"{BASE}/log/consistency/{old}/{size}").split()
        verify_consistency(old, roots[old], size, roots[size], [b64decode(line) for line in lines])
    for bad in ("0/5", "5/4", "1/999999", "x/5", "1/-2"):
        assert site.client.get(f"{BASE}/log/consistency/{bad}").status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "/c/nowhere",
        "/c/nowhere/entries",
        "/c/nowhere/log/checkpoint",
        f"{BASE}/entries/A-2025-999999",
        f"{BASE}/entries/A-2025-999999.json",
        f"{BASE}/entries/A-2025-999999/proof",
        f"{BASE}/entries/whatever",
        f"{BASE}/entries/A-99999999999999999999-000001",
        f"{BASE}/entries/A-2025-{'9' * 40}",
        f"{BASE}/entries/A-２０２５-000001",
        f"{BASE}/entries/%00",
        "/c/%00",
        "/c/' OR 1=1",
        f"{BASE}/log/leaf/999999",
        f"{BASE}/log/leaf/999999/proof",
        f"{BASE}/log/leaf/-1",
        f"{BASE}/log/leaf/{'9' * 40}/proof",
        f"{BASE}/log/tile/0/x999/x999/x999/x999/x999/x999/999",
        f"{BASE}/statements/2025-10",
        f"{BASE}/statements/2025-13",
        f"{BASE}/statements/2025-09.exe",
        f"{BASE}/statements/2025-09?version=7",
        f"{BASE}/statements/2025-09?version=x",
        f"{BASE}/nothing",
        "/static/../app.py",
    ],
)
def test_what_is_not_there_is_404_in_chinese(site: Site, path: str) -> None:
    answer = site.client.get(path)
    assert answer.status_code == 404
    if path.endswith(".json"):
        assert answer.json()["title"] == "没有找到这一页"
    else:
        assert "没有找到这一页" in answer.text


@pytest.mark.parametrize("path", [f"{BASE}/nothing", f"{BASE}/entries/A-2025-999999"])
def test_an_error_leads_back_into_the_community(site: Site, path: str) -> None:
    answer = site.client.get(path, headers={"accept": "text/html"})
    assert answer.status_code == 404
    assert f'href="{BASE}"' in answer.text
    assert f'href="{BASE}/entries"' in answer.text


def test_an_error_about_no_community_leads_to_the_list(site: Site) -> None:
    page = site.client.get("/c/nowhere").text
    assert 'href="/c/nowhere' not in page
    assert "回到小区列表" in page


def test_only_reading_is_allowed(site: Site) -> None:
    answer = site.client.post(BASE)
    assert answer.status_code == 405
    assert "不支持这种操作" in answer.text
    assert site.client.head(BASE).status_code == 200


def test_unchanged_pages_are_not_sent_again(site: Site) -> None:
    for path in [*all_addresses(site), f"{BASE}/statements/2025-09.pdf"]:
        first = site.client.get(path)
        again = site.client.get(path, headers={"if-none-match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b""), path
    other = site.client.get(f"{BASE}/entries?fund=F1").headers["etag"]
    assert other != site.client.get(f"{BASE}/entries").headers["etag"]


def test_cache_lifetimes(site: Site) -> None:
    ref = site.community.refs["receipt"]
    assert "immutable" in site.client.get(f"{BASE}/entries/{ref}.json").headers["cache-control"]
    assert "no-cache" in site.client.get(f"{BASE}/entries/{ref}").headers["cache-control"]
    assert "immutable" not in site.client.get(f"{BASE}/log/tile/0/000.p/5").headers["cache-control"]
    assert "no-store" in site.client.get("/nowhere").headers["cache-control"]


def test_answers_are_compressed(site: Site) -> None:
    for coding in ("br", "gzip"):
        answer = site.client.get(BASE, headers={"accept-encoding": coding})
        assert answer.headers["content-encoding"] == coding
        assert NAME in answer.text


def test_home_shows_the_ledgers_money(site: Site) -> None:
    page = text(site, BASE)
    for fen in (5_000_000 + 8 * 17_820 + 17_713 - 320_000 + 50_000 - 1_500 - 30_000, 150_000, 900_000):
        assert f"¥{format_yuan(fen)}" in page
    assert "拨付备用金" in page
    assert "2025年9月月报" in page
    assert "6 天前" in page


def test_entry_pages_tell_both_sides_of_a_correction(site: Site) -> None:
    refs = site.community.refs
    assert f"{BASE}/entries/{refs['reversal']}" in text(site, f"{BASE}/entries/{refs['reversed']}")
    assert f"{BASE}/entries/{refs['reversed']}" in text(site, f"{BASE}/entries/{refs['reversal']}")
    assert f"{BASE}/entries/{refs['amendment']}" in text(site, f"{BASE}/entries/{refs['amended']}")
    assert f"{BASE}/entries/{refs['amended']}" in text(site, f"{BASE}/entries/{refs['amendment']}")
    reversal = text(site, f"{BASE}/entries/{refs['reversal']}")
    assert "-¥123.45" in reversal and "红字" in reversal
    assert "2025年8月30日" in text(site, f"{BASE}/entries/{refs['late']}")
    payment = text(site, f"{BASE}/entries/{refs['payment']}")
    assert "迅达电梯维保有限公司" in payment and "¥3,200.00" in payment
    assert "业主或住户（姓名、房号不公开）" in text(site, f"{BASE}/entries/{refs['receipt']}")
    assert "划转" in text(site, f"{BASE}/entries/{refs['kept']}")


def test_a_fault_of_ours_tells_nothing(
    site: Site, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from disclosure.public import pages

    def broken(*_: object) -> None:
        raise ValueError("制单人隐甲")

    monkeypatch.setattr(pages, "read_home", broken)
    answer = site.client.get(BASE)
    assert answer.status_code == 500
    assert "网页出错了" in answer.text
    assert "default-src 'self'" in answer.headers["content-security-policy"]
    assert "隐甲" not in answer.text + caplog.text
    assert "event=request_failed" in caplog.text


def log_size(site: Site) -> int:
    with reading(site.community.engine) as conn:
        return int(conn.execute(select(func.count()).select_from(leaf)).scalar_one())
