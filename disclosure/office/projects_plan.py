"""The form of a project's plan: sources, milestones, who bears the owners' part."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import Any

from litestar import get, post
from litestar.params import FromPath

from disclosure.office.acting import Office, acting, reading_office
from disclosure.office.forms import Form, FormData
from disclosure.public.answers import Answer, Req
from ledger.errors import Problem, Refused
from ledger.maintenance import Scope, list_plans
from ledger.maintenance.scope import SCOPE_NAMES, places
from ledger.money import plain_yuan
from ledger.projects.lists import list_needs, list_resources
from ledger.projects.plans import draft_plan, newest_version
from ledger.projects.shares import parse_portion, portion_words
from ledger.projects.value import MATTERS, SHARED_BY, SOURCES, Milestone, Plan, Portion, Sharing, Source
from ledger.resolutions.matters import matter_title
from ledger.trust.uses import USE_KINDS

ROWS = 8
_SEPARATORS = re.compile(r"[\s,，、;；]+")
_FACTOR = re.compile(r"(\d{1,3})\s*[=:：]\s*(\d{1,6})")
_OFFERED = 100


@get("/c/{slug:str}/office/project-plans", sync_to_thread=True, action="project.prepare")
def form(request: Req, slug: FromPath[str]) -> Answer:
    """A new plan, or the next version of one (``project``)."""
    code = request.query_params.get("project", "")
    with reading_office(request, slug) as office:
        values: dict[str, Any] = {
            "starts_on": office.act.today.isoformat(),
            "binding": "1",
            "kind": "building",
        }
        if code:
            values = plan_values(newest_version(office.conn, office.trust_id, code).plan)
        return _page(office, values, ())


def _page(office: Office, values: dict[str, Any], problems: Sequence[Problem], status: int = 200) -> Answer:
    conn, trust_id = office.conn, office.trust_id
    buildings, entrances = places(conn, trust_id)
    return office.page(
        "office/projects_plan.html",
        status=status,
        values=values,
        problems=problems,
        sources=list(SOURCES.items()),
        rows=range(1, ROWS + 1),
        matters=[(name, matter_title(name)) for name in MATTERS],
        kinds=list(SCOPE_NAMES.items()),
        shared_by=list(SHARED_BY.items()),
        uses=list(USE_KINDS.items()),
        needs=[item for item in list_needs(conn, trust_id, limit=_OFFERED) if item.state == "open"],
        resources=list_resources(conn, trust_id, limit=_OFFERED),
        fund_plans=[row.plan for row in list_plans(conn, trust_id)],
        buildings=buildings,
        entrances=entrances,
    )


@post("/c/{slug:str}/office/project-plans", sync_to_thread=True, action="project.prepare")
def keep(request: Req, slug: FromPath[str], data: FormData) -> Answer:
    """Keep a version of the plan; the committee decides on it."""
    try:
        with acting(request, slug, subject=str(data.get("project", ""))[:60]) as office:
            plan = read_plan_form(Form(data))
            version = draft_plan(office.conn, office.trust_id, plan, office.actor, office.act)
            return office.done(
                f"/c/{slug}/office/projects/{plan.project}", f"第 {version} 版计划已登记，等业委会通过"
            )
    except Refused as error:
        with reading_office(request, slug) as office:
            return _page(office, dict(data), error.problems, status=422)


def read_plan_form(form: Form) -> Plan:
    """The plan as typed. Raises :class:`~ledger.errors.Refused` with all that can't be read."""
    starts_on = form.day("starts_on", "开工日") or date.min
    ends_on = form.day("ends_on", "完工日") or date.min
    sources = tuple(
        Source(source, portion)
        for source, name in SOURCES.items()
        if (portion := _portion(form, f"source_{source}", name)) is not None
    )
    milestones = tuple(item for no in range(1, ROWS + 1) if (item := _milestone(form, no)) is not None)
    total = form.money("total", "计划总额")
    text = {
        name: form.text(name, title, required=name in ("project", "title", "purpose"), longest=longest)
        for name, title, longest in (
            ("project", "项目编号", 40),
            ("title", "项目名称", 80),
            ("purpose", "用途", 500),
            ("place", "地点", 80),
            ("resolution", "决议号", 80),
        )
    }
    matter = form.choice("matter", "决定事项", MATTERS, required=False) or "other"
    until = form.day("retention_until", "质保到期日", required=False)
    sharing = _sharing(form) if any(item.source == "owners" for item in sources) else None
    form.finish()
    return Plan(
        **text,
        total=total,
        sources=sources,
        milestones=milestones,
        starts_on=starts_on,
        ends_on=ends_on,
        needs=tuple(int(no) for no in form.texts("need") if no.isdecimal()),
        resources=tuple(int(no) for no in form.texts("resource") if no.isdecimal()),
        matter=matter,
        binding=form.flag("binding"),
        retention_until=until,
        sharing=sharing,
        maintenance_plans=tuple(name for name in form.texts("fund_plan") if name),
    )


