"""Who applied, what they are judged by, and the points of the judges; closing them publishes the ranking."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, func, insert, select

from ledger.conference.public_text import text_problems
from ledger.errors import Problem, Refused, refuse
from ledger.people import Actor, require
from ledger.resolutions.texts import document_problems
from ledger.selection.course import add_step
from ledger.selection.read import SelectionFile, read_selection
from ledger.selection.scores import WHOLE
from ledger.store.tables import selection_candidate, selection_criterion, selection_score
from ledger.trust.accounts import same_name
from ledger.trust.act import Act
from ledger.trust.lock import lock_trust

MOST_CANDIDATES, MOST_CRITERIA = 20, 20


def add_candidate(
    conn: Connection,
    trust_id: int,
    number: int,
    *,
    name: str,
    statement: str,
    digest: str,
    actor: Actor,
    act: Act,
) -> int:
    """Put a company on the list and return its number; before anybody gave points."""
    require(actor, "selection.manage")
    file = _judging(conn, trust_id, number)
    problems = [
        *text_problems("候选单位", name, longest=80),
        *text_problems("简介", statement, longest=2000, required=False),
        *document_problems(conn, trust_id, [digest], "附件"),
    ]
    if any(same_name(one.name) == same_name(name) for one in file.candidates):
        problems.append(Problem("listed_twice", f"“{name.strip()}”已在名单里", "候选单位"))
    if file.points:
        problems.append(Problem("points_given", "已经有人评分，名单不能再变", "候选单位"))
    if len(file.candidates) >= MOST_CANDIDATES:
        problems.append(Problem("too_many", f"最多 {MOST_CANDIDATES} 家", "候选单位"))
    if problems:
        raise Refused(problems)
    place = len(file.candidates) + 1
    conn.execute(
        insert(selection_candidate).values(
            trust_id=trust_id,
            selection=number,
            candidate=place,
            name=name.strip(),
            statement=statement.strip(),
            document=digest,
            recorded_at=act.now,
            recorded_by=actor.signature,
        )
    )
    return place


def set_criteria(
    conn: Connection,
    trust_id: int,
    number: int,
    criteria: Sequence[tuple[str, int]],
    actor: Actor,
) -> None:
    """Say what candidates are judged by, once, before points are given: titles with weights (percent)."""
    require(actor, "selection.manage")
    file = _judging(conn, trust_id, number)
    where = "评分标准"
    problems = [problem for title, _ in criteria for problem in text_problems(where, title, longest=40)]
    if file.criteria:
        problems.append(Problem("set_before", "评分标准已经公布，不能再改；要改请撤回后重新发起", where))
    if not 0 < len(criteria) <= MOST_CRITERIA:
        problems.append(Problem("bad_count", f"请填写 1 到 {MOST_CRITERIA} 项", where))
    if any(weight <= 0 for _, weight in criteria):
        problems.append(Problem("bad_weight", "每项的权重应大于零", where))
    total = sum(weight for _, weight in criteria)
    if total != WHOLE:
        problems.append(Problem("bad_weights", f"各项权重合计应为 {WHOLE}，现在是 {total}", where))
    if len({title.strip() for title, _ in criteria}) < len(criteria):
        problems.append(Problem("listed_twice", "有两项名称相同", where))
    if problems:
        raise Refused(problems)
    rows = [
        {"trust_id": trust_id, "selection": number, "place": place, "title": title.strip(), "weight": weight}
        for place, (title, weight) in enumerate(criteria, start=1)
    ]
    conn.execute(insert(selection_criterion), rows)


def give_points(
    conn: Connection,
    trust_id: int,
    number: int,
    candidate: int,
    points: Mapping[int, int],
    actor: Actor,
    act: Act,
) -> None:
    """A judge's points for a candidate, by criterion (its place); may be given anew until the ranking."""
    require(actor, "selection.score")
    file = _judging(conn, trust_id, number)
    problems = []
    if file.candidate(candidate) is None:
        problems.append(Problem("unknown_candidate", "没有这家候选单位", "候选单位"))
    if set(points) != {criterion.place for criterion in file.criteria} or not points:
        problems.append(Problem("missing", "请给每一项评分标准都打分", "评分"))
    if any(not 0 <= given <= 100 for given in points.values()):
        problems.append(Problem("bad_points", "每项打 0 到 100 的整数分", "评分"))
    if problems:
        raise Refused(problems)
    s = selection_score.c
    last = conn.execute(
        select(func.coalesce(func.max(s.version), 0)).where(
            s.trust_id == trust_id,
            s.selection == number,
            s.judge == actor.person,
            s.candidate == candidate,
        )
    ).scalar_one()
    rows = [
        {
            "trust_id": trust_id,
            "selection": number,
            "judge": actor.person,
            "candidate": candidate,
            "place": place,
            "version": int(last) + 1,
            "points": given,
            "signature": actor.signature,
            "recorded_at": act.now,
        }
        for place, given in points.items()
    ]
    conn.execute(insert(selection_score), rows)


def close_points(conn: Connection, trust_id: int, number: int, actor: Actor, act: Act) -> None:
    """Close the points and publish the ranking. Raises :class:`~ledger.errors.Refused` if points are missing."""
    require(actor, "selection.close")
    file = _judging(conn, trust_id, number)
    problems = []
    if not file.judges:
        problems.append(Problem("no_points", "还没有人评分", "评分"))
    for judge, candidate in sorted(file.missing):
        found = file.candidate(candidate)
        name = found.name if found else ""
        problems.append(Problem("missing", f"{file.judges[judge]}还没有给“{name}”打完分", "评分"))
    if problems:
        raise Refused(problems)
    add_step(conn, trust_id, file, "rank", act.today, actor, act)


def _judging(conn: Connection, trust_id: int, number: int) -> SelectionFile:
    """A procedure whose candidates are still being judged; locks the trust."""
    lock_trust(conn, trust_id)
    file = read_selection(conn, trust_id, number)
    if file.kind == "dismiss":
        raise refuse("no_candidates", "解聘没有候选单位；要换受托人，请另发起选聘", "候选单位")
    if file.stage != "open":
        raise refuse("points_closed", f"这个事项{file.stage_name}，不能再改候选单位和评分", "阶段")
    return file
