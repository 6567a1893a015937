"""What the desk proposes for open bank lines: choices with reasons, the surest first. Nothing is posted here.

Every choice has a name that stays the same while the line and the books do; accepting names it, and it is
worked out anew then. A choice is an entry (a draft), or a link to an entry that is there (``seq``).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import Connection, and_, func, select

from ledger.bank.confirming import Alike, find_confirmations
from ledger.bank.desk import Desk, read_desk
from ledger.bank.lessons import Lesson, features, lessons_for
from ledger.bank.lines import OpenLine, Place, open_lines
from ledger.bank.relearn import by_lesson
from ledger.bank.rules import Decision, by_template, household, to_be_cleared, unit_in, vendor_payment
from ledger.bank.waiting import take_off_what_waits
from ledger.journal.draft import Draft
from ledger.journal.head import peek_head
from ledger.money import format_yuan
from ledger.store.tables import owner_contact, title, title_share
from ledger.trust.act import Act
from ledger.trust.setup import load_setup
from ledger.work.read import lines_in_work

TO_BE_CLEARED = "to-be-cleared"
_SURE, _LIKELY, _MAYBE, _LAST = 90, 70, 40, 5


@dataclass(frozen=True, slots=True)
class Choice:
    """One way to book a line. ``confidence`` 0–100 only orders them; ``ref`` names an entry that is there."""

    id: str
    title: str
    reasons: tuple[str, ...]
    confidence: int
    draft: Draft | None = None
    seq: int | None = None
    ref: str = ""

    @property
    def sure(self) -> bool:
        """Whether the box is ticked beforehand."""
        return self.confidence >= _LIKELY


@dataclass(frozen=True, slots=True)
class Suggested:
    """An open line with its choices, best first; ``waiting``: the number of the work that has it."""

    line: OpenLine
    choices: tuple[Choice, ...]
    waiting: int | None = None

    @property
    def best(self) -> Choice | None:
        """The choice one keystroke accepts."""
        return self.choices[0] if self.choices else None


@dataclass(slots=True)
class Knowledge:
    """What is known about some lines: the desk, what was learned, what may be confirmed, whose name it is."""

    desk: Desk
    lessons: Mapping[str, Sequence[Lesson]] = field(default_factory=dict)
    possible: Mapping[tuple[str, str], Sequence[Alike]] = field(default_factory=dict)
    homes: Mapping[str, Sequence[str]] = field(default_factory=dict)


def suggestions(
    conn: Connection,
    trust_id: int,
    act: Act,
    *,
    account: str = "",
    after: Place | None = None,
    limit: int = 50,
) -> list[Suggested]:
    """Open lines, oldest first, each with what could be made of it; ``after`` is the last one seen."""
    lines = open_lines(conn, trust_id, account=account, after=after, limit=limit)
    waiting = lines_in_work(conn, trust_id)
    known = learn_about(conn, trust_id, lines, act)
    found = []
    for line in lines:
        work = waiting.get((line.bank_account, line.line_key))
        choices = () if work is not None else tuple(choices_for(known, line))
        found.append(Suggested(line, choices, work))
    return found


def learn_about(conn: Connection, trust_id: int, lines: Sequence[OpenLine], act: Act) -> Knowledge:
    """Read what choices for these lines need; a fixed number of queries."""
    head = peek_head(conn, trust_id)
    setup = load_setup(conn, trust_id, head.setup_version)
    desk = read_desk(conn, setup, head.closed, "", "", act)
    take_off_what_waits(conn, trust_id, desk)
    confirmations = find_confirmations(conn, setup, act.today)
    possible: dict[tuple[str, str], Sequence[Alike]] = dict(confirmations.possible)
    possible |= {(line.bank_account, line.line_key): [alike] for line, alike in confirmations.certain}
    wanted = {feature for line in lines for feature in features(line)}
    names = {line.counterparty for line in lines if line.amount > 0 and line.counterparty}
    return Knowledge(
        desk, lessons_for(conn, trust_id, wanted), possible, _homes(conn, trust_id, names, act.today)
    )


def _homes(conn: Connection, trust_id: int, names: set[str], today: date) -> dict[str, list[str]]:
    """Units by the registered names of those who own them today."""
    if not names:
        return {}
    current = (
        select(title.c.unit, func.max(title.c.no).label("no"))
        .where(title.c.trust_id == trust_id, title.c.starts_on <= today)
        .group_by(title.c.unit)
        .subquery()
    )
    query = (
        select(owner_contact.c.name, title_share.c.unit)
        .join(
            title_share,
            and_(
                title_share.c.trust_id == owner_contact.c.trust_id,
                title_share.c.owner == owner_contact.c.owner,
            ),
        )
        .join(current, and_(current.c.unit == title_share.c.unit, current.c.no == title_share.c.no))
        .where(owner_contact.c.trust_id == trust_id, owner_contact.c.name.in_(names))
        .order_by(title_share.c.unit)
    )
    found: dict[str, list[str]] = defaultdict(list)
    for name, unit in conn.execute(query):
        found[name].append(unit)
    return found


def choices_for(known: Knowledge, line: OpenLine) -> list[Choice]:
    """All choices for a line, best first, each once."""
    best: dict[str, Choice] = {}
    for choice in _choices(known, line):
        held = best.get(_essence(choice))
        if held is None:
            best[_essence(choice)] = choice
            continue
        first, second = sorted((held, choice), key=lambda c: -c.confidence)
        best[_essence(choice)] = Choice(
            first.id,
            first.title,
            tuple(dict.fromkeys((*first.reasons, *second.reasons))),
            min(first.confidence + 5, 99),
            first.draft,
            first.seq,
            first.ref,
        )
    return sorted(best.values(), key=lambda choice: -choice.confidence)


def _essence(choice: Choice) -> str:
    """Two choices that make the same postings are one, with both their reasons."""
    if choice.draft is None:
        return f"entry {choice.seq}"
    return repr((choice.draft.event, choice.draft.lines))


def choice_named(known: Knowledge, line: OpenLine, name: str) -> tuple[Choice, Decision | None] | None:
    """The choice of that name, and its entry made for good: what it takes is off the desk afterwards."""
    choice = next((c for c in choices_for(known, line) if c.id == name), None)
    if choice is None:
        return None
    if choice.draft is None:
        return choice, None
    return choice, _decision(known, known.desk, line, name)


def _decision(known: Knowledge, desk: Desk, line: OpenLine, name: str) -> Decision | None:
    rule, _, value = name.partition(":")
    if rule == "template":
        return by_template(desk, line)
    if rule == "household":
        return household(desk, line, value)
    if rule == "vendor":
        return vendor_payment(desk, line, value)
    if rule == "learned":
        lesson = next((item for item in _lessons(known, line) if item.lesson == value), None)
        return by_lesson(desk, line, lesson.outcome) if lesson else None
    return to_be_cleared(desk, line)


def _lessons(known: Knowledge, line: OpenLine) -> list[Lesson]:
    return [lesson for feature in features(line) for lesson in known.lessons.get(feature, ())]


def _choices(known: Knowledge, line: OpenLine) -> Iterator[Choice]:
    alikes = known.possible.get((line.bank_account, line.line_key), ())
    for alike in alikes:
        yield _confirming(line, alike, alone=len(alikes) == 1)
    desk = known.desk
    by_hand = desk.by_hand is not None and desk.by_hand.search(line.memo) is not None
    for template in desk.templates:
        if not by_hand and template.takes(line):
            yield from _made(known, line, f"template:{template.name}", _SURE, f"规则：{template.name}")
            break
    yield from _of_home(known, line)
    yield from _learned(known, line)
    vendor = desk.vendors.get(line.counterparty)
    if vendor is not None:
        yield from _made(
            known, line, f"vendor:{vendor}", _SURE - 5, "户名是登记的供应商，应付款正好是这个金额"
        )
    yield from _made(known, line, TO_BE_CLEARED, _LAST, "还不知道是谁付的：先记待查款，查清后再核销")


def _confirming(line: OpenLine, alike: Alike, *, alone: bool) -> Choice:
    """Of several candidates none is sure enough to be ticked beforehand, the nearest day first."""
    days = abs((alike.posting.on - line.on).days)
    if alone:
        confidence = _SURE + 8 if alike.by_number else _SURE if alike.by_name else _LIKELY + 10 - min(days, 9)
    else:
        confidence = _LIKELY - 1 - min(days, 20)
    title_ = f"核对到已入账的凭证 {alike.posting.ref}（{alike.posting.on} {alike.posting.summary}），不再入账"
    return Choice(
        f"confirms:{alike.posting.seq}",
        title_,
        alike.reasons,
        confidence,
        None,
        alike.posting.seq,
        alike.posting.ref,
    )


def _of_home(known: Knowledge, line: OpenLine) -> Iterator[Choice]:
    desk = known.desk
    unit = unit_in(desk, line.memo)
    if unit is not None:
        owed = sum(amount for _, amount in desk.owed.get(unit, ()))
        exact = owed == line.amount
        yield from _made(
            known, line, f"household:{unit}", _SURE + 5 * exact, f"摘要含房号 {unit}",
            *(["金额正好是欠费"] if exact else []),
        )  # fmt: skip
    homes = known.homes.get(line.counterparty, ())
    for home in homes[:3]:
        confidence = _LIKELY if len(homes) == 1 else _MAYBE
        yield from _made(known, line, f"household:{home}", confidence, f"户名与 {home} 的登记业主相同")


def _learned(known: Knowledge, line: OpenLine) -> Iterator[Choice]:
    ways = {"account": _LIKELY + 10, "name": _LIKELY + 5, "memo": _MAYBE + 10}
    for feature in features(line):
        some = known.lessons.get(feature, ())
        for place, lesson in enumerate(some[:3]):
            sure = ways[lesson.kind] + min(len(lesson.months), 3) if len(some) == 1 else _MAYBE - place
            yield from _made(known, line, f"learned:{lesson.lesson}", sure, lesson.reason)


def _made(known: Knowledge, line: OpenLine, name: str, confidence: int, *reasons: str) -> Iterator[Choice]:
    """The choice of that name, if its rule makes anything of the line."""
    decision = _decision(known, known.desk.trial(), line, name)
    if decision is not None and len(decision.lines) == 1:
        yield Choice(name, described(decision.draft, line), reasons, confidence, decision.draft)


def described(draft: Draft, line: OpenLine) -> str:
    """What an entry does with the line's money, in a sentence."""
    parts = []
    for other in draft.lines:
        if other.bank_account == line.bank_account:
            continue
        about = other.unit or other.vendor or other.contract or other.party or other.project
        named = "" if about in ("", "UNKNOWN") else f" {about}"
        parts.append(f"{_TITLES.get(other.account, other.account)}{named} {format_yuan(other.amount)}")
    return f"{draft.summary}：{'，'.join(parts)}"


_TITLES = {
    "112201": "冲欠物业费", "112202": "冲欠停车费", "112203": "冲欠公摊", "220301": "预收", "224105": "待查款",
    "220201": "冲应付", "5016": "手续费", "4101": "利息",
}  # fmt: skip
