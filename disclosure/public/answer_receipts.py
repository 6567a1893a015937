"""Check the receipt of an answered questionnaire against the public log, signed in or not."""

from __future__ import annotations

from litestar import get, post
from litestar.params import FromPath

from disclosure.identity.answers import stranger_page
from disclosure.office.forms import FormData, place_number
from disclosure.public.answers import Answer, Req
from disclosure.public.receipts import LONGEST, Kept, Kind, check_receipt, kept_text, parse_receipt
from disclosure.public.services import reading_site
from disclosure.public.words import moment_text
from ledger.errors import Refused, Unanswerable
from ledger.evaluation.rounds import read_state
from ledger.evaluation.survey import FIELD, MyAnswer

PATH = "/c/{slug:str}/evaluations/{number:str}/receipt"
ANSWER = Kind(
    title="明账问卷回执",
    thing="问卷",
    counted="份问卷",
    number="评价",
    no="问卷号",
    record="mingzhang.evaluation_answer.v1",
    field=FIELD,
    names=("round", "answer"),
    what="轮评价",
    after="日志里没有房号，也没有您的答案；少于五份的分组不公布。",
)


def answer_text(slug: str, mine: MyAnswer) -> str:
    """The receipt to save or to copy down. Private: it says what was answered."""
    one = mine.receipt
    kept = Kept(slug, str(one.round), one.no, one.seq, one.salt, one.said, FIELD)
    return kept_text(kept, moment_text(mine.at), ANSWER)


@get(PATH, sync_to_thread=True)
def receipt_page(request: Req, slug: FromPath[str], number: FromPath[str]) -> Answer:
    """Where to paste a receipt."""
    return _page(request, slug, number)


@post(PATH, sync_to_thread=True, stranger=True)
def check(request: Req, slug: FromPath[str], number: FromPath[str], data: FormData) -> Answer:
    """Check what was pasted. Nothing of it is kept."""
    text = str(data.get("receipt", ""))[:LONGEST]
    try:
        kept = parse_receipt(text, ANSWER)
    except Refused as error:
        return _page(request, slug, number, 422, text=text, problems=error.problems)
    with reading_site(request, slug) as (_, conn, site):
        verdict = check_receipt(conn, site.trust_id, slug, str(_round(number)), kept, ANSWER)
    return _page(request, slug, number, text=text, verdict=verdict)


def _round(number: str) -> int:
    """A round by its number in an address, 0 for what is none."""
    return place_number(number) or 0


def _page(request: Req, slug: str, number: str, status: int = 200, **values: object) -> Answer:
    with reading_site(request, slug) as (_, conn, site):
        state = read_state(conn, site.trust_id, _round(number))
        if state.closes_on is None:
            raise Unanswerable("no_survey", f"{state.title}的评价还没有发过问卷，没有回执可以核对")
    shown = {"text": "", "problems": (), "verdict": None, "number": str(state.round), "title": state.title}
    return stranger_page(request, "evaluation/receipt.html", status, **{"site": site, **shown, **values})


HANDLERS = [receipt_page, check]
