"""Voting on a phone: the question, one's own weight, a choice, the code of the letter, a receipt to keep."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from disclosure.office.acting import PRIVATE
from disclosure.office.forms import Form, FormData, place_number
from disclosure.public.answers import TEXT, Answer, Req, download_name
from disclosure.public.receipts import receipt_text
from disclosure.public.resolutions_view import QuestionView, question_views, square
from disclosure.public.words import day_text, moment_text
from disclosure.resident.acting import Resident, acting, reading_resident
from disclosure.resident.home import CARDS, Card
from ledger.errors import Problem, Refused, Unanswerable
from ledger.people import Forbidden
from ledger.resolutions.ballots import ONLINE, Receipt, cast_online
from ledger.resolutions.choices import choice_problems
from ledger.resolutions.codes import WrongCode, count_wrong_code
from ledger.resolutions.papers import MyPaper, my_paper, my_papers, paper_receipt
from ledger.resolutions.value import CHANNEL_NAMES, INVALID, OPTION_NAMES
from ledger.store.engine import writing


@get("/c/{slug:str}/mine/votes", sync_to_thread=True, action="resolution.vote")
def votes(request: Req, slug: FromPath[str]) -> Answer:
    """All votes one's homes take part in, open ones first."""
    with reading_resident(request, slug) as mine:
        papers = my_papers(mine.conn, mine.trust_id, mine.actor, mine.act)
        return mine.page("resident/votes.html", papers=papers, voted=_voted)


@get("/c/{slug:str}/mine/votes/{number:str}", sync_to_thread=True, action="resolution.vote")
def vote(request: Req, slug: FromPath[str], number: FromPath[str]) -> Answer:
    """The ballot, with what was chosen before nowhere to be seen."""
    with reading_resident(request, slug) as mine:
        return _ballot(mine, number, {"code": request.query_params.get("code", "")[:40]}, _asked(request))


@post("/c/{slug:str}/mine/votes/{number:str}/confirm", sync_to_thread=True, action="resolution.vote")
def confirm(request: Req, slug: FromPath[str], number: FromPath[str], data: FormData) -> Answer:
    """Read it once more before it counts."""
    form, voter = Form(data), _voter_of(data)
    with reading_resident(request, slug) as mine:
        paper = _paper(mine, number, voter)
        questions = question_views(paper.state.draft.items)
        choices = _choices(form, questions)
        problems = choice_problems(paper.state.draft.items, choices, paper=False)
        if not form.text("code", "表决码", required=False):
            problems.append(Problem("missing", "请填写通知书上的表决码", "表决码"))
        if problems or form.flag("again"):
            return _ballot(mine, number, form.values, voter, tuple(problems), 422 if problems else 200)
        return mine.page(
            "resident/vote_confirm.html",
            paper=paper,
            number=number,
            answers=[
                (question, question.chosen(choice))
                for question, choice in zip(questions, choices, strict=True)
            ],
            fields=_fields(form, questions),
            square=square,
        )


@post("/c/{slug:str}/mine/votes/{number:str}", sync_to_thread=True, action="resolution.vote")
def cast(request: Req, slug: FromPath[str], number: FromPath[str], data: FormData) -> Answer:
    """Cast the ballot. The audit trail says that somebody voted, not what."""
    form, voter = Form(data), _voter_of(data)
    try:
        with reading_resident(request, slug) as mine:  # what is only read need not hold others up
            paper = _paper(mine, number, voter)
        choices = _choices(form, question_views(paper.state.draft.items))
        code = form.text("code", "表决码", required=False, longest=64)
        form.finish()
        with acting(request, slug, subject=number) as mine:
            cast_online(mine.conn, mine.trust_id, number, paper.voter, choices, code, mine.actor, mine.act)
            path = f"/c/{slug}/mine/votes/{number}/receipt?voter={paper.voter}"
            return mine.done(path, "您的选票已经投出")
    except Forbidden:
        raise
    except Refused as error:
        with reading_resident(request, slug) as mine:
            answer = _ballot(mine, number, {**form.values, "code": ""}, voter, error.problems, 422)
        _count(mine, number, error)
        return answer


@get("/c/{slug:str}/mine/votes/{number:str}/receipt", sync_to_thread=True, action="resolution.vote")
def receipt(request: Req, slug: FromPath[str], number: FromPath[str]) -> Answer:
    """What to keep, and how to check it."""
    with reading_resident(request, slug) as mine:
        return _receipt_page(mine, *_receipt(mine, number, _asked(request)))


@post("/c/{slug:str}/mine/votes/{number:str}/paper", sync_to_thread=True, action="resolution.vote")
def typed_in(request: Req, slug: FromPath[str], number: FromPath[str], data: FormData) -> Answer:
    """The receipt of one's paper ballot, as it was typed off: for whoever has the letter's code."""
    form, voter = Form(data), _voter_of(data)
    with reading_resident(request, slug) as mine:
        paper = _paper(mine, number, voter)
        code = form.text("code", "表决码", required=False, longest=64)
        try:
            kept = paper_receipt(mine.conn, mine.trust_id, number, paper.voter, code, mine.actor, mine.act)
        except Forbidden:
            raise
        except Refused as error:
            answer, wrong = _ballot(mine, number, {}, voter, error.problems, 422), error
        else:
            return _receipt_page(mine, paper, kept)
    _count(mine, number, wrong)
    return answer


