"""Errors as plain Chinese pages, or as problem details (RFC 9457) for programs. Nothing of the inside is shown or logged."""

from __future__ import annotations

import logging
import re
import traceback
from typing import Any

import msgspec
from litestar import Request, Response
from litestar.exceptions import HTTPException

from disclosure.paper import Busy
from disclosure.public.services import services_of
from ledger.errors import Refused, Unanswerable

PROBLEM = "application/problem+json"
_log = logging.getLogger("mingzhang.web")
_TITLES = {
    400: ("读不懂这个请求", "请检查网址或填写的内容，然后再试一次。"),
    404: ("没有找到这一页", "网址可能抄错了，或者这一页还没有公开。"),
    405: ("这个网址不支持这种操作", "公开账目只能查看，不能修改。"),
    500: ("网页出错了", "账目没有受影响。请过一会儿再试；如果一直这样，请告诉物业或业委会。"),
    503: ("现在排队的人较多", "请过一两分钟再打开。"),
}
_CODES = {400: "bad_request", 404: "not_found", 405: "method_not_allowed", 500: "internal", 503: "busy"}
"""Where nothing more is known than the status."""
_COMMUNITY = re.compile(r"/c/([a-z0-9-]{1,64})(?:/|$)")


def not_answerable(request: Request[Any, Any, Any], error: Unanswerable) -> Response[bytes]:
    """The books have no such thing."""
    return _error(request, 404, str(error), error.code)


def refused(request: Request[Any, Any, Any], error: Refused) -> Response[bytes]:
    """The question breaks a rule, such as a month that does not exist."""
    return _error(request, 400, str(error), error.problems[0].code)


def busy(request: Request[Any, Any, Any], error: Busy) -> Response[bytes]:
    """Too many documents are being set, or files downloaded."""
    return _error(request, 503, str(error))


def http_error(request: Request[Any, Any, Any], error: HTTPException) -> Response[bytes]:
    """404, 405 and the like."""
    status = error.status_code if error.status_code in _TITLES else 400
    return _error(request, status if error.status_code < 500 else 500)


def unexpected(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """A fault of ours."""
    log_fault(request, error)
    return _error(request, 500)


def log_fault(request: Request[Any, Any, Any], error: Exception) -> None:
    """Note a fault of ours. Only its type and place are logged: messages may quote what was asked."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    _log.error(
        "event=request_failed route=%s error=%s at=%s:%s",
        request.scope.get("path_template", ""),
        type(error).__name__,
        frame.name,
        frame.lineno,
    )


def _error(request: Request[Any, Any, Any], status: int, detail: str = "", code: str = "") -> Response[bytes]:
    title, advice = _TITLES[status]
    headers = {"cache-control": "no-store"}
    if _wants_json(request):
        problem = {"type": "about:blank", "title": title, "status": status, "detail": detail or advice}
        body = msgspec.json.encode({**problem, "code": code or _CODES[status]})
        return Response(body, status_code=status, media_type=PROBLEM, headers=headers)
    pages = services_of(request).pages
    within = _COMMUNITY.match(request.url.path)
    home = f"/c/{within[1]}" if within and code != "unknown_trust" else ""
    page = pages.html(
        "error.html", title=title, detail=detail, advice=advice, status=status, site=None, home=home
    )
    return Response(page, status_code=status, media_type="text/html", headers=headers)


def _wants_json(request: Request[Any, Any, Any]) -> bool:
    path = request.url.path
    asked_for = "application/json" in request.headers.get("accept", "")
    return path.startswith("/api/") or path.endswith(".json") or asked_for


HANDLERS: dict[int | type[Exception], Any] = {
    Unanswerable: not_answerable,
    Refused: refused,
    Busy: busy,
    HTTPException: http_error,
    Exception: unexpected,
}
