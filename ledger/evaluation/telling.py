"""Whom a step of a round is told to, and in which words: days and addresses, nothing of what was found or said."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from types import MappingProxyType

from sqlalchemy import Connection

from ledger.evaluation.allowed import BODY_ROLES
from ledger.evaluation.consequences import RECTIFY, RENEWAL, consequences_of
from ledger.evaluation.scheme import SHEET_BODIES
from ledger.evaluation.state import State
from ledger.evaluation.steps import Step
from ledger.evaluation.value import (
    APPEAL,
    CORRECTION,
    FIGURES,
    FINAL,
    PREVIEW,
    RECUSE,
    RULING,
    SHEET,
    SURVEY,
    VETO,
    WITHDRAW,
    Appeal,
)
from ledger.notices import Notice, put
from ledger.people import Role, actions
from ledger.people.members import list_grants
from ledger.trust.act import BEIJING, Act

TRUSTEE, SCORERS, RULERS, OWNERS, SETTLERS = "trustee", "scorers", "rulers", "owners", "settlers"
_ACTIONS = MappingProxyType(
    {
        TRUSTEE: "evaluation.self",
        RULERS: "evaluation.rule",
        OWNERS: "evaluation.answer",
        SETTLERS: "evaluation.settle",
    }
)
"""Whoever may do it is told; the scorers are those of the bodies that keep sheets."""
_OPENED = "已经开始，请受托人自评，最迟 {due}"
_WORDS = MappingProxyType(
    {
        FIGURES: ((SCORERS,), "请评分", "系统已经取数，请评分，最迟 {due}；与受托人有关联的请先登记回避"),
        SURVEY: (
            (OWNERS,),
            "请填问卷",
            "正在问业主对物业服务是否满意，一户一份，最迟 {due}；请登录后填写，公开的只有合计",
        ),
        PREVIEW: ((TRUSTEE,), "已公示", "已经公示，受托人对扣分有异议的可以申诉，最迟 {due}"),
        APPEAL: ((RULERS,), "有申诉等待裁定", "有一件受托人的申诉等待裁定，裁定以后才能定稿"),
        RULING: ((TRUSTEE,), "申诉已裁定", "有一件申诉已经裁定"),
        FINAL: ((TRUSTEE, SCORERS, RULERS, OWNERS), "已定稿", "已经定稿发布"),
        CORRECTION: ((TRUSTEE, SCORERS, RULERS, OWNERS), "有更正版", "另发了更正版"),
        WITHDRAW: ((TRUSTEE, SCORERS), "已撤回", "已经撤回，不用再办"),
    }
)
"""Who is told of a step, the subject and the news; the others are told to nobody."""
_FOLLOWS = MappingProxyType(
    {
        RECTIFY: ((TRUSTEE, SETTLERS), "要限期整改", "评为最低一级，受托人要整改，最迟 {due}；办完请登记"),
        RENEWAL: (
            (SETTLERS,),
            "要办续聘议题",
            "评为最低一级，要把受托人的续聘交业主大会决定，最迟 {due} 通知受托人",
        ),
    }
)
"""What follows from a result and has a day."""
_AT_ONCE = 5_000
"""People told with one round of queries: what fits into a statement of either engine."""
_ALL = 10**7


def tell_opened(conn: Connection, trust_id: int, state: State, by: str, act: Act) -> None:
    """Put into the outbox that a round was opened; in the transaction that opens it, like all of these."""
    words = _OPENED.format(due=state.due_on)
    _put(conn, trust_id, state, "0", (TRUSTEE,), "请自评", words, {by}, act)


def tell_step(conn: Connection, trust_id: int, state: State, step: Step, act: Act) -> None:
    """What a step is news of; ``state`` has it already."""
    if step.kind in _WORDS:
        whom, subject, words = _WORDS[step.kind]
        if step.kind == WITHDRAW and state.of(SURVEY):
            whom = (*whom, OWNERS)
        aside = {step.person, _finder(state, step)}
        _put(conn, trust_id, state, f"{step.no}", whom, subject, words, aside, act)
    elif step.kind == RECUSE and (again := _reopened(state, step)):
        whom, subject, words = _WORDS[APPEAL]
        finders = {_finder(state, one) for one in again}
        aside = finders if len(finders) == 1 else set()
        _put(conn, trust_id, state, f"{step.no}", whom, subject, words, aside, act)


def tell_follows(conn: Connection, trust_id: int, state: State, act: Act) -> None:
    """What follows from the result that was published last and is still to be done by a day; told once, however often
    the result is corrected, unless the day becomes another. It is dealt with in the office."""
    office = _office(state)
    for one in consequences_of(conn, trust_id, state.round):
        if one.kind in _FOLLOWS and one.due_on and one.state == "open":
            whom, subject, words = _FOLLOWS[one.kind]
            text, news = words.format(due=one.due_on), f"{one.kind}-{one.due_on}"
            _put(conn, trust_id, state, news, whom, subject, text, (), act, office)


def _put(
    conn: Connection,
    trust_id: int,
    state: State,
    news: str,
    whom: Collection[str],
    subject: str,
    words: str,
    aside: Collection[str],
    act: Act,
    page: str = "",
) -> None:
    """The notices of one piece of news, by its name within the round; everybody told once. ``page``: where to, unless
    that goes by the group."""
    text = words.format(due=_due_on(state))
    found: dict[str, Notice] = {}
    for group in whom:
        path = page or _path(state, group)
        for person in _people(conn, trust_id, state, group, act.now.astimezone(BEIJING).date()):
            if person not in aside:
                key = f"evaluation:{state.round}-{news}"
                said = f"{state.title}的双百分评价：{text}。"
                found.setdefault(person, Notice(person, key, f"{state.title}评价：{subject}", said, path))
    notices = list(found.values())
    for start in range(0, len(notices), _AT_ONCE):
        put(conn, trust_id, notices[start : start + _AT_ONCE], act.now)


def _due_on(state: State) -> date | None:
    """By when those who are told have to act: the sheets and the questionnaire have days of their own."""
    if state.stage == "scoring":
        return state.scoring_until
    return state.closes_on if state.stage == "survey" else state.due_on


def _path(state: State, group: str) -> str:
    if state.stage == "final" or (state.stage == "withdrawn" and group == OWNERS):
        return state.page
    return f"/mine/evaluations/{state.round}" if group == OWNERS else _office(state)


def _office(state: State) -> str:
    return f"/office/evaluations/{state.round}"


def _people(conn: Connection, trust_id: int, state: State, group: str, on: date) -> list[str]:
    """Everybody of a group with a role in force on a day, but for those with ties to the trustee; one query."""
    grants = list_grants(conn, trust_id, sorted(_roles(state, group)), limit=_ALL)
    recused = state.recused if group in (SCORERS, RULERS) else ()
    return [item.person.person for item in grants if item.in_force(on) and item.person.person not in recused]


def _roles(state: State, group: str) -> set[Role]:
    if group == SCORERS:
        bodies = [body for body in SHEET_BODIES if state.scheme.scored_by(body)]
        return {role for body in bodies for role in BODY_ROLES[body]}
    roles = set(actions()[_ACTIONS[group]].roles)
    return roles | {Role.CHAIR} if Role.COMMITTEE in roles else roles


def _reopened(state: State, step: Step) -> list[Step]:
    """Appeals whose ruling a recusal undid."""
    before = {one.no for one in state.until(step.no - 1).open_appeals()}
    return [one for one in state.open_appeals() if one.no not in before]


def _finder(state: State, step: Step) -> str:
    """Whoever found what an appeal is about and so does not rule on it; '' if nobody did."""
    if step.kind != APPEAL or not isinstance(step.body, Appeal):
        return ""
    found = state.steps[int(step.body.ref.partition(".")[0]) - 1]
    return found.person if found.kind in (SHEET, VETO) else ""