@get("/c/{slug:str}/mine/votes/{number:str}/receipt.txt", sync_to_thread=True, action="resolution.vote")
def receipt_file(request: Req, slug: FromPath[str], number: FromPath[str]) -> Answer:
    """The receipt as a file."""
    with reading_resident(request, slug) as mine:
        _, kept = _receipt(mine, number, _asked(request))
    name = download_name(f"receipt-{slug}-{number}-{kept.ballot_no}.txt")
    return Response(receipt_text(slug, kept).encode(), media_type=TEXT, headers={**PRIVATE, **name})


def _asked(request: Req) -> int:
    return place_number(request.query_params.get("voter", "")) or 0


def _voter_of(data: FormData) -> int:
    return place_number(str(data.get("voter", ""))) or 0


def _paper(mine: Resident, number: str, voter: int) -> MyPaper:
    """The paper of one voter; of the only one if none is named. Raises :class:`Unanswerable`."""
    papers = my_paper(mine.conn, mine.trust_id, number, mine.actor, mine.act)
    found = [paper for paper in papers if voter in (0, paper.voter)]
    if not found:
        raise Unanswerable("no_paper", f"第 {number} 号表决的名册上没有您的房屋，或者还没有开始")
    return found[0]


def _receipt(mine: Resident, number: str, voter: int) -> tuple[MyPaper, Receipt]:
    paper = _paper(mine, number, voter)
    if paper.receipt is None:
        raise Unanswerable("no_receipt", "这次表决您还没有在网上投票，或者最后一张票不是您在网上投的")
    return paper, paper.receipt


def _receipt_page(mine: Resident, paper: MyPaper, kept: Receipt) -> Answer:
    questions = question_views(paper.state.draft.items)
    return mine.page(
        "resident/vote_receipt.html",
        paper=paper,
        number=kept.number,
        receipt=kept,
        channel=CHANNEL_NAMES[kept.channel],
        online=kept.channel == ONLINE,
        text=receipt_text(mine.site.slug, kept),
        cast_at=moment_text(kept.cast_at),
        answers=[
            (question, OPTION_NAMES[INVALID] if choice == INVALID else question.chosen(choice))
            for question, choice in zip(questions, kept.choices, strict=True)
        ],
    )


def _count(mine: Resident, number: str, error: Refused) -> None:
    """Wrong codes slow down guessing; in a transaction of their own, so that the refusal doesn't undo it."""
    if isinstance(error, WrongCode):
        with writing(mine.services.engine) as conn:
            count_wrong_code(conn, mine.trust_id, number, mine.actor, mine.act)


def _choices(form: Form, questions: Sequence[QuestionView]) -> list[str]:
    """One choice a question; ticked candidates are joined, the numbers in order."""
    found = []
    for question in questions:
        ticked = [text for text in form.texts(f"choice_{question.no}") if text]
        if question.several and all(text.isascii() and text.isdigit() for text in ticked):
            ticked = [",".join(str(no) for no in sorted(int(text[:4]) for text in ticked))] if ticked else []
        found.append(ticked[0] if len(ticked) == 1 else ",".join(ticked))
    return found


def _fields(form: Form, questions: Sequence[QuestionView]) -> list[tuple[str, str]]:
    """What was typed, for the hidden fields of the next form."""
    names = [f"choice_{question.no}" for question in questions]
    chosen = [(name, text) for name in names for text in form.texts(name)]
    return [*chosen, ("code", form.text("code", "表决码", required=False))]


def _ballot(
    mine: Resident,
    number: str,
    values: dict[str, Any],
    voter: int,
    problems: tuple[Problem, ...] = (),
    status: int = 200,
) -> Answer:
    paper = _paper(mine, number, voter)
    papers = my_paper(mine.conn, mine.trust_id, number, mine.actor, mine.act)
    form = Form(values)
    questions = question_views(paper.state.draft.items)
    return mine.page(
        "resident/vote.html",
        status=status,
        paper=paper,
        others=[other for other in papers if other.voter != paper.voter],
        number=number,
        questions=questions,
        ticked={question.no: form.texts(f"choice_{question.no}") for question in questions},
        code=form.text("code", "表决码", required=False),
        problems=problems,
        voted=_voted(paper),
        square=square,
    )


def _voted(paper: MyPaper) -> str:
    """Whether and how the ballot that counts was cast."""
    if not paper.voted:
        return ""
    if paper.receipt is not None:
        return f"您在{moment_text(paper.receipt.cast_at)}网上投过票"
    who = "这几套房屋" if len(paper.units) > 1 else "这套房屋"
    return f"{who}已有一张{CHANNEL_NAMES[paper.voted]}选票"


def _waiting(mine: Resident) -> Iterator[Card]:
    """Votes that are open to this resident."""
    for paper in my_papers(mine.conn, mine.trust_id, mine.actor, mine.act):
        if paper.state.stage != "open":
            continue
        path = f"/mine/votes/{paper.state.number}?voter={paper.voter}"
        until = f"截止{day_text(paper.state.told.closes_on)}当天 24 时"
        title = f"表决：{paper.state.draft.title}"
        if paper.voted:
            yield Card(title, f"{_voted(paper)}。{until}，截止前可以改投。", path, "看看或改投", done=True)
        elif paper.hindrance:
            yield Card(title, f"{paper.hindrance}。{until}。", path, "看看是什么事")
        else:
            yield Card(title, f"请您投票，一两分钟就好。{until}。", path, "去投票")


CARDS.append(_waiting)
HANDLERS = [votes, vote, confirm, cast, receipt, receipt_file, typed_in]
