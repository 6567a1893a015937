"""Word a question or an answer for everybody: what must not stand in it is said before and after typing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from litestar import get, post
from litestar.params import FromPath

from disclosure.inquiries.public_view import about_of
from disclosure.office.acting import Office, acting, reading_office
from disclosure.office.documents import boxes_of
from disclosure.office.forms import Form, FormData
from disclosure.public.answers import Answer, Req
from ledger.documents.pictures import Box
from ledger.errors import Problem, Refused
from ledger.inquiries import InquiryFile, publish, read_inquiry
from ledger.inquiries.model import ANSWERS, FAILED, PUBLISHED
from ledger.inquiries.pictures import Chosen, draw_chosen
from ledger.inquiries.privacy import privacy_problems
from ledger.inquiries.texts import LONGEST_ANSWER


@get("/c/{slug:str}/office/inquiries/{no:int}/publish", sync_to_thread=True, action="inquiry.publish")
def publish_form(request: Req, slug: FromPath[str], no: FromPath[int]) -> Answer:
    """``?of=3``: the words of a step, as they were written or last published, and what was found in them."""
    with reading_office(request, slug) as office:
        file = read_inquiry(office.conn, office.trust_id, no)
        of_step = _step(file, request.query_params.get("of", ""))
        text = words_of(file, of_step)
        return _page(office, file, of_step, {"text": text}, (), 200)


@post("/c/{slug:str}/office/inquiries/{no:int}/publish", sync_to_thread=True, action="inquiry.publish")
def publish_step(request: Req, slug: FromPath[str], no: FromPath[int], data: FormData) -> Answer:
    """Publish it, or only look whether it could be."""
    form = Form(data)
    of_step = form.whole("of", "公开哪一步", least=1, most=10_000)
    try:
        text = form.text("text", "公开的文字", longest=LONGEST_ANSWER)
        chosen = _chosen(form, of_step)
        form.finish()
        if "check" in data:
            with reading_office(request, slug) as office:
                file = read_inquiry(office.conn, office.trust_id, no)
                return _page(office, file, _step(file, str(of_step)), data, (), 200, checked=True)
        with reading_office(request, slug) as office:
            place = office.services.config.documents_dir
            drawn = draw_chosen(office.conn, office.trust_id, place, no, chosen)
        with acting(request, slug, subject=f"第{no}号") as office:
            publish(
                office.conn, office.trust_id, no, of_step, text, office.actor, office.act,
                redacted=drawn, location=place,
            )  # fmt: skip
            return office.done(f"/c/{slug}/office/inquiries/{no}", f"第 {no} 号：已公开，并写入公开日志")
    except Refused as error:
        with reading_office(request, slug) as office:
            file = read_inquiry(office.conn, office.trust_id, no)
            return _page(office, file, _step(file, str(of_step)), data, error.problems, 422)


def _page(
    office: Office,
    file: InquiryFile,
    of_step: int,
    values: Mapping[str, Any],
    problems: tuple[Problem, ...],
    status: int,
    *,
    checked: bool = False,
) -> Answer:
    """``found`` is what the check says of the words in the box."""
    text = str(values.get("text", ""))
    found = privacy_problems(office.conn, office.trust_id, text)
    return office.page(
        "office/inquiries_publish.html",
        status,
        file=file,
        about=about_of(file.asked.about_kind, file.asked.about, office.setup),
        of_step=of_step,
        original=file.asked.text if of_step == 1 else file.steps[of_step - 1].text,
        pictures=file.pictures.get(of_step, ()),
        found=found,
        checked=checked,
        values=values,
        problems=[item for item in problems if item not in found],
    )


def words_of(file: InquiryFile, of_step: int) -> str:
    """The words a publisher begins with."""
    said = next((item.text for item in file.public.said if item.of_step == of_step), "")
    return said or (file.asked.text if of_step == 1 else file.steps[of_step - 1].text)


def publishable(file: InquiryFile) -> tuple[int, ...]:
    """The steps whose words can be published now: the question, and after it the answers."""
    answers = [step.no for step in file.steps if step.kind in ANSWERS and step.result != FAILED]
    return (1, *answers) if file.state.publication == PUBLISHED else (1,)


def _step(file: InquiryFile, asked: str) -> int:
    """The step asked for, or the first that is not published yet."""
    offered = publishable(file)
    if asked in {str(no) for no in offered}:
        return int(asked)
    said = {item.of_step for item in file.public.said}
    return next((no for no in offered if no not in said), 1)


def _chosen(form: Form, of_step: int) -> list[Chosen]:
    """The ticked pictures, each with what was drawn over it; ``boxes`` count pictures from nought."""
    shown = [name for name in form.values if name.startswith("show_") and name[5:].isdecimal()]
    if not shown:
        return []
    if form.text("looked", "图片", required=False) != "1":
        form.problem("not_looked", "浏览器没有打开遮盖工具（需要启用脚本），图片不能公开；文字可以", "图片")
        return []
    boxes = boxes_of(form)
    return [
        Chosen(
            of_step,
            int(name[5:9]),
            tuple(
                Box(0, box.left, box.top, box.width, box.height)
                for box in boxes
                if box.page == int(name[5:9]) - 1
            ),
        )
        for name in sorted(shown)
    ]


HANDLERS = [publish_form, publish_step]
