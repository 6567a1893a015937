"""What was confirmed teaches: payers, accounts and kinds of memo, and what became of their lines.

Every time lines are linked to entries, what is typical of the line (a *feature*: the payer's account, the
payer's name, the memo without its figures) is kept with what the entry was (an *outcome*), one row a month.
A learned rule is a feature with its outcome; it is shown with the months it rests on, it can be revoked, and a
red letter to its entry takes its ground away. Rows are never changed.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import msgspec
from sqlalchemy import Connection, Select, exists, func, insert, select

from ledger.bank.bulk import insert_rows
from ledger.bank.lines import OpenLine
from ledger.errors import refuse
from ledger.journal.draft import Document, Draft, Line
from ledger.people import Actor
from ledger.store.tables import bank_lesson, bank_rule_step, entry
from ledger.trust.act import Act

_KEYS_A_QUERY = 5_000
_MAX_FEATURE = 100
_FIGURES = re.compile(r"[\d#]+")
_MONTH = re.compile(r"\d{1,2}月")
_HOUSEHOLD = ("112201", "112202", "112203", "220301")
_FORGET = ("co_sign", "related_party_consent", "clears")
"""References that stood for one payment and never for the next."""
_UNTAUGHT = frozenset({"E25a"})
FEATURES = {"account": "对方账号", "name": "户名", "memo": "摘要"}


class Outcome(msgspec.Struct, frozen=True, omit_defaults=True):
    """What became of a line: a home's payment (``unit``), a vendor's (``vendor``), or an entry like this."""

    kind: str
    unit: str = ""
    vendor: str = ""
    event: str = ""
    account: str = ""
    dims: Mapping[str, str] = {}
    summary: str = ""
    references: Mapping[str, str] = {}
    documents: tuple[Document, ...] = ()
    named: bool = False


_encode = msgspec.json.Encoder(order="deterministic").encode
_decode = msgspec.json.Decoder(Outcome).decode


@dataclass(frozen=True, slots=True)
class Lesson:
    """A learned rule: ``feature`` such as ``F1+name:王伟`` and what it leads to. ``months``: YYYYMM, rising."""

    lesson: str
    feature: str
    outcome: Outcome
    months: tuple[int, ...]

    @property
    def kind(self) -> str:
        """``account``, ``name`` or ``memo``."""
        return re.split(r"[+-]", self.feature.partition(":")[0], maxsplit=1)[-1]

    @property
    def value(self) -> str:
        """The payer, account or memo itself."""
        return self.feature.partition(":")[2]

    @property
    def reason(self) -> str:
        """Why it applies, for people."""
        told = "、".join(f"{month % 100}月" for month in self.months[-3:])
        return f"{FEATURES[self.kind]}与{told}相同"


def features(line: OpenLine, *, with_memo: bool = True) -> list[str]:
    """What is typical of a line, surest first; within its fund and direction."""
    where = f"{line.fund}{'+' if line.amount > 0 else '-'}"
    found = []
    number = line.counterparty_account.strip()
    if len(number) >= 5 and "*" not in number:
        found.append(f"{where}account:{number}")
    if name := "".join(line.counterparty.split()):
        found.append(f"{where}name:{name}")
    if with_memo:
        shape = _FIGURES.sub("#", "".join(line.memo.split()))
        if len(shape.replace("#", "")) >= 2:
            found.append(f"{where}memo:{shape}")
    return [feature[:_MAX_FEATURE] for feature in found]


def outcome_of(draft: Draft, bank_account: str) -> Outcome | None:
    """What an entry was, so that it can be made again for another amount; None if it can't."""
    others = [line for line in draft.lines if line.bank_account != bank_account]
    if draft.event in _UNTAUGHT or not others or any(line.details for line in others):
        return None
    units = {line.unit for line in others}
    if len(units) == 1 and "" not in units and all(line.account in _HOUSEHOLD for line in others):
        return Outcome("household", unit=units.pop())
    vendors = {line.vendor for line in others}
    if draft.event == "E11b" and len(vendors) == 1:
        return Outcome("vendor", vendor=vendors.pop())
    return _single(draft, others) if len(others) == 1 else None


def _single(draft: Draft, others: Sequence[Line]) -> Outcome:
    return Outcome(
        "entry",
        event=draft.event,
        account=others[0].account,
        dims=others[0].dimensions(),
        summary=_MONTH.sub("{month}", draft.summary.replace("{", "（").replace("}", "）")),
        references={k: v for k, v in draft.references.items() if k not in _FORGET},
        documents=tuple(d for d in draft.documents if d.kind not in ("bank_line", "channel_line", "invoice")),
        named=draft.counterparty_public,
    )


def learn(
    conn: Connection,
    trust_id: int,
    confirmed: Iterable[tuple[OpenLine, int, Draft]],
    once: Container[int] = (),
) -> None:
    """Keep what lines and their entries (seq) teach. Several lines of one entry teach nothing.

    Entries in ``once`` explained themselves (a room in the memo): what they teach is kept the first time only.
    """
    told = list(confirmed)
    lines_of = Counter(seq for _, seq, _ in told)
    rows: dict[tuple[str, int], tuple[Any, ...]] = {}
    for line, seq, draft in told:
        outcome = outcome_of(draft, line.bank_account) if lines_of[seq] == 1 else None
        if outcome is None:
            continue
        encoded = _encode(outcome).decode()
        period = line.on.year * 100 + line.on.month
        # half the homes write the same memo
        for feature in features(line, with_memo=outcome.kind != "household"):
            lesson = sha256(f"{feature}\n{encoded}".encode()).hexdigest()[:24]
            rows[lesson, 0 if seq in once else period] = (trust_id, lesson, seq, feature, encoded, period)
    known = _months(conn, trust_id, sorted({lesson for lesson, _ in rows}))
    fresh = (
        row
        for (lesson, period), row in rows.items()
        if not (known[lesson] if row[2] in once else period in known[lesson])
    )
    insert_rows(conn, bank_lesson, fresh)


