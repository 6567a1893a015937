"""The feed as other programs read it: everything once, under names that stay, in the words of the pages."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Any
from xml.etree import ElementTree as ET

import feedparser
import pytest
from defusedxml.ElementTree import fromstring
from sqlalchemy import select

from disclosure.feeds.atom import Place, atom_feed, tag_uri
from disclosure.feeds.news import TOPICS, WORDS, Item, News, read_news
from disclosure.public.trusts import find_site
from ledger.log.entries import decode_entry
from ledger.log.store import stream_leaves
from ledger.money import format_yuan
from ledger.records import record_kinds
from ledger.store.engine import reading
from ledger.store.tables import record
from tests.public.community import NAME, SECRETS, SLUG, TRUST_ID, TRUSTEE
from tests.public.conftest import PUBLIC_URL, Site

ATOM = "{http://www.w3.org/2005/Atom}"
FEED = f"/c/{SLUG}/feed"
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_TAG = re.compile(rf"tag:mingzhang\.example,2025-08-01:{SLUG}/\S+")


def parsed(site: Site, path: str = FEED) -> Any:
    answer = site.client.get(path.removeprefix(PUBLIC_URL))
    assert answer.status_code == 200, path
    assert answer.headers["content-type"].startswith("application/atom+xml")
    feed = feedparser.parse(answer.content)
    assert not feed.bozo, feed.get("bozo_exception")
    assert feed.version == "atom10"
    return feed


def all_items(site: Site, path: str = FEED) -> list[Any]:
    items: list[Any] = []
    while path:
        feed = parsed(site, path)
        items += feed.entries
        path = next((link.href for link in feed.feed.links if link.rel == "next"), "")
    return items


def small_pages(site: Site, size: int, only: str = "") -> list[Item]:
    items: list[Item] = []
    before: int | None = None
    with reading(site.community.engine) as conn:
        while True:
            news = read_news(conn, TRUST_ID, {}, only=only, before=before, size=size)
            items += news.items
            before = news.before
            if before is None:
                return items


def test_a_feed_reader_understands_it(site: Site) -> None:
    feed = parsed(site).feed
    assert feed.title == f"{NAME} · 公开账目"
    assert feed.author == TRUSTEE
    assert feed.language == "zh-CN"
    links = {link.rel: link.href for link in feed.links}
    assert links["self"] == f"{PUBLIC_URL}{FEED}"
    assert links["alternate"] == f"{PUBLIC_URL}/c/{SLUG}"


def test_it_keeps_the_rules_of_atom(site: Site) -> None:
    """RFC 4287: what must be there, once, and in which form."""
    root = fromstring(site.client.get(FEED).content)
    assert root.tag == f"{ATOM}feed"
    _well_formed(root, {"id": 1, "title": 1, "updated": 1, "author": 1, "subtitle": 1, "generator": 1})
    for entry in root.findall(f"{ATOM}entry"):
        _well_formed(entry, {"id": 1, "title": 1, "updated": 1, "published": 1, "summary": 1, "category": 1})
    ids = [element.text for element in root.iter(f"{ATOM}id")]
    assert len(ids) == len(set(ids))
    assert all(_TAG.fullmatch(str(one)) for one in ids)
    newest = max(str(entry.findtext(f"{ATOM}updated")) for entry in root.findall(f"{ATOM}entry"))
    assert root.findtext(f"{ATOM}updated") == newest


def _well_formed(element: ET.Element, expected: dict[str, int]) -> None:
    for name, count in expected.items():
        assert len(element.findall(f"{ATOM}{name}")) == count, name
    for name in ("updated", "published"):
        for moment in element.findall(f"{ATOM}{name}"):
            assert _MOMENT.fullmatch(str(moment.text))
    alternates = [link for link in element.findall(f"{ATOM}link") if link.get("rel") == "alternate"]
    assert len(alternates) == 1
    assert all(
        str(link.get("href")).startswith(f"{PUBLIC_URL}/c/") for link in element.findall(f"{ATOM}link")
    )
    assert {child.tag.removeprefix(ATOM) for child in element} <= {*expected, "link", "entry"}


def test_every_entry_and_statement_is_in_it_once(site: Site) -> None:
    found = {item.id.partition(f":{SLUG}/")[2] for item in all_items(site)}
    with reading(site.community.engine) as conn:
        size = find_site(conn, SLUG).size
        entries = {
            f"entries/{entry.ref}"
            for body in stream_leaves(conn, TRUST_ID, size)
            if (entry := decode_entry(body)) is not None
        }
        records = conn.execute(select(record.c.kind, record.c.subject).where(record.c.trust_id == TRUST_ID))
        others = {f"{kind}/{subject}" for kind, subject in records if kind in WORDS}
    assert found == entries | others


def test_an_item_says_what_its_page_says(site: Site) -> None:
    refs = site.community.refs
    items = {item.id.rpartition("/")[2]: item for item in all_items(site)}
    payment = items[refs["payment"]]
    assert payment.title == "支出 ¥3,200.00：支付电梯维保费"
    assert "迅达电梯维保有限公司" in payment.summary and "2025年9月10日" in payment.summary
    assert payment.link == f"{PUBLIC_URL}/c/{SLUG}/entries/{refs['payment']}"
    assert site.client.get(payment.link.removeprefix(PUBLIC_URL)).status_code == 200
    with reading(site.community.engine) as conn:
        for body in stream_leaves(conn, TRUST_ID, find_site(conn, SLUG).size):
            entry = decode_entry(body)
            if entry is not None:
                item = items[entry.ref]
                assert item.updated == entry.posted_at
                debit = sum(line.amount for line in entry.lines if line.side == "D")
                amount = format_yuan(abs(debit))
                assert entry.summary in item.title and ("¥" in item.title)
                if "记账" in item.title:
                    assert amount in item.title


def test_corrections_are_marked_on_both_sides(site: Site) -> None:
    refs = site.community.refs
    items = {item.id.rpartition("/")[2]: item for item in all_items(site)}
    reversal, amendment = items[refs["reversal"]], items[refs["amendment"]]
    assert reversal.title.startswith("【红字冲销】") and refs["reversed"] in reversal.summary
    assert reversal.tags[0].term == "corrections"
    assert any(link.rel == "related" and refs["reversed"] in link.href for link in reversal.links)
    assert amendment.title.startswith(("【订正】", "【红字冲销】"))
    assert f"已被 {refs['reversal']} 冲销" in items[refs["reversed"]].summary


@pytest.mark.parametrize("size", [1, 3, 50])
def test_pages_of_any_length_are_the_same_news(site: Site, size: int) -> None:
    seqs = [item.seq for item in small_pages(site, size)]
    assert seqs == sorted(seqs, reverse=True)
    assert seqs == [item.seq for item in small_pages(site, 1_000)]


def test_one_may_ask_for_less(site: Site) -> None:
    entries = [item.key for item in small_pages(site, 4, "entries")]
    everything = [item.key for item in small_pages(site, 4)]
    assert entries == [key for key in everything if key.startswith("entries/")]
    parts = [item.key for topic in TOPICS for item in small_pages(site, 4, topic)]
    assert sorted(parts) == sorted(everything)
    assert parsed(site, f"{FEED}?only=statements").feed.title == f"{NAME} · 报告"
    assert site.client.get(f"{FEED}?only=gossip").status_code == 404


def test_it_is_not_sent_again_unchanged(site: Site) -> None:
    first = site.client.get(FEED)
    again = site.client.get(FEED, headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_nothing_private_is_in_it(site: Site) -> None:
    text = site.client.get(FEED).text
    for secret in SECRETS:
        assert secret not in text


def test_a_name_stays_when_the_site_moves(site: Site) -> None:
    with reading(site.community.engine) as conn:
        here = find_site(conn, SLUG)
        news = read_news(conn, TRUST_ID, {}, size=3)
    first = feedparser.parse(atom_feed(here, news, Place("https://one.example", SLUG)))
    second = feedparser.parse(atom_feed(here, news, Place("https://two.example", SLUG)))
    assert [item.id for item in first.entries] == [item.id for item in second.entries]
    assert first.entries[0].link != second.entries[0].link


def test_no_text_breaks_the_feed(site: Site) -> None:
    with reading(site.community.engine) as conn:
        here = find_site(conn, SLUG)
    awkward = "a<b>&\"'\x00\x0b\ud7ff\ufffe😀 ]]> ñ"
    item = Item(
        1,
        "entries/A-2025-000001",
        awkward,
        awkward,
        "/entries/A-2025-000001",
        datetime(2025, 9, 1, tzinfo=UTC),
        "entries",
    )
    feed = feedparser.parse(atom_feed(here, News((item,), None), Place("https://x.example", SLUG)))
    assert not feed.bozo
    assert "]]>" in feed.entries[0].title and "😀" in feed.entries[0].title
    assert tag_uri(here, "feed").startswith(f"tag:mingzhang.example,{date(2025, 8, 1)}:")


@pytest.mark.parametrize("before", ["x", "-1", "9" * 30, "²"])
def test_a_page_that_is_none_is_refused(site: Site, before: str) -> None:
    assert site.client.get(f"{FEED}?before={before}").status_code == 404


NEWS = f"/c/{SLUG}/news"


def test_people_read_the_same_news_on_a_page(site: Site) -> None:
    shown: list[str] = []
    path = NEWS
    while path:
        page = site.client.get(path)
        assert page.status_code == 200
        shown += re.findall(r'<h2><a href="([^"]+)">', page.text)
        older = re.search(r'href="([^"]+)" rel="next"', page.text)
        path = older[1].replace("&amp;", "&") if older else ""
    assert [address.removeprefix(PUBLIC_URL) for address in (item.link for item in all_items(site))] == shown
    first = site.client.get(NEWS).text
    assert f'href="{PUBLIC_URL}{FEED}"' in first
    assert 'type="application/atom+xml"' in first
    for secret in SECRETS:
        assert secret not in first


def test_the_page_of_one_topic_names_its_feed(site: Site) -> None:
    page = site.client.get(f"{NEWS}?only=statements").text
    assert f"{FEED}?only=statements" in page
    assert "2025年9月月报" in page and "支付电梯维保费" not in page
    assert "还没有公开过" in site.client.get(f"{NEWS}?only=projects").text
    assert site.client.get(f"{NEWS}?only=gossip").status_code == 404


def test_every_kind_that_is_told_of_has_words() -> None:
    kinds = [kind for _, names in TOPICS.values() for kind in names]
    assert set(kinds) <= set(record_kinds()), "a kind by another name is never found"
    assert set(kinds) == set(WORDS)


@pytest.mark.parametrize("path", ["", "/entries", "/statements", "/verify", "/news"])
def test_pages_lead_to_feed_and_api(site: Site, path: str) -> None:
    page = site.client.get(f"/c/{SLUG}{path}").text
    (alternate,) = re.findall(r'<link rel="alternate" type="application/atom\+xml"[^>]*href="([^"]+)">', page)
    assert alternate == FEED
    assert 'href="/api"' in page and f'href="{NEWS}"' in page
