"""What went wrong in the office, said on an office page (or as JSON): all problems, and a way back."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlsplit

import msgspec
from litestar import Request, Response
from litestar.exceptions import HTTPException

from disclosure.identity.guard import Entry, LogInFirst
from disclosure.office.acting import ADDRESS, PRIVATE, office_page
from disclosure.office.once import SentBefore
from disclosure.public import errors as public_errors
from disclosure.public.answers import JSON
from disclosure.public.services import services_of
from disclosure.public.trusts import find_site
from ledger.errors import Problem, Refused, Unanswerable
from ledger.people.roles import Forbidden
from ledger.store.engine import reading

MINE = ("/c/{slug}/mine", "/c/{slug}/ask")
"""Where the residents' area begins: what goes wrong there is said on one of its own pages."""
_UNEXPECTED = "网页出错了，这次操作没有办理，账目没有受影响。请过一会儿再试；如果一直这样，请告诉系统管理员"
_STATUS_WORDS = {
    400: "填写的内容读不懂，没有办理。请返回检查后再提交",
    404: "没有找到这一页，请核对网址",
    405: "这个网址不支持这种操作",
    413: "提交的内容太大，没有办理。请减小文件后再传",
}


def refused(request: Request[Any, Any, Any], error: Refused) -> Response[bytes]:
    """The books say no: 422, or 403 for what the person may not do."""
    forbidden = isinstance(error, Forbidden)
    title = "您没有这个权限" if forbidden else "没有办理"
    return _answer(request, 403 if forbidden else 422, title, error.problems)


def not_answerable(request: Request[Any, Any, Any], error: Unanswerable) -> Response[bytes]:
    """There is no such thing in the books."""
    return _answer(request, 404, "没有找到", [Problem(error.code, str(error))])


def http_error(request: Request[Any, Any, Any], error: HTTPException) -> Response[bytes]:
    """Bad forms, unknown addresses, files too large. What the framework found wrong is not repeated."""
    status = error.status_code
    ours = status == 403 and error.detail != "Forbidden"
    words = error.detail if ours else _STATUS_WORDS.get(status, _STATUS_WORDS[400])
    return _answer(request, status, "没有办理", [Problem(f"http_{status}", words)])


def unexpected(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """A fault of ours; the log names its place only."""
    public_errors.log_fault(request, error)
    return _answer(request, 500, "网页出错了", [Problem("fault", _UNEXPECTED)])


def log_in_first(request: Request[Any, Any, Any], error: LogInFirst) -> Response[bytes]:
    """To the log-in page; programs get 401."""
    if _wants_json(request):
        return _json(401, "请先登录", [Problem("log_in", "请先登录")])
    return Response(b"", status_code=303, headers={"location": error.address, **PRIVATE})


def sent_before(request: Request[Any, Any, Any], before: SentBefore) -> Response[bytes]:
    """To where the form led the first time."""
    location = quote(before.path, safe=ADDRESS)
    return Response(b"", status_code=303, headers={"location": location, **PRIVATE})


def _answer(
    request: Request[Any, Any, Any], status: int, title: str, problems: list[Problem] | tuple[Problem, ...]
) -> Response[bytes]:
    if _wants_json(request):
        return _json(status, title, problems)
    services = services_of(request)
    entry = request.scope.get("auth")
    at_home = str(request.scope.get("path_template", "")).startswith(MINE)
    needed = "resident.home" if at_home else "office.home"
    if not isinstance(entry, Entry) or entry.actor is None or not entry.actor.may(needed):
        page = services.pages.html(
            "identity/problems.html", title=title, problems=problems, status=status, site=None, notice=""
        )
        return Response(page, status_code=status, media_type="text/html", headers=PRIVATE)
    with reading(services.engine) as conn:
        site = find_site(conn, str(request.path_params["slug"]))
    return office_page(
        services,
        entry.visitor.session,
        "resident/problems.html" if at_home else "office/problems.html",
        status,
        site=site,
        actor=entry.actor,
        title=title,
        problems=problems,
        back=_back(request),
    )


def _back(request: Request[Any, Any, Any]) -> str:
    """The page the form was on, if the browser says it is one of ours."""
    came_from = urlsplit(request.headers.get("referer", ""))
    if came_from.netloc != request.headers.get("host") or not came_from.path.startswith("/c/"):
        at_home = str(request.scope.get("path_template", "")).startswith(MINE)
        return f"/c/{request.path_params['slug']}/{'mine' if at_home else 'office'}"
    return came_from.path + (f"?{came_from.query}" if came_from.query else "")


def _json(status: int, title: str, problems: list[Problem] | tuple[Problem, ...]) -> Response[bytes]:
    rows = [{"code": item.code, "message": item.message, "where": item.where} for item in problems]
    body = msgspec.json.encode({"ok": False, "status": status, "title": title, "problems": rows})
    return Response(body, status_code=status, media_type=JSON, headers=PRIVATE)


def _wants_json(request: Request[Any, Any, Any]) -> bool:
    return "application/json" in request.headers.get("accept", "")


HANDLERS: dict[int | type[Exception], Any] = {
    Unanswerable: not_answerable,
    Refused: refused,
    LogInFirst: log_in_first,
    SentBefore: sent_before,
    HTTPException: http_error,
    Exception: unexpected,
}
"""For the routers of the office and of log-in."""
