"""How a reader wants pages shown: size of the letters and contrast, remembered in a cookie.

It works without JavaScript: the server puts classes on the page, and :func:`disclosure.public.answers.answer`
keeps pages of different kinds apart in caches. The cookie says nothing about the person.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from litestar import Response, get
from litestar.datastructures import Cookie

from disclosure.public.answers import DISPLAY_COOKIE, HTML, Answer, Req
from disclosure.public.services import services_of

_TEN_YEARS = 315_360_000
_LEFT = "/%:@!$&'()*+,;="
"""What stands in an address as it is; everything else is written so that a header can hold it."""
SIZES = {"": "标准", "large": "大字", "larger": "特大字"}
CONTRASTS = {"": "标准", "contrast": "高对比"}


@dataclass(frozen=True, slots=True)
class Display:
    """Classes of the page: a key of SIZES and one of CONTRASTS."""

    size: str = ""
    contrast: str = ""

    @property
    def classes(self) -> str:
        """As written on the page and in the cookie."""
        return " ".join(word for word in (self.size, self.contrast) if word)


_STANDARD = Display()
_current: ContextVar[Display] = ContextVar("display", default=_STANDARD)


def display() -> Display:
    """How the page that is being made will be shown."""
    return _current.get()


async def note_display(request: Req) -> None:
    """Before each request: find out how its reader wants pages shown. Anything unknown is the standard.

    A coroutine, so that what it notes is seen by the handler, which runs in a copy of this context.
    """
    words = set(request.cookies.get(DISPLAY_COOKIE, "").split("."))
    _current.set(Display(_one_of(SIZES, words), _one_of(CONTRASTS, words)))


def _one_of(known: Mapping[str, str], words: set[str]) -> str:
    return next((name for name in known if name and name in words), "")


@get("/display", sync_to_thread=True)
def choose_display(request: Req) -> Answer:
    """The page where one chooses; with ``size`` or ``contrast`` it is noted and one goes back."""
    asked = request.query_params
    back = _local(asked.get("back", "") or request.headers.get("referer", ""))
    if "size" not in asked and "contrast" not in asked:
        page = services_of(request).pages.html(
            "display.html", site=None, sizes=SIZES, contrasts=CONTRASTS, back=back
        )
        return Response(page, media_type=HTML, headers={"cache-control": "no-store"})
    now = display()
    size, contrast = asked.get("size", now.size), asked.get("contrast", now.contrast)
    chosen = Display(size if size in SIZES else "", contrast if contrast in CONTRASTS else "")
    cookie = Cookie(
        DISPLAY_COOKIE,
        value=chosen.classes.replace(" ", "."),
        max_age=_TEN_YEARS,
        samesite="lax",
        httponly=True,
    )
    headers = {"location": back, "cache-control": "no-store"}
    return Response(b"", status_code=303, headers=headers, cookies=[cookie])


def _local(address: str) -> str:
    """The path of an address of this site; ``/`` for anything that could lead elsewhere."""
    try:
        parts = urlsplit(address)
        path, query = quote(parts.path, safe=_LEFT), quote(parts.query, safe=f"{_LEFT}?")
    except ValueError:  # half a character, or brackets that are no address
        return "/"
    if not parts.path.startswith("/") or parts.path.startswith(("//", "/\\", "/display")):
        return "/"
    return path + (f"?{query}" if query else "")


HANDLERS = [choose_display]
