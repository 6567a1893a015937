"""News as Atom (RFC 4287), a page at a time (RFC 5005): identifiers are tag URIs (RFC 4151), good for ever."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from urllib.parse import urlencode
from xml.etree import ElementTree as ET

from disclosure.feeds.news import TOPICS, Item, News
from disclosure.public.trusts import Site
from ledger.export.xml_chars import xml_text

MEDIA_TYPE = "application/atom+xml"
_ATOM = "http://www.w3.org/2005/Atom"
_DECLARATION = b'<?xml version="1.0" encoding="utf-8"?>\n'
CATEGORIES = {**{name: title for name, (title, _) in TOPICS.items()}, "corrections": "更正"}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a feed is: the public address of the site, and what of the news was asked for."""

    root: str
    slug: str
    only: str = ""
    before: int | None = None

    @property
    def home(self) -> str:
        """The community's page."""
        return f"{self.root}/c/{self.slug}"

    def address(self, before: int | None = None) -> str:
        """The feed's own address, or that of an older page of it."""
        asked: Mapping[str, str] = {"only": self.only, "before": "" if before is None else str(before)}
        kept = {name: value for name, value in asked.items() if value}
        return f"{self.home}/feed" + (f"?{urlencode(kept)}" if kept else "")


def tag_uri(site: Site, key: str) -> str:
    """``tag:host,2025-08-01:slug/key``: who named it since which day, and what it is called there.

    The host is that of the log's origin, fixed when the books are opened: another web address later does not
    make old news new.
    """
    host = site.origin.partition("/")[0].partition(":")[0]
    return f"tag:{host},{site.opened_on.isoformat()}:{site.slug}/{key}"


def atom_feed(site: Site, news: News, place: Place) -> bytes:
    """The feed as XML."""
    root = ET.Element("feed", {"xmlns": _ATOM, "xml:lang": "zh-CN"})
    topic = TOPICS[place.only][0] if place.only else ""
    _text(root, "id", tag_uri(site, f"feed/{place.only}" if place.only else "feed"))
    _text(root, "title", f"{site.name} · {topic or '公开账目'}")
    _text(root, "subtitle", "每一笔账、每份报告、预算、业主的决定、公开的问答、评价的结果，公开时就在这里。")
    newest = max((item.moment for item in news.items), default=_opening(site.opened_on))
    _text(root, "updated", _moment(newest))
    _text(ET.SubElement(root, "author"), "name", site.trustee)
    _text(root, "generator", "明账")
    _link(root, "self", place.address(place.before), MEDIA_TYPE)
    _link(root, "alternate", place.home, "text/html")
    _link(root, "first", place.address(), MEDIA_TYPE)
    if news.before is not None:
        _link(root, "next", place.address(news.before), MEDIA_TYPE)
    for item in news.items:
        _entry(root, site, item, place)
    body: bytes = ET.tostring(root, encoding="unicode").encode()
    return _DECLARATION + body


def _entry(root: ET.Element, site: Site, item: Item, place: Place) -> None:
    entry = ET.SubElement(root, "entry")
    _text(entry, "id", tag_uri(site, item.key))
    _text(entry, "title", item.title)
    _text(entry, "updated", _moment(item.moment))
    _text(entry, "published", _moment(item.moment))
    _link(entry, "alternate", place.home + item.path, "text/html")
    if item.corrects and item.path.startswith("/entries/"):
        _link(entry, "related", f"{place.home}/entries/{item.corrects}", "text/html")
    ET.SubElement(entry, "category", {"term": item.category, "label": CATEGORIES[item.category]})
    _text(entry, "summary", item.text)


def _text(parent: ET.Element, name: str, text: str) -> None:
    ET.SubElement(parent, name).text = xml_text(text)


def _link(parent: ET.Element, rel: str, href: str, media_type: str) -> None:
    ET.SubElement(parent, "link", {"rel": rel, "href": href, "type": media_type})


def _moment(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S}Z"


def _opening(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
