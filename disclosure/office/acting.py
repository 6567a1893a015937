"""How every page of the office begins and ends: one transaction, one actor, one line on the audit trail."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from litestar import Response
from markupsafe import Markup
from sqlalchemy import Connection

from disclosure.identity.guard import CSRF_FIELD, Entry
from disclosure.identity.sessions import Session, keep_notice, note_told
from disclosure.office.menu import menu_for
from disclosure.office.once import SentBefore, keep_sent, once_field, refuse_again, token_of
from disclosure.public.answers import HTML, Answer, Req
from disclosure.public.services import Services, services_of
from disclosure.public.trusts import Site, find_site
from ledger.errors import Refused
from ledger.people.audit import Outcome, audit
from ledger.people.roles import Actor, Forbidden
from ledger.store.engine import reading, writing
from ledger.trust import Setup, load_setup
from ledger.trust.act import Act

PRIVATE = {"cache-control": "no-store"}
ADDRESS = "/?&=%#-.~"
"""What stays as it is in an address we send people on to."""


@dataclass(slots=True)
class Office:
    """What a controller of the office works with.

    ``conn`` is one reading or writing transaction; ``actor`` has been let in by the guard; ``act`` is now;
    ``subject`` is what the audit trail will say it was about; ``once`` the form's own random value.
    """

    services: Services
    conn: Connection
    site: Site
    actor: Actor
    act: Act
    session: Session
    writes: bool
    subject: str = ""
    once: str = ""
    finished: bool = False
    failed: bool = False
    codes: tuple[str, ...] = ()

    @property
    def trust_id(self) -> int:
        """The community's trust."""
        return self.site.trust_id

    @property
    def setup(self) -> Setup:
        """Chart, dimensions and settings as they stand."""
        return load_setup(self.conn, self.trust_id, self.site.setup_version)

    def page(self, template: str, status: int = 200, **values: Any) -> Answer:
        """An office page. With a status of 400 or more inside :func:`acting`, nothing is written."""
        if status >= 400:
            self.failed = True
            self.codes = tuple(problem.code for problem in values.get("problems", ()))
        return office_page(
            self.services,
            self.session,
            template,
            status,
            notice=self._take_notice(),
            site=self.site,
            actor=self.actor,
            **values,
        )

    def done(self, path: str, notice: str) -> Answer:
        """On to a page of ours, which will say what was done."""
        if self.writes and not self.finished:
            keep_sent(self.conn, self.trust_id, self.actor.person, self.once, path, notice, self.act)
            keep_notice(self.conn, self.session.token_hash, notice)
        else:
            with writing(self.services.engine) as conn:
                keep_notice(conn, self.session.token_hash, notice)
        return Response(b"", status_code=303, headers={"location": quote(path, safe=ADDRESS), **PRIVATE})

    def _take_notice(self) -> str:
        """The notice left for the next page. A form shown again leaves it for the page after."""
        if self.writes:
            return ""
        note_told(self.services, self.session)
        return self.session.notice


@contextmanager
def reading_office(request: Req, slug: str) -> Iterator[Office]:
    """A page that only reads: one consistent state of the books."""
    services = services_of(request)
    with reading(services.engine) as conn:
        yield _office(request, services, conn, slug, writes=False)


@contextmanager
def acting(request: Req, slug: str, subject: str = "") -> Iterator[Office]:
    """A command: everything it writes and its line on the audit trail commit together, or not at all.

    A refusal undoes the command and is noted on the trail by itself, with its codes. A form carried out
    before is not carried out again: :class:`~disclosure.office.once.SentBefore` leads where it led.
    """
    services = services_of(request)
    entry: Entry = request.auth
    office: Office | None = None
    try:
        with writing(services.engine) as conn:
            office = _office(request, services, conn, slug, writes=True)
            office.subject, office.once = subject, token_of(request)
            refuse_again(conn, office.trust_id, office.actor.person, office.once)
            yield office
            if office.failed:
                raise _UndoneError(office)
            audit(conn, office.trust_id, office.actor, entry.action, office.subject, office.act)
    except _UndoneError as undone:
        _note(services, entry, undone.subject, "refused", undone.codes)
    except SentBefore as before:
        _tell(services, entry, before)
        raise
    except Refused as error:
        if twin := office and _twin(services, office):
            _tell(services, entry, twin)
            raise twin from error
        codes = tuple(problem.code for problem in error.problems)
        outcome: Outcome = "forbidden" if isinstance(error, Forbidden) else "refused"
        _note(services, entry, office.subject if office else subject, outcome, codes)
        raise
    finally:
        if office is not None:
            office.finished = True


class _UndoneError(Exception):
    """Rolls a command back whose form is shown again."""

    def __init__(self, office: Office) -> None:
        self.codes, self.subject = office.codes, office.subject
        super().__init__()


def _office(request: Req, services: Services, conn: Connection, slug: str, *, writes: bool) -> Office:
    entry: Entry = request.auth
    site = find_site(conn, slug)
    if entry.actor is None or entry.trust_id != site.trust_id:
        raise LookupError("the guard let in somebody else")
    return Office(services, conn, site, entry.actor, services.act(), entry.visitor.session, writes)


def _twin(services: Services, office: Office) -> SentBefore | None:
    """The same form, carried out a moment ago beside this one: what it did may be why this was refused."""
    try:
        with reading(services.engine) as conn:
            refuse_again(conn, office.trust_id, office.actor.person, office.once)
    except SentBefore as before:
        return before
    return None


def _tell(services: Services, entry: Entry, before: SentBefore) -> None:
    with writing(services.engine) as conn:
        keep_notice(conn, entry.visitor.session.token_hash, before.notice)


def _note(services: Services, entry: Entry, subject: str, outcome: Outcome, codes: tuple[str, ...]) -> None:
    if entry.actor is None:
        return
    with writing(services.engine) as conn:
        act = services.act()
        audit(conn, entry.trust_id, entry.actor, entry.action, subject, act, outcome=outcome, detail=codes)


def office_page(
    services: Services,
    session: Session,
    template: str,
    status: int,
    *,
    site: Site,
    actor: Actor,
    notice: str = "",
    **values: Any,
) -> Answer:
    """An office page outside a transaction, as the error pages are."""
    body = services.pages.html(
        template,
        site=site,
        actor=actor,
        menu=menu_for(actor),
        notice=notice,
        csrf=lambda: csrf_field(session.csrf) + once_field(services.act()),
        csrf_token=session.csrf,
        **values,
    )
    return Response(body, status_code=status, media_type=HTML, headers=PRIVATE)


def csrf_field(token: str) -> Markup:
    """The hidden field every form carries."""
    return Markup('<input type="hidden" name="{}" value="{}">').format(CSRF_FIELD, token)
