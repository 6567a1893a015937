"""Pages of what has to be public: what is due, publishing services and posts, confirming what still holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from litestar import get, post
from litestar.params import FromPath

from disclosure.office.acting import Office, acting, reading_office
from disclosure.office.forms import Form, FormData
from disclosure.office.home import TASKS, Task
from disclosure.public.answers import Answer, Req
from disclosure.public.duty_view import duties_view
from disclosure.public.words import beijing_day, day_text
from ledger.disclosures.duties import duties
from ledger.disclosures.fulfilment import list_notes
from ledger.disclosures.posts import MOST as MOST_POSTS
from ledger.disclosures.posts import Post, PostList, post_versions, publish_posts
from ledger.disclosures.reviews import CONFIRMABLE, confirm_block, latest_reviews
from ledger.disclosures.services import MOST as MOST_SERVICES
from ledger.disclosures.services import Service, ServiceList, publish_services, service_versions
from ledger.errors import Refused
from ledger.periods.spans import span_name, span_slug

_SPARE_ROWS = 3
_SERVICE_FIELDS = ("code", "title", "content", "standard", "frequency")
_POST_FIELDS = ("title", "duty", "desk", "services")


def late_disclosures(office: Office) -> Iterator[Task]:
    """What is late, for those who publish and for the committee that watches."""
    if not office.actor.may("disclosure.read"):
        return
    late = sum(bool(duty.late_days) for duty in duties(office.conn, office.trust_id, office.act.today))
    if late:
        yield Task("公开事项逾期", late, "/disclosures", "项，请公开或核对")


@get("/c/{slug:str}/office/disclosures", sync_to_thread=True, action="disclosure.read")
def overview(request: Req, slug: FromPath[str]) -> Answer:
    """What is due, what can be confirmed, and the notes published lately."""
    with reading_office(request, slug) as office:
        today = office.act.today
        reviews = latest_reviews(office.conn, office.trust_id)
        confirmed = {code: beijing_day(item.recorded_at) for code, item in reviews.items()}
        return office.page(
            "office/disclosures.html",
            view=duties_view(duties(office.conn, office.trust_id, today), confirmed, today),
            confirmable=CONFIRMABLE,
            notes=list_notes(office.conn, office.trust_id, limit=6),
            name=span_name,
            span=span_slug,
            day=lambda moment: day_text(beijing_day(moment)),
            may_publish=office.actor.may("disclosure.publish"),
        )


@post("/c/{slug:str}/office/disclosures/confirm", sync_to_thread=True, action="disclosure.publish")
def confirm(request: Req, slug: FromPath[str], data: FormData) -> Answer:
    """Say that a block was looked at and still holds."""
    with acting(request, slug, subject=str(data.get("block", ""))[:40]) as office:
        form = Form(data)
        block = form.choice("block", "公开事项", CONFIRMABLE)
        note = form.text("note", "核对说明", required=False)
        form.finish()
        confirm_block(office.conn, office.trust_id, block, note, office.actor, office.act)
        return office.done(f"/c/{slug}/office/disclosures", "已记下核对，日期从今天起算")


@get("/c/{slug:str}/office/disclosures/services", sync_to_thread=True, action="disclosure.publish")
def services_form(request: Req, slug: FromPath[str]) -> Answer:
    """The list of services, ready to be changed into the next version."""
    with reading_office(request, slug) as office:
        found = service_versions(office.conn, office.trust_id, limit=1)
        values: dict[str, Any] = {"effective_on": office.act.today.isoformat()}
        if found:
            values["authority"] = found[0].list.authority
            values |= _as_fields(_SERVICE_FIELDS, found[0].list.items)
        count = len(found[0].list.items) if found else 0
        return _services_page(office, values, count)


def _services_page(
    office: Office, values: Mapping[str, Any], count: int, problems: Any = (), status: int = 200
) -> Answer:
    return office.page(
        "office/disclosures_services.html",
        status=status,
        values=values,
        rows=range(1, min(count + _SPARE_ROWS, MOST_SERVICES) + 1),
        problems=problems,
    )


@post("/c/{slug:str}/office/disclosures/services", sync_to_thread=True, action="disclosure.publish")
def keep_services(request: Req, slug: FromPath[str], data: FormData) -> Answer:
    """Publish the list."""
    try:
        with acting(request, slug, subject="服务事项") as office:
            form = Form(data)
            items = [
                Service(row["title"], row["content"], row["standard"], row["frequency"], row["code"])
                for row in _rows(form, _SERVICE_FIELDS, MOST_SERVICES)
            ]
            day = form.day("effective_on", "生效日")
            authority = form.text("authority", "依据", required=False)
            form.finish()
            value = ServiceList(tuple(items), day or office.act.today, authority)
            version = publish_services(office.conn, office.trust_id, value, office.actor, office.act)
            return office.done(f"/c/{slug}/office/disclosures", f"已公开服务事项第 {version} 版")
    except Refused as error:
        with reading_office(request, slug) as office:
            return _services_page(office, data, _count(data), error.problems, 422)


@get("/c/{slug:str}/office/disclosures/posts", sync_to_thread=True, action="disclosure.publish")
def posts_form(request: Req, slug: FromPath[str]) -> Answer:
    """The list of posts, ready to be changed into the next version."""
    with reading_office(request, slug) as office:
        found = post_versions(office.conn, office.trust_id, limit=1)
        values: dict[str, Any] = {"effective_on": office.act.today.isoformat()}
        if found:
            values |= _as_fields(_POST_FIELDS, found[0].list.items)
        return _posts_page(office, values, len(found[0].list.items) if found else 0)


def _posts_page(
    office: Office, values: Mapping[str, Any], count: int, problems: Any = (), status: int = 200
) -> Answer:
    offered = service_versions(office.conn, office.trust_id, limit=1)
    return office.page(
        "office/disclosures_posts.html",
        status=status,
        values=values,
        rows=range(1, min(count + _SPARE_ROWS, MOST_POSTS) + 1),
        offered=offered[0].list.items if offered else (),
        problems=problems,
    )


@post("/c/{slug:str}/office/disclosures/posts", sync_to_thread=True, action="disclosure.publish")
def keep_posts(request: Req, slug: FromPath[str], data: FormData) -> Answer:
    """Publish the list."""
    try:
        with acting(request, slug, subject="岗位") as office:
            form = Form(data)
            items = [
                Post(row["title"], row["duty"], row["desk"], tuple(row["services"].upper().split()))
                for row in _rows(form, _POST_FIELDS, MOST_POSTS)
            ]
            day = form.day("effective_on", "生效日")
            form.finish()
            value = PostList(tuple(items), day or office.act.today)
            version = publish_posts(office.conn, office.trust_id, value, office.actor, office.act)
            return office.done(f"/c/{slug}/office/disclosures", f"已公开岗位表第 {version} 版")
    except Refused as error:
        with reading_office(request, slug) as office:
            return _posts_page(office, data, _count(data), error.problems, 422)


def _as_fields(names: tuple[str, ...], items: Any) -> dict[str, str]:
    """What a form begins with: ``title_1``, ``content_1`` and so on."""
    fields = {}
    for no, item in enumerate(items, start=1):
        for name in names:
            value = getattr(item, name)
            fields[f"{name}_{no}"] = " ".join(value) if isinstance(value, tuple) else value
    return fields


def _rows(form: Form, names: tuple[str, ...], most: int) -> list[dict[str, str]]:
    """The rows that have a title; one whose title was emptied is left out."""
    found = []
    for no in range(1, most + 1):
        row = {name: form.text(f"{name}_{no}", f"第 {no} 行", required=False, longest=300) for name in names}
        if row["title"]:
            found.append(row)
        elif any(value for name, value in row.items() if name not in ("title", "code")) and not row.get(
            "code"
        ):
            form.problem("missing", f"第 {no} 行没有写名称；不要这一行请全部清空", f"第 {no} 行")
    return found


def _count(data: Mapping[str, Any]) -> int:
    """The last row that was sent with a title."""
    return max(
        (no for no in range(1, MOST_SERVICES + 1) if str(data.get(f"title_{no}", "")).strip()), default=0
    )


TASKS.append(late_disclosures)
HANDLERS = [overview, confirm, services_form, keep_services, posts_form, keep_posts]
