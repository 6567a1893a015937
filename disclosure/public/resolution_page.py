"""All that is public of one vote, or of one decision taken on paper: read once, rendered three ways."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

import msgspec
from sqlalchemy import Connection

from disclosure.public.present import Row
from disclosure.public.resolutions_result import (
    CheckView,
    ItemResult,
    TurnoutView,
    paper_figures,
    public_turnout,
    result_views,
)
from disclosure.public.resolutions_view import QuestionView, question_views, square, without_names
from disclosure.public.resting import resting_on
from disclosure.public.trusts import Site
from disclosure.public.words import day_text, moment_text
from ledger.documents import public_documents
from ledger.documents.read import uploads_by_digest
from ledger.documents.store import PUBLIC
from ledger.log.store import latest_checkpoint
from ledger.resolutions.matters import matters
from ledger.resolutions.read import DecisionRow, ResolutionFile, read_resolution
from ledger.resolutions.state import CLOSE, FILING, PUBLISH, WITHDRAW
from ledger.resolutions.value import STAGE_NAMES, UNLOCKS


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper that goes with a decision: its fingerprint, and the copy everybody may see, if there is one."""

    title: str
    digest: str
    shown: str


@dataclass(frozen=True, slots=True)
class Fact:
    """A labelled fact."""

    label: str
    text: str


@dataclass(frozen=True, slots=True)
class Published:
    """The page. ``proofs`` are leaves of the log: label and place. ``version`` changes when the page does."""

    number: str
    title: str
    text: str
    state: str
    stage: str
    on_paper: bool
    facts: tuple[Fact, ...]
    steps: tuple[Fact, ...]
    questions: tuple[QuestionView, ...]
    results: tuple[ItemResult, ...]
    figures: tuple[CheckView, ...]
    turnout: TurnoutView | None
    rules: tuple[tuple[str, str], ...]
    roll: tuple[Fact, ...]
    root: str
    papers: tuple[Paper, ...]
    unlocks: tuple[str, ...]
    resting: tuple[Row, ...]
    resting_count: int
    proofs: tuple[tuple[str, int], ...]
    checkpoint: str
    address: str
    count_note: str = ""
    raw: dict[str, Any] = field(default_factory=dict)

    @property
    def version(self) -> str:
        """Everything shown, so that any change is another page."""
        return repr((self.stage, self.steps, self.turnout, self.papers, self.resting_count, self.checkpoint))


def published_vote(conn: Connection, site: Site, number: str, address: str, today: date) -> Published:
    """A vote from its notice on; its count only once it is published. ``today``: the day in China."""
    file = read_resolution(conn, site.trust_id, number)
    state, draft = file.state, file.state.draft
    items = without_names(draft.items)
    result = file.result if file.stage == "published" else None
    resting, count = resting_on(conn, site.trust_id, file.decisions)
    checkpoint = latest_checkpoint(conn, site.trust_id)
    return Published(
        number=number,
        title=draft.title,
        text=draft.text,
        state=STAGE_NAMES[file.stage],
        stage=file.stage,
        on_paper=False,
        facts=tuple(_facts(file)),
        steps=tuple(_steps(file)),
        questions=tuple(question_views(items)),
        results=tuple(result_views(result, items)) if result else (),
        figures=(),
        turnout=public_turnout(conn, site.trust_id, file, today),
        rules=tuple(file.roll.rules.sentences()) if file.roll else (),
        roll=tuple(_roll(file)),
        root=file.roll.root if file.roll else "",
        papers=_papers(conn, site, [(paper.title, paper.digest) for paper in draft.documents]),
        unlocks=tuple(f"{UNLOCKS[unlock.kind]} {unlock.ref}" for unlock in draft.unlocks),
        resting=tuple(resting),
        resting_count=count,
        proofs=_proofs(file),
        checkpoint=checkpoint.note if checkpoint else "",
        address=address,
        count_note=_count_note(file) if result else "",
        raw={
            "opens_on": state.told.opens_on,
            "closes_on": state.told.closes_on,
            "result": msgspec.to_builtins(result) if result else None,
            "decisions": list(file.decisions),
        },
    )


def published_decision(conn: Connection, site: Site, row: DecisionRow, address: str) -> Published:
    """A decision taken on paper, outside this system, shown as what it is."""
    resting, count = resting_on(conn, site.trust_id, [row.number])
    checkpoint = latest_checkpoint(conn, site.trust_id)
    matter = matters().get(row.matter)
    facts = [
        Fact("怎样作出的", row.source_name),
        Fact("事项", row.matter_title),
        Fact("决定日期", day_text(row.decided_on)),
        Fact("生效日", day_text(row.effective_on)),
        Fact("登记时间", moment_text(row.recorded_at)),
    ]
    return Published(
        number=row.number,
        title=row.title,
        text=row.text,
        state="通过",
        stage="recorded",
        on_paper=True,
        facts=tuple(facts),
        steps=(),
        questions=(),
        results=(),
        figures=tuple(paper_figures(row.figures, matter)) if row.figures and matter else (),
        turnout=None,
        rules=(),
        roll=(),
        root="",
        papers=_papers(
            conn, site, [(f"扫描件 {no}", digest) for no, digest in enumerate(row.documents, start=1)]
        ),
        unlocks=(),
        resting=tuple(resting),
        resting_count=count,
        proofs=(("这项决定的登记", row.seq),) if row.seq is not None else (),
        checkpoint=checkpoint.note if checkpoint else "",
        address=address,
        raw={"decided_on": row.decided_on, "effective_on": row.effective_on, "matter": row.matter},
    )


