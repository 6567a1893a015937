"""One owner or tenant: contact data, never public, and the homes they own."""

from __future__ import annotations

from typing import Any

from litestar import get, post
from litestar.params import FromPath

from disclosure.office.acting import Office, acting, reading_office
from disclosure.office.forms import Form, FormData
from disclosure.public.answers import Answer, Req
from ledger.errors import Problem, Refused, Unanswerable
from ledger.trust.owner_register import Person, change_contact, erase_contact, find_people, read_person
from ledger.trust.owners import OWNER_KINDS, holdings
from ledger.trust.register_rows import LONGEST_NAME

_PAGE = 100


@get("/c/{slug:str}/office/owners", sync_to_thread=True, action="owner.contact")
def people(request: Req, slug: FromPath[str]) -> Answer:
    """The register, searched by name or phone, a page at a time."""
    asked = {name: request.query_params.get(name, "").strip() for name in ("q", "after")}
    with reading_office(request, slug) as office:
        found = find_people(office.conn, office.trust_id, asked["q"], after=asked["after"], limit=_PAGE + 1)
        more = found[_PAGE - 1].owner if len(found) > _PAGE else ""
        return office.page(
            "office/units_owners.html", people=found[:_PAGE], kinds=OWNER_KINDS, asked=asked, more=more
        )


@get("/c/{slug:str}/office/owners/{owner:str}", sync_to_thread=True, action="owner.contact")
def person(request: Req, slug: FromPath[str], owner: FromPath[str]) -> Answer:
    """One person."""
    with reading_office(request, slug) as office:
        found = _find(office, owner)
        values = {"name": found.name, "phone": found.phone, "address": found.address}
        return _page(office, found, values, ())


@post("/c/{slug:str}/office/owners/{owner:str}", sync_to_thread=True, action="owner.contact")
def change(request: Req, slug: FromPath[str], owner: FromPath[str], data: FormData) -> Answer:
    """Write name and contact data anew."""
    try:
        with acting(request, slug, subject=owner) as office:
            form = Form(data)
            name = form.text("name", "姓名或名称", longest=LONGEST_NAME)
            phone = form.text("phone", "电话", required=False, longest=20)
            address = form.text("address", "通讯地址", required=False)
            form.finish()
            found = _find(office, owner)
            change_contact(
                office.conn, office.trust_id, Person(owner, found.kind, name, phone, address), office.act
            )
            return office.done(f"/c/{slug}/office/owners/{owner}", "联系资料已改")
    except Refused as error:
        with reading_office(request, slug) as office:
            return _page(office, _find(office, owner), data, error.problems, 422)


@post("/c/{slug:str}/office/owners/{owner:str}/erase", sync_to_thread=True, action="owner.contact")
def erase(request: Req, slug: FromPath[str], owner: FromPath[str], data: FormData) -> Answer:
    """Delete name and contact data; ownership stays on record under the number."""
    with acting(request, slug, subject=owner) as office:
        erase_contact(office.conn, office.trust_id, _find(office, owner).owner)
        return office.done(f"/c/{slug}/office/owners/{owner}", "姓名和联系资料已删除；产权记录还在，只剩编号")


def _find(office: Office, owner: str) -> Person:
    found = read_person(office.conn, office.trust_id, owner)
    if found is None:
        raise Unanswerable("unknown_owner", f"没有编号为“{owner}”的业主")
    return found


def _page(
    office: Office,
    found: Person,
    values: dict[str, Any],
    problems: tuple[Problem, ...],
    status: int = 200,
) -> Answer:
    return office.page(
        "office/units_owner.html",
        status,
        person=found,
        kinds=OWNER_KINDS,
        homes=holdings(office.conn, office.trust_id, found.owner, office.act.today),
        values=values,
        problems=problems,
    )


HANDLERS = [people, person, change, erase]
