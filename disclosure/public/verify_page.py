"""Controller of the page that says what can be verified, what can't, and lets one do it."""

from __future__ import annotations

from litestar import route
from litestar.params import FromPath

from disclosure.public.answers import HTML, Answer, Req, answer
from disclosure.public.pages import READ
from disclosure.public.services import reading_site
from disclosure.public.witness_view import TELL, witness_rows
from disclosure.public.words import moment_text
from ledger.log.store import latest_checkpoint, log_vkey
from ledger.witnesses import latest_stamp, signed_by


@route("/c/{slug:str}/verify", http_method=READ, sync_to_thread=True)
def verify(request: Req, slug: FromPath[str]) -> Answer:
    """What can be verified, what can't; a kept checkpoint compared; witnesses; the key."""
    with reading_site(request, slug) as (services, conn, site):
        signed = latest_checkpoint(conn, site.trust_id)
        vkey = log_vkey(conn, site.trust_id) or ""
        witnesses = signed_by(conn, site.trust_id)
        rows = witness_rows(witnesses, site)
        active = [row for row in rows if not row.ended]
        stamp = latest_stamp(conn, site.trust_id)
        return answer(
            request,
            lambda: services.pages.html(
                "verify.html",
                site=site,
                vkey=vkey,
                checkpoint=signed.note if signed else "",
                witnesses=rows,
                active=len(active),
                signed=sum(row.size > 0 for row in active),
                newest=sum(row.size > 0 and not row.behind for row in active),
                stamp=stamp,
                stamped_at=moment_text(stamp.stamped_at) if stamp else "",
                tell=TELL,
            ),
            media_type=HTML,
            version=(services.pages.build, site.state, vkey, witnesses, stamp),
        )


HANDLERS = [verify]
