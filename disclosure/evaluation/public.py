"""The evaluation for everybody: all rounds, and each with what cost every point, as page, JSON and PDF."""

from __future__ import annotations

from litestar import route
from litestar.params import FromPath

from disclosure.evaluation.compared import read_compared
from disclosure.evaluation.lines import line_of, newest, trends
from disclosure.evaluation.pdf import round_file
from disclosure.evaluation.read import read_round
from disclosure.evaluation.view import duty_view, round_view
from disclosure.evaluation.waiting import joined, read_waiting, scorers_of
from disclosure.public.answers import HTML, JSON, PDF, Answer, Req, answer
from disclosure.public.file_answers import file_answer
from disclosure.public.pages import READ
from disclosure.public.papers import place_number
from disclosure.public.services import reading_site
from disclosure.public.statement_pages import version_asked
from ledger.errors import Unanswerable
from ledger.evaluation.consequences import consequences_of
from ledger.evaluation.district import rounds_of
from ledger.evaluation.scheme import points_text
from ledger.evaluation.schemes_kept import scheme_on

PAGE = 20
_FORMS = (".json", ".pdf")


@route("/c/{slug:str}/evaluations", http_method=READ, sync_to_thread=True)
def evaluations(request: Req, slug: FromPath[str]) -> Answer:
    """All rounds, the newest first: what is under way, the newest result, the trend of each half."""
    before = place_number(request.query_params.get("before", ""))
    with reading_site(request, slug) as (services, conn, site):
        today = services.today()
        rows = rounds_of(conn, site.trust_id, before=before, limit=PAGE + 1)
        shown = rows[:PAGE]
        waiting = read_waiting(conn, site.trust_id, shown)
        final, under_way = newest(shown) if before is None else (None, ())
        beside = read_compared(conn, site.trust_id, final) if final else None
        scheme = scheme_on(conn, site.trust_id, today).scheme
        follows = consequences_of(conn, site.trust_id, final.round) if final else []
        return answer(
            request,
            lambda: services.pages.html(
                "evaluation/public.html",
                site=site,
                under_way=[line_of(row, today, waiting.get(row.round)) for row in under_way],
                final=line_of(final, today) if final else None,
                duties=[duty_view(one, today) for one in follows],
                charts=trends(shown) if before is None else (),
                compared=beside,
                lines=[line_of(row, today, waiting.get(row.round)) for row in shown],
                older=shown[-1].round if len(rows) > PAGE else 0,
                before=before,
                scheme=scheme,
                scorers=joined(scorers_of(scheme)),
                points=points_text,
            ),
            media_type=HTML,
            version=(
                services.pages.build,
                site.state,
                today,
                repr((rows, follows, waiting)),
                beside and beside.table,
            ),
        )


@route("/c/{slug:str}/evaluations/{name:str}", http_method=READ, sync_to_thread=True)
def one(request: Req, slug: FromPath[str], name: FromPath[str]) -> Answer:
    """A round, by default its newest version (``?version=1``); ``.json`` is the published body itself."""
    form = next((form for form in _FORMS if name.endswith(form)), "")
    no = place_number(name.removesuffix(form))
    if not no:
        raise Unanswerable("unknown_round", "没有这一轮评价，请从列表里选择")
    wanted = version_asked(request)
    with reading_site(request, slug) as (services, conn, site):
        today = services.today()
        file = read_round(conn, site.trust_id, no, wanted)
        version = (services.pages.build, site.state, today, file.key)
        if form == ".json":
            if file.shown is None:
                raise Unanswerable("no_result", f"{file.state.title}的评价还没有定稿，定稿以后才有原始数据")
            body = file.shown.body
            return answer(request, lambda: body, media_type=JSON, version=body)
        asked = f"?version={file.shown.version}" if file.shown else ""
        address = services.address(f"/c/{site.slug}/evaluations/{no}{asked}")
        view = round_view(file, today)
        if form == ".pdf":
            if not view.halves:
                raise Unanswerable("no_result", f"{view.title}的评价还没有公示，公示以后才能打印")
            mark = f"-v{view.version}" if view.final else "-preview"
            saved = {"content-disposition": f'inline; filename="{site.slug}-evaluation-{no}{mark}.pdf"'}
            return file_answer(
                request,
                lambda: round_file(services.pages, services.config.cache_dir, site, view, address),
                media_type=PDF,
                version=version,
                headers=saved,
            )
        return answer(
            request,
            lambda: services.pages.html("evaluation/round.html", site=site, view=view, asked=asked),
            media_type=HTML,
            version=version,
        )


HANDLERS = [evaluations, one]
