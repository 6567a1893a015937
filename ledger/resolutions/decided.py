"""Decisions the rest of the books may rest on: those carried here by a vote, and those taken on paper before.

Whatever needs a decision of the owners calls :func:`require_decision` in its own command. Decisions of the
committee (业委会) are steps of the course they belong to, and not to be found here.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, insert, select

from ledger.errors import Problem, Refused, refuse
from ledger.people import Actor
from ledger.records import publish_record
from ledger.resolutions.allowed import require_owners
from ledger.resolutions.matters import Amount, Matter, matter_title, matters
from ledger.resolutions.records import decision_value
from ledger.resolutions.texts import document_problems, text_problems
from ledger.store.tables import decision as decision_table
from ledger.store.tables import resolution as resolution_table
from ledger.trust.act import Act
from ledger.trust.lock import lock_trust

VOTE, RECORDED = "vote", "recorded"
SOURCE_NAMES = {VOTE: "在本系统表决", RECORDED: "纸质表决，系统外作出"}
_LONGEST_NUMBER, _LONGEST_TITLE, _LONGEST_TEXT = 40, 100, 5_000


@dataclass(frozen=True, slots=True)
class Decision:
    """Something the owners decided. ``source`` is ``vote`` (held here) or ``recorded`` (on paper)."""

    number: str
    title: str
    matter: str
    decided_on: date
    effective_on: date
    passed: bool
    source: str


@dataclass(frozen=True, slots=True)
class Figures:
    """The count of a vote held on paper: all owners, those who took part, those who agreed."""

    total: Amount
    took_part: Amount
    agreed: Amount


@dataclass(frozen=True, slots=True)
class RecordedDecision:
    """A decision the assembly took on paper; ``documents`` are SHA-256 of scans kept in the archive."""

    number: str
    matter: str
    title: str
    text: str
    decided_on: date
    effective_on: date
    documents: tuple[str, ...]
    figures: Figures | None = None


def decisions(conn: Connection, trust_id: int, numbers: Collection[str]) -> dict[str, Decision]:
    """Those of these numbers that were carried and published, by number; one query."""
    return {row.number: _decision(row) for row in _rows(conn, trust_id, numbers) if row.passed}


def require_decision(
    conn: Connection,
    trust_id: int,
    number: str,
    *,
    matters: Collection[str] = (),
    on: date,
    where: str = "决议号",
) -> Decision:
    """The decision something rests on, in force ``on`` a day and about one of these matters (all, if empty).

    Raises :class:`~ledger.errors.Refused`, which says what is missing and what to do.
    """
    number = number.strip()
    if not number:
        raise refuse("no_decision", f"请填写业主共同决定的决议号{_asked(matters)}", where)
    row = next(iter(_rows(conn, trust_id, [number])), None)
    if row is None:
        raise refuse(*_unknown(conn, trust_id, number), where)
    found = _decision(row)
    if problems := decision_problems(number, found, matters, on, where):
        raise Refused(problems)
    return found


def published_decisions(conn: Connection, trust_id: int, numbers: Collection[str]) -> dict[str, Decision]:
    """Those of these numbers whose outcome is published, carried or not; one query."""
    return {row.number: _decision(row) for row in _rows(conn, trust_id, numbers)}


def decision_problems(
    number: str, found: Decision | None, matters: Collection[str], on: date, where: str = "决议号"
) -> list[Problem]:
    """Why a published decision can't carry something of these matters (all, if empty) ``on`` a day."""
    if found is None:
        return [
            Problem(
                "unknown_decision",
                f"没有“{number}”这项已公布的决定；请核对号码，或等表决结果公布（以前纸质表决的，请业委会主任先登记）",
                where,
            )
        ]
    problems = []
    if not found.passed:
        problems.append(Problem("decision_failed", f"“{number}”没有表决通过，不能作为依据", where))
    if matters and found.matter not in matters:
        problems.append(
            Problem(
                "wrong_matter",
                f"“{number}”决定的是“{matter_title(found.matter)}”，不能用在这里；这里{_needed(matters)}",
                where,
            )
        )
    if found.effective_on > on:
        problems.append(
            Problem(
                "decision_not_in_force",
                f"“{number}”自 {found.effective_on} 起生效，{on} 还不能执行；请等到生效日",
                where,
            )
        )
    return problems


def record_decision(
    conn: Connection, trust_id: int, recorded: RecordedDecision, actor: Actor, act: Act
) -> int:
    """Record a decision taken on paper, outside this system; returns its place in the log.

    Only the chair may, and a scan is needed. It is shown as what it is: nothing here has counted it. With
    figures, they must meet the thresholds of the matter. Raises :class:`~ledger.errors.Refused`.
    """
    require_owners(actor, "resolution.record")
    lock_trust(conn, trust_id)
    problems = [*_recorded_problems(recorded, act.today), *_number_problems(conn, trust_id, recorded.number)]
    if not recorded.documents:
        problems.append(Problem("no_document", "请先上传决定的扫描件（决议、计票表或公告）", "扫描件"))
    problems += document_problems(conn, trust_id, recorded.documents, "扫描件")
    if problems:
        raise Refused(problems)
    body: dict[str, Any] = {"documents": list(recorded.documents)}
    if recorded.figures is not None:
        body["figures"] = {
            name: {"area": amount.area, "people": amount.people}
            for name, amount in (
                ("total", recorded.figures.total),
                ("took_part", recorded.figures.took_part),
                ("agreed", recorded.figures.agreed),
            )
        }
    row = {
        "number": recorded.number,
        "title": recorded.title.strip(),
        "matter": recorded.matter,
        "text": recorded.text.strip(),
        "decided_on": recorded.decided_on,
        "effective_on": recorded.effective_on,
        "passed": True,
        "source": RECORDED,
        "resolution": "",
        "item": 0,
        "body": msgspec.json.encode(body, order="sorted").decode(),
    }
    conn.execute(
        insert(decision_table).values(
            trust_id=trust_id, **row, recorded_at=act.now, recorded_by=actor.signature
        )
    )
    return publish_record(conn, trust_id, "decision", recorded.number, decision_value(row), act)


