"""After the last day: close and count, publish, file with the authorities."""

from __future__ import annotations

from datetime import date

import msgspec
from sqlalchemy import Connection, func, insert, select

from ledger.errors import Problem, Refused, refuse
from ledger.journal.head import lock_head
from ledger.journal.public_view import utc_text
from ledger.people import Actor
from ledger.records import publish_record
from ledger.resolutions.allowed import require_owners
from ledger.resolutions.ballots import newest_ballots, open_state
from ledger.resolutions.decided import VOTE
from ledger.resolutions.matters import matters
from ledger.resolutions.proxies import delivered_to
from ledger.resolutions.results import Result, ResultItem, result_items
from ledger.resolutions.roll import Roll, voter_areas
from ledger.resolutions.slips import pending_slips
from ledger.resolutions.state import CLOSE, FILING, PUBLISH, State, add_step, state_in
from ledger.resolutions.tally import tally
from ledger.resolutions.texts import document_problems, text_problems
from ledger.store.tables import ballot as ballot_table
from ledger.store.tables import decision as decision_table
from ledger.store.tables import vote_result
from ledger.trust.act import BEIJING, Act

_LONGEST = 200


def close_vote(
    conn: Connection, trust_id: int, number: str, actor: Actor, act: Act, *, set_aside: str = ""
) -> Result:
    """End the vote after the last day announced, and count it. Nothing can be added any more.

    Paper entries that only one person typed, or two differently, must be settled before; or set aside
    with a reason, which is published. Raises :class:`~ledger.errors.Refused`.
    """
    require_owners(actor, "resolution.close")
    head = lock_head(conn, trust_id)
    state, roll = open_state(conn, trust_id, number, "截止表决")
    if act.now < roll.closes_at:
        raise refuse(
            "not_over", f"通知里写的截止日是 {state.told.closes_on}，过了这一天才能截止计票", "截止日期"
        )
    unsettled = _unsettled(conn, trust_id, number, set_aside)
    result = _counted(conn, trust_id, state, roll, head.tree.size, unsettled, act)
    conn.execute(
        insert(vote_result).values(
            trust_id=trust_id,
            number=number,
            body=msgspec.json.encode(result).decode(),
            closed_at=act.now,
        )
    )
    add_step(conn, trust_id, number, CLOSE, actor, act, note=set_aside)
    return result


def _unsettled(conn: Connection, trust_id: int, number: str, set_aside: str) -> int:
    """How many paper ballots are set aside. Refused without a reason that can be published."""
    pending = [one for one in pending_slips(conn, trust_id, number) if one.kind != "late"]
    if pending and not set_aside.strip():
        raise refuse(
            "slips_pending",
            f"还有 {len(pending)} 张纸质选票只录了一遍或两遍不一致，请先复录；确实无法认定的，"
            "写明理由后可以不计入",
            "纸质选票",
        )
    if set_aside.strip() and (problems := text_problems(set_aside, "不计入的理由", longest=_LONGEST)):
        raise Refused(problems)
    return len(pending)


def _counted(
    conn: Connection, trust_id: int, state: State, roll: Roll, log_size: int, set_aside: int, act: Act
) -> Result:
    number = state.number
    cast = newest_ballots(conn, trust_id, number)
    ballots = conn.execute(
        select(func.count()).where(ballot_table.c.trust_id == trust_id, ballot_table.c.number == number)
    ).scalar_one()
    tallies = tally(
        state.draft.items,
        roll.rules,
        voter_areas(conn, trust_id, number),
        {voter: ballot.choices for voter, ballot in cast.items()},
        delivered_to(conn, trust_id, number),
    )
    return Result(
        resolution=number,
        closed_at=utc_text(act.now),
        roll_root=roll.root,
        log_size=log_size,
        ballots=int(ballots),
        voted=len(cast),
        set_aside=set_aside,
        items=result_items(state.draft.items, tallies),
    )


