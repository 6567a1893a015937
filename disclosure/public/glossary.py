"""The page that explains the words of the other pages (``data/glossary.toml``)."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from litestar import route
from litestar.params import FromPath

from disclosure.public.answers import HTML, Answer, Req, answer
from disclosure.public.pages import READ
from disclosure.public.services import reading_site


@dataclass(frozen=True, slots=True)
class Word:
    """A word, what it means, and the page below a community's where it is met (``see``, may be empty)."""

    anchor: str
    word: str
    text: str
    see: str = ""


@cache
def glossary() -> tuple[Word, ...]:
    """All words in the order of the file."""
    text = files("disclosure.public").joinpath("data/glossary.toml").read_text(encoding="utf-8")
    return tuple(Word(anchor, **row) for anchor, row in tomllib.loads(text).items())


@route("/c/{slug:str}/words", http_method=READ, sync_to_thread=True)
def words(request: Req, slug: FromPath[str]) -> Answer:
    """What the words mean."""
    with reading_site(request, slug) as (services, _, site):
        return answer(
            request,
            lambda: services.pages.html("words.html", site=site, words=glossary()),
            media_type=HTML,
            version=(services.pages.build, site.state),
        )


HANDLERS = [words]