def published_json(view: Published) -> bytes:
    """The same for programs; areas in 0.01 m² within ``result``."""
    value = {
        "number": view.number,
        "title": view.title,
        "text": view.text,
        "stage": view.stage,
        "source": "recorded" if view.on_paper else "vote",
        "questions": [
            {
                "no": question.no,
                "title": question.title,
                "text": question.text,
                "matter": question.matter,
                "needs": question.needs,
                "options": [{"value": value, "label": label} for value, label in question.options],
            }
            for question in view.questions
        ],
        "roll_root": view.root,
        "turnout": asdict(view.turnout) if view.turnout else None,
        "documents": [asdict(paper) for paper in view.papers],
        "entries": [row.ref for row in view.resting],
        "records": [{"what": label, "seq": seq} for label, seq in view.proofs],
        "checkpoint": view.checkpoint,
        **view.raw,
    }
    return msgspec.json.encode(value)


def _facts(file: ResolutionFile) -> list[Fact]:
    told, draft = file.state.told, file.state.draft
    facts = [Fact("表决时间", f"{day_text(told.opens_on)}至{day_text(told.closes_on)}（当天 24 时止）")]
    if file.stage == "published" and file.result:
        closed = file.state.done(CLOSE).acted_at
        facts.append(Fact("计票时间", moment_text(closed)))
    if file.stage == "published":
        facts += _in_force(file)
    elif draft.effective_on:
        facts.append(Fact("生效日", f"通过后自{day_text(draft.effective_on)}起"))
    if file.filing:
        receipt = f"，回执号 {file.filing.body['receipt']}" if file.filing.body.get("receipt") else ""
        text = f"{day_text(file.filing.on_day)}报{file.filing.body['authority']}备案{receipt}"
        late = file.filing_due and file.filing.on_day > file.filing_due
        facts.append(Fact("备案", f"{text}（晚于规定的 {day_text(file.filing_due)}）" if late and file.filing_due else text))  # fmt: skip
    elif file.filing_due:
        facts.append(Fact("备案", f"还没有登记，应在{day_text(file.filing_due)}前备案"))
    return facts


def _in_force(file: ResolutionFile) -> list[Fact]:
    """What those who rest on it have to name, and from which day they may."""
    items = file.result.items if file.result else ()
    carried = [number for number, item in zip(file.decisions, items, strict=True) if item.passed]
    if not carried:
        return []
    published = file.state.done(PUBLISH).on_day
    day = max(file.state.draft.effective_on or published, published)
    return [Fact("决议号", "、".join(carried)), Fact("生效日", day_text(day))]


def _steps(file: ResolutionFile) -> list[Fact]:
    """The course without anybody's name."""
    found = []
    for step in file.state.steps:
        text = moment_text(step.acted_at)
        if step.step == "motion":
            text = f"{_motion(file)}，{day_text(step.on_day)}"
        elif step.step == "notice":
            text += f"。{file.state.told.how}。{file.state.told.neighbourhood}".replace("。。", "。")
        elif step.step in (WITHDRAW, CLOSE) and step.note:
            text += f"。{step.note}"
        elif step.step == FILING:
            text = day_text(step.on_day)
        found.append(Fact(step.title, text.rstrip("。")))
    return found


def _motion(file: ResolutionFile) -> str:
    count = file.motion_count
    if count is None:
        return "业主委员会提议"
    return (
        f"业主联名提议：{count.moved.people:,} 人（共 {count.total.people:,} 人）、"
        f"{square(count.moved.area)}（共 {square(count.total.area)}），须达到 {count.percent}%"
    )


def _roll(file: ResolutionFile) -> list[Fact]:
    if file.roll is None:
        return []
    return [
        Fact("冻结时间", moment_text(file.roll.opened_at)),
        Fact("全体业主", f"{file.roll.total.people:,} 人、{file.roll.units:,} 套房屋"),
        Fact("总面积", square(file.roll.total.area)),
    ]


def _count_note(file: ResolutionFile) -> str:
    result = file.result
    if result is None:
        return ""
    note = (
        f"共收到 {result.ballots:,} 张选票，改投的以最后一张为准，"
        f"按 {result.voted:,} 位业主各一张计票。计票时公开日志有 {result.log_size:,} 条。"
    )
    if result.set_aside:
        note += f"另有 {result.set_aside} 张纸质选票无法认定，没有计入，原因写在“经过”里。"
    return note


def _papers(conn: Connection, site: Site, named: list[tuple[str, str]]) -> tuple[Paper, ...]:
    """With the copies everybody may see; the papers themselves are never served."""
    digests = [digest for _, digest in named]
    uploads = uploads_by_digest(conn, site.trust_id, digests)
    copies = {digest: file.shown for digest, file in uploads.items() if file.access == PUBLIC and file.shown}
    served = public_documents(conn, site.trust_id, [copies.get(digest, digest) for digest in digests])
    return tuple(
        Paper(title, digest, shown if (shown := copies.get(digest, digest)) in served else "")
        for title, digest in named
    )


def _proofs(file: ResolutionFile) -> tuple[tuple[str, int], ...]:
    labels = {"resolution_opened": "表决开始：问题、规则、名册指纹", "result": "结果"}
    return tuple((label, file.places[kind]) for kind, label in labels.items() if kind in file.places)
