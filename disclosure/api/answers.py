"""JSON answers: encoded once, with ETag and 304 as the pages have them, readable from any other site."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any, TypeVar, cast
from urllib.parse import quote, urlencode

import msgspec
from litestar import Response

from disclosure.public.answers import JSON, Req, answer
from ledger.errors import refuse

Model = TypeVar("Model")

ROOT = "/api/v1"
PAGE_SIZE = 50
MOST = 200


def json_answer(request: Req, make: Callable[[], Model], *, version: object) -> Response[Model]:
    """What ``make`` gives as JSON, or 304. The type says to OpenAPI what is in the bytes."""
    return cast(
        Response[Model],
        answer(request, lambda: msgspec.json.encode(make()), media_type=JSON, version=version),
    )


def json_of(request: Req, value: Model) -> Response[Model]:
    """A value that is there already; its bytes tell whether it changed."""
    body = msgspec.json.encode(value)
    return cast(Response[Model], answer(request, lambda: body, media_type=JSON, version=body))


def verbatim(model: type[Model], body: bytes) -> Model:
    """Stored JSON, put into an answer byte for byte; ``model`` says what its fields mean."""
    return cast(Model, msgspec.Raw(body))


def asked(request: Req, known: Collection[str]) -> dict[str, str]:
    """The query. A name that means nothing is refused: left out in silence it would widen the answer."""
    query = dict(request.query_params.items())
    unknown = sorted(set(query) - set(known))
    if unknown:
        names = "、".join(name[:40] for name in unknown)
        raise refuse(
            "unknown_parameter", f"不认识的参数：{names}。可用：{'、'.join(known) or '没有参数'}", "查询"
        )
    return query


def read_limit(query: dict[str, str]) -> int:
    """How many rows a page is to have. Raises :class:`~ledger.errors.Refused`."""
    text = query.get("limit", "")
    if not text:
        return PAGE_SIZE
    if text.isascii() and text.isdecimal() and len(text) < 5 and 1 <= int(text) <= MOST:
        return int(text)
    raise refuse("bad_limit", f"limit 应为 1 到 {MOST} 的整数", "查询")


def read_version(query: dict[str, str]) -> int | None:
    """Which version is wanted, None for the newest. Raises :class:`~ledger.errors.Refused`."""
    text = query.get("version", "")
    if not text:
        return None
    if text.isascii() and text.isdecimal() and len(text) < 9:
        return int(text)
    raise refuse("bad_version", "version 应为正整数", "查询")


def path_of(slug: str, *parts: str) -> str:
    """The address of a page of a community."""
    return "/".join([f"/c/{slug}", *(quote(part) for part in parts)])


def api_path(slug: str, *parts: str) -> str:
    """The same below the API."""
    return "/".join([f"{ROOT}/communities/{slug}", *(quote(part) for part in parts)])


def next_address(path: str, query: dict[str, Any]) -> str:
    """The address of the next page: the same question, further on."""
    kept = {name: value for name, value in query.items() if value}
    return f"{path}?{urlencode(kept)}"