def _rows(conn: Connection, trust_id: int, numbers: Collection[str]) -> list[Row[Any]]:
    if not numbers:
        return []
    query = select(decision_table).where(
        decision_table.c.trust_id == trust_id, decision_table.c.number.in_(set(numbers))
    )
    return list(conn.execute(query))


def _decision(row: Row[Any]) -> Decision:
    return Decision(
        row.number, row.title, row.matter, row.decided_on, row.effective_on, row.passed, row.source
    )


def _unknown(conn: Connection, trust_id: int, number: str) -> tuple[str, str]:
    """Why there is no decision of this number: still being voted on, of several items, or never heard of."""
    items = conn.execute(
        select(decision_table.c.number)
        .where(decision_table.c.trust_id == trust_id, decision_table.c.resolution == number)
        .order_by(decision_table.c.item)
    ).scalars()
    if several := list(items):
        return "which_item", f"“{number}”有几个表决项，请写明是哪一项：{'、'.join(several)}"
    drafted = conn.execute(
        select(resolution_table.c.number)
        .where(resolution_table.c.trust_id == trust_id, resolution_table.c.number == number)
        .limit(1)
    ).first()
    if drafted is not None:
        return "not_decided_yet", f"“{number}”还没有公布表决结果，请等结果公布后再办"
    return (
        "unknown_decision",
        f"没有登记过“{number}”这项决定。请核对号码；是以前纸质表决的，请业委会主任先在“议事”里登记并上传扫描件",
    )


def _asked(wanted: Collection[str]) -> str:
    return f"：{_needed(wanted)}" if wanted else ""


def _needed(wanted: Collection[str]) -> str:
    known: list[Matter] = [matter for name, matter in matters().items() if name in wanted]
    titles = "或".join(f"“{matter.title}”" for matter in known)
    return f"需要业主共同决定{titles}，{known[0].needs}" if known else "需要业主共同决定"


def _recorded_problems(recorded: RecordedDecision, today: date) -> list[Problem]:
    problems = [
        *text_problems(recorded.title, "标题", longest=_LONGEST_TITLE),
        *text_problems(recorded.text, "决定内容", longest=_LONGEST_TEXT),
    ]
    matter = matters().get(recorded.matter)
    if matter is None:
        problems.append(Problem("unknown_matter", "请从事项表中选择一项", "事项"))
    elif recorded.figures is not None:
        problems += _figure_problems(matter, recorded.figures)
    if recorded.decided_on > today:
        problems.append(Problem("not_yet", "作出决定的日期还没到；要表决的事项请在系统里拟订", "决定日期"))
    if recorded.effective_on < recorded.decided_on:
        problems.append(Problem("bad_days", "生效日不能早于作出决定的那天", "生效日"))
    return problems


def _figure_problems(matter: Matter, figures: Figures) -> list[Problem]:
    sizes = (figures.agreed, figures.took_part, figures.total)
    if min(min(size) for size in sizes) < 0 or any(
        small.area > large.area or small.people > large.people for small, large in pairwise(sizes)
    ):
        return [Problem("bad_figures", "票数应是：同意 ≤ 参与 ≤ 总数，面积和人数都一样", "票数")]
    problems = []
    if not matter.participate.of(figures.took_part, figures.total).both:
        problems.append(
            Problem("too_few_took_part", f"参与表决的业主不够：{matter.needs}，按所填票数没有达到", "票数")
        )
    if not matter.agree.of(figures.agreed, figures.took_part).both:
        problems.append(
            Problem("too_few_agreed", f"同意的业主不够：{matter.needs}，按所填票数没有达到", "票数")
        )
    return problems


def _number_problems(conn: Connection, trust_id: int, number: str) -> list[Problem]:
    where = "决议号"
    if not number or number != number.strip() or len(number) > _LONGEST_NUMBER:
        return [Problem("bad_number", f"请填写决议号，前后不能有空格，不超过 {_LONGEST_NUMBER} 个字", where)]
    if not number.isprintable() or set(number) & set("/\\?#%&\"'<>"):
        return [Problem("bad_number", "决议号里不能有斜杠、问号、引号这类符号", where)]
    if number.replace("-", "").isdigit() and number.isascii():
        return [Problem("bad_number", "纯数字的号留给系统里的表决，请写成“业主大会2025-2号”的样子", where)]
    if _rows(conn, trust_id, [number]):
        return [Problem("number_taken", f"“{number}”已经登记过，登记过的决定不能改", where)]
    return []