def _portion(form: Form, name: str, title: str) -> Portion | None:
    text = form.text(name, title, required=False, longest=30)
    if not text:
        return None
    try:
        return parse_portion(text)
    except ValueError as error:
        form.problem("bad_portion", f"{error}；比例写成 40% 或 2/5，固定金额写成 100000.00", title)
        return None


def _milestone(form: Form, no: int) -> Milestone | None:
    where = f"付款节点 {no}"
    title = form.text(f"milestone_{no}", where, required=False, longest=60)
    portion = _portion(form, f"portion_{no}", where)
    shows = form.text(f"shows_{no}", f"{where} 的付款条件", required=bool(title), longest=200)
    retention = form.whole(f"retention_{no}", f"{where} 的质保金比例", required=False, most=99)
    if not title and portion is None:
        return None
    if not title or portion is None:
        form.problem("missing", "名称和付款比例（或金额）都要填", where)
        return None
    code = form.text(f"code_{no}", where, required=False, longest=20) or str(no)
    return Milestone(code, title, shows, portion, retention)


def _sharing(form: Form) -> Sharing | None:
    by = form.choice("by", "分摊办法", SHARED_BY, required=False)
    if not by:
        return None
    kind = form.choice("kind", "分摊范围", SCOPE_NAMES) or "all"
    names = tuple(dict.fromkeys(n for n in _SEPARATORS.split(str(form.values.get("names", ""))) if n))
    scope = Scope(
        kind,  # type: ignore[arg-type]
        () if kind == "all" else names,
        tuple(use for use in form.texts("use") if use in USE_KINDS),
    )
    factors = []
    for item in _SEPARATORS.split(form.text("factors", "楼层系数", required=False, longest=600)):
        match = _FACTOR.fullmatch(item)
        if match is not None:
            factors.append((int(match[1]), int(match[2])))
        elif item:
            form.problem("bad_factor", f"读不懂“{item}”，请写成 楼层=系数，如 2=5", "楼层系数")
    return Sharing(scope, by, tuple(factors))  # type: ignore[arg-type]


def plan_values(plan: Plan) -> dict[str, Any]:
    """A plan as the form shows it."""
    values: dict[str, Any] = {
        name: getattr(plan, name) for name in ("project", "title", "purpose", "place", "resolution", "matter")
    }
    values |= {
        "total": plain_yuan(plan.total),
        "starts_on": plan.starts_on.isoformat(),
        "ends_on": plan.ends_on.isoformat(),
        "retention_until": plan.retention_until.isoformat() if plan.retention_until else "",
        "binding": "1" if plan.binding else "",
        "need": [str(no) for no in plan.needs],
        "resource": [str(no) for no in plan.resources],
        "fund_plan": list(plan.maintenance_plans),
    }
    values |= {f"source_{item.source}": _typed(item.portion) for item in plan.sources}
    for no, item in enumerate(plan.milestones, start=1):
        values |= {
            f"code_{no}": item.code,
            f"milestone_{no}": item.title,
            f"shows_{no}": item.shows,
            f"portion_{no}": _typed(item.portion),
            f"retention_{no}": item.retention or "",
        }
    if plan.sharing is not None:
        values |= {
            "by": plan.sharing.by,
            "kind": plan.sharing.scope.kind,
            "names": " ".join(plan.sharing.scope.names),
            "use": list(plan.sharing.scope.use_kinds),
            "factors": " ".join(f"{floor}={weight}" for floor, weight in plan.sharing.factors),
        }
    return values


def _typed(portion: Portion) -> str:
    return portion_words(portion) if portion.fraction else plain_yuan(portion.fen)


HANDLERS = [form, keep]
