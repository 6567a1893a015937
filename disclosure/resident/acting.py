"""How every page of the residents' area begins and ends: as in the office, one transaction, one actor, one
line on the audit trail.

    @get("/c/{slug:str}/mine/things", sync_to_thread=True, action="thing.read_mine")
    def things(request: Req, slug: FromPath[str]) -> Answer:
        with reading_resident(request, slug) as mine:
            return mine.page("resident/things.html", rows=...)     # extends resident/base.html

The guard lets residents in by their role; which of their homes something is about is for the command to
check against ``mine.actor.units``. Nothing a page shows may belong to another home.
"""

from __future__ import annotations

from disclosure.office.acting import Office as Resident
from disclosure.office.acting import acting
from disclosure.office.acting import reading_office as reading_resident

__all__ = ["Resident", "acting", "reading_resident"]
