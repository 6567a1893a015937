"""Follow every link of the public site, as a stranger's machine would, and keep what came back."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape
from urllib.parse import parse_qsl, urljoin, urlsplit

import pypdf
from litestar.testing import TestClient

# What scripts and documents name, ending in a stroke, is the beginning of addresses, not one of them.
_LINK = re.compile(
    r"""(?:href|src|action)\s*=\s*["']([^"'#\s]+)["'#]|data-[a-z-]+="(/[^"#\s]*[^"#\s/])["#]"""
)
_ADDRESS = re.compile(r"""https?://[^\s"'<>,\\]+|"(/[^"\s{},\\]*[^"\s{},\\/])\"""")
_NUMBER = re.compile(r"[0-9]+")
_COMMUNITY = re.compile(r"^(/c|/api/v1/communities)/[^/]+")
_RESULT = re.compile(r"/c/([^/]+)/evaluations/[0-9]+\.json|/api/v1/communities/([^/]+)/evaluations/[0-9]+")
_TEXTS = ("text/", "application/json", "application/xml", "application/atom+xml", "application/problem+json")
_EACH_KIND = 6
"""So many addresses of one shape are opened; the log itself is read whole elsewhere."""


@dataclass(frozen=True, slots=True)
class Seen:
    """An answer: its address, status, kind of content, and all the text in it."""

    path: str
    status: int
    media_type: str
    text: str


@dataclass(slots=True)
class Crawl:
    """What a walk found."""

    pages: list[Seen] = field(default_factory=list)
    kinds: Counter[str] = field(default_factory=Counter)
    from_page: dict[str, str] = field(default_factory=dict)

    def of(self, media_type: str) -> Iterator[Seen]:
        """Those of one kind of content."""
        return (page for page in self.pages if page.media_type.startswith(media_type))


def crawl(client: TestClient, starts: list[str], host: str) -> Crawl:
    """Walk breadth first from ``starts`` over addresses of this site; ``host`` is its public name."""
    found, queue = Crawl(), deque(starts)
    known = set(starts)
    while queue:
        path = queue.popleft()
        kind = shape(path)
        if found.kinds[kind] >= _EACH_KIND:
            continue
        found.kinds[kind] += 1
        answer = client.get(path, follow_redirects=False)
        media_type = answer.headers.get("content-type", "").split(";")[0]
        text = text_of(answer.content, media_type)
        found.pages.append(Seen(path, answer.status_code, media_type, text))
        nexts = [answer.headers["location"]] if "location" in answer.headers else []
        if media_type.startswith(_TEXTS):
            nexts += _below(path, _links(text, media_type))
        if path.partition("?")[0].endswith("/datapackage.json"):
            nexts += [resource["path"] for resource in json.loads(text)["resources"]]
        for link in nexts:
            target = _local(urljoin(f"{host}{path}", link), host)
            if target and target not in known:
                known.add(target)
                found.from_page[target] = path
                queue.append(target)
    return found


def shape(path: str) -> str:
    """An address without community, numbers and values: what kind of address it is."""
    parts = urlsplit(path)
    names = sorted({name for name, _ in parse_qsl(parts.query, keep_blank_values=True)})
    return _NUMBER.sub("0", _COMMUNITY.sub(r"\1/one", parts.path)) + "?" + "&".join(names)


def text_of(body: bytes, media_type: str) -> str:
    """Every text in an answer: of pages, tables, feeds, PDF and the files inside archives."""
    if media_type == "application/pdf":
        return "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(body)).pages)
    if body[:4] == b"PK\x03\x04":
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            return "\n".join(archive.read(name).decode("utf-8", "replace") for name in archive.namelist())
    return body.decode("utf-8", "replace")


def _links(text: str, media_type: str) -> list[str]:
    if media_type == "text/html":
        return [unescape(match.group(1) or match.group(2)) for match in _LINK.finditer(text)]
    if media_type == "text/javascript":
        return []
    return [unescape(match.group(1) or match.group(0)) for match in _ADDRESS.finditer(text)]


def _below(path: str, links: list[str]) -> list[str]:
    """The exact bytes of an evaluation name pages below the community's address."""
    found = _RESULT.match(path)
    if not found:
        return links
    home = f"/c/{found[1] or found[2]}"
    whole = ("/c/", "/api/")
    return [home + link if link.startswith("/") and not link.startswith(whole) else link for link in links]


def _local(address: str, host: str) -> str:
    """The path of an address of this site; empty for others."""
    parts = urlsplit(address)
    if f"{parts.scheme}://{parts.netloc}" != host or not parts.path.startswith("/"):
        return ""
    return parts.path + (f"?{parts.query}" if parts.query else "")