def _months(conn: Connection, trust_id: int, lessons: Sequence[str]) -> Mapping[str, set[int]]:
    months: dict[str, set[int]] = defaultdict(set)
    for start in range(0, len(lessons), _KEYS_A_QUERY):
        chosen = bank_lesson.c.lesson.in_(lessons[start : start + _KEYS_A_QUERY])
        for lesson, period in conn.execute(
            _standing(select(bank_lesson.c.lesson, bank_lesson.c.period), trust_id).where(chosen)
        ):
            months[lesson].add(period)
    return months


def _standing(query: Select[Any], trust_id: int) -> Select[Any]:
    """Lessons whose entry was not cancelled by red letters."""
    undo = entry.alias()
    cancelled = exists().where(
        undo.c.trust_id == bank_lesson.c.trust_id, undo.c.reverses == bank_lesson.c.seq
    )
    return query.where(bank_lesson.c.trust_id == trust_id, ~cancelled)


def lessons_for(conn: Connection, trust_id: int, wanted: Iterable[str]) -> dict[str, list[Lesson]]:
    """Learned rules in use by feature; of several outcomes the one confirmed most, then latest, first."""
    keys = sorted(set(wanted))
    query = _standing(select(bank_lesson), trust_id).order_by(bank_lesson.c.period)
    rows: list[Any] = []
    for start in range(0, len(keys), _KEYS_A_QUERY):
        rows += conn.execute(
            query.where(bank_lesson.c.feature.in_(keys[start : start + _KEYS_A_QUERY]))
        ).all()
    revoked = revoked_rules(conn, trust_id)
    found: dict[str, list[Lesson]] = defaultdict(list)
    for lesson in _lessons(rows):
        if lesson.lesson not in revoked:
            found[lesson.feature].append(lesson)
    for some in found.values():
        some.sort(key=lambda lesson: (len(lesson.months), lesson.months[-1]), reverse=True)
    return found


def _lessons(rows: Iterable[Any]) -> list[Lesson]:
    by_lesson: dict[str, list[Any]] = defaultdict(list)
    for row in rows:
        by_lesson[row.lesson].append(row)
    return [
        Lesson(key, some[0].feature, _decode(some[0].outcome), tuple(sorted({row.period for row in some})))
        for key, some in by_lesson.items()
    ]


def list_rules(
    conn: Connection, trust_id: int, *, after: str = "", search: str = "", limit: int = 50
) -> list[tuple[Lesson, bool]]:
    """Learned rules in order of their key, and whether each is in use; ``after`` is the last one seen."""
    keys = _standing(select(bank_lesson.c.lesson), trust_id).where(bank_lesson.c.lesson > after).distinct()
    if search:
        keys = keys.where(bank_lesson.c.feature.contains(search, autoescape=True))
    chosen = list(conn.execute(keys.order_by(bank_lesson.c.lesson).limit(limit)).scalars())
    rows = conn.execute(
        _standing(select(bank_lesson), trust_id).where(bank_lesson.c.lesson.in_(chosen))
    ).all()
    revoked = revoked_rules(conn, trust_id)
    found = sorted(_lessons(rows), key=lambda lesson: lesson.lesson)
    return [(lesson, lesson.lesson not in revoked) for lesson in found]


def revoked_rules(conn: Connection, trust_id: int) -> set[str]:
    """The learned rules not to be used."""
    last = (
        select(bank_rule_step.c.lesson, func.max(bank_rule_step.c.step_no).label("step_no"))
        .where(bank_rule_step.c.trust_id == trust_id)
        .group_by(bank_rule_step.c.lesson)
        .subquery()
    )
    query = (
        select(bank_rule_step.c.lesson)
        .join(last, (last.c.lesson == bank_rule_step.c.lesson) & (last.c.step_no == bank_rule_step.c.step_no))
        .where(bank_rule_step.c.trust_id == trust_id, bank_rule_step.c.active.is_(False))
    )
    return set(conn.execute(query).scalars())


def set_rule(
    conn: Connection, trust_id: int, lesson: str, actor: Actor, act: Act, *, active: bool, note: str
) -> None:
    """Revoke a learned rule, or take it back into use. Raises :class:`~ledger.errors.Refused`."""
    where = (bank_lesson.c.trust_id == trust_id, bank_lesson.c.lesson == lesson)
    if conn.execute(select(bank_lesson.c.seq).where(*where).limit(1)).first() is None:
        raise refuse("unknown_rule", "没有这条规则，请刷新后再试", "规则")
    if (lesson not in revoked_rules(conn, trust_id)) == active:
        raise refuse("rule_as_it_is", "这条规则已经是这个状态", "规则")
    step = select(func.coalesce(func.max(bank_rule_step.c.step_no), 0)).where(
        bank_rule_step.c.trust_id == trust_id, bank_rule_step.c.lesson == lesson
    )
    conn.execute(
        insert(bank_rule_step).values(
            trust_id=trust_id,
            lesson=lesson,
            step_no=int(conn.execute(step).scalar_one()) + 1,
            active=active,
            note=note,
            acted_at=act.now,
            acted_by=actor.signature,
        )
    )
