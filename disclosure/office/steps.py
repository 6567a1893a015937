"""One step of a course in the office: carry it out and go on, or show the page again with what was typed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from disclosure.office.acting import Office, acting, reading_office
from disclosure.office.forms import Form
from disclosure.public.answers import Answer, Req
from ledger.errors import Problem, Refused
from ledger.people.roles import Forbidden

Command = Callable[[Office, Form], str]
"""Does it, and says what was done."""
Again = Callable[[Office, dict[str, Any], tuple[Problem, ...]], Answer]
"""Shows the page with what was typed and what stands against it (status 422)."""


def take_step(
    request: Req,
    slug: str,
    data: Mapping[str, Any],
    command: Command,
    *,
    subject: str,
    onward: str,
    again: Again,
) -> Answer:
    """Carry out ``command`` in the person's name. ``subject`` goes on the audit trail; ``onward``: the address
    to go on to. What a person may not do at all (:class:`Forbidden`) is left to the office's error page."""
    try:
        with acting(request, slug, subject=subject) as office:
            return office.done(onward, command(office, Form(data)))
    except Forbidden:
        raise
    except Refused as error:
        with reading_office(request, slug) as office:
            return again(office, dict(data), error.problems)