def publish_result(conn: Connection, trust_id: int, number: str, actor: Actor, act: Act) -> int:
    """Publish the count and make decisions of it; returns its place in the log.

    A resolution of one item becomes a decision of its number; of several, ``2026-3-1`` and so on. Raises
    :class:`~ledger.errors.Refused`.
    """
    require_owners(actor, "resolution.publish")
    lock_head(conn, trust_id)
    state = state_in(conn, trust_id, number, ("closed",), "公布结果")
    result = result_of(conn, trust_id, number)
    conn.execute(
        insert(decision_table),
        [_decision_row(trust_id, state, result, item, actor, act) for item in result.items],
    )
    add_step(conn, trust_id, number, PUBLISH, actor, act)
    return publish_record(conn, trust_id, "result", number, result.to_value(), act)


def read_result(conn: Connection, trust_id: int, number: str) -> Result | None:
    """The count, or None before the close."""
    body = conn.execute(
        select(vote_result.c.body).where(vote_result.c.trust_id == trust_id, vote_result.c.number == number)
    ).scalar_one_or_none()
    return None if body is None else msgspec.json.decode(body, type=Result)


def result_of(conn: Connection, trust_id: int, number: str) -> Result:
    """The count of a vote that was closed. Raises ValueError if it was not."""
    found = read_result(conn, trust_id, number)
    if found is None:
        raise ValueError(f"resolution {number} has no result")
    return found


def decision_number(result: Result, item: ResultItem) -> str:
    """What the decision on an item is called."""
    return result.resolution if len(result.items) == 1 else f"{result.resolution}-{item.no}"


def record_filing(
    conn: Connection,
    trust_id: int,
    number: str,
    filed_on: date,
    authority: str,
    receipt: str,
    document: str,
    actor: Actor,
    act: Act,
) -> None:
    """Note that the result was filed (备案): with whom, and the number of the receipt.

    A late filing is recorded, too, and shown as late. Raises :class:`~ledger.errors.Refused`.
    """
    require_owners(actor, "resolution.file")
    lock_head(conn, trust_id)
    state = state_in(conn, trust_id, number, ("published",), "登记备案")
    problems = [
        *text_problems(authority, "备案机关", longest=_LONGEST),
        *text_problems(receipt, "备案回执号", longest=_LONGEST),
        *document_problems(conn, trust_id, [document], "备案回执"),
    ]
    if filed_on > act.today or filed_on < state.done(PUBLISH).on_day:
        problems.append(Problem("bad_days", "备案日期应在公布结果以后，不能晚于今天", "备案日期"))
    if problems:
        raise Refused(problems)
    body = {"authority": authority.strip(), "receipt": receipt.strip()}
    add_step(conn, trust_id, number, FILING, actor, act, on_day=filed_on, document=document, body=body)


def filing_due(state: State, result: Result | None) -> date | None:
    """The last day for filing, if a carried item has to be filed (物业管理条例 16); None if none has to."""
    published = state.step(PUBLISH)
    if published is None or result is None:
        return None
    days = [matters()[item.matter].filing_days for item in result.items if item.passed]
    most = min((n for n in days if n), default=0)
    return date.fromordinal(_closed_day(state).toordinal() + most) if most else None


def _closed_day(state: State) -> date:
    return state.done(CLOSE).acted_at.astimezone(BEIJING).date()


def _decision_row(
    trust_id: int, state: State, result: Result, item: ResultItem, actor: Actor, act: Act
) -> dict[str, object]:
    draft, one = state.draft, state.draft.items[item.no - 1]
    title = draft.title if len(result.items) == 1 else f"{draft.title}：{item.title}"
    body = {"chosen": list(item.chosen), "documents": [paper.digest for paper in draft.documents]}
    return {
        "trust_id": trust_id,
        "number": decision_number(result, item),
        "title": title,
        "matter": item.matter,
        "text": one.text or draft.text,
        "decided_on": _closed_day(state),
        "effective_on": max(draft.effective_on or act.today, act.today),
        "passed": item.passed,
        "source": VOTE,
        "resolution": result.resolution,
        "item": item.no,
        "body": msgspec.json.encode(body).decode(),
        "recorded_at": act.now,
        "recorded_by": actor.signature,
    }
