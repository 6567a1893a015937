"""Rounds of the dual hundred-point evaluation in the demo, taken through the real commands, day by day."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import msgspec
from sqlalchemy import Connection

from disclosure.demo.bookkeeper import Bookkeeper
from disclosure.demo.evaluation_plans import Plan, Seen
from ledger.evaluation import appeals, course, survey
from ledger.evaluation.rounds import read_state
from ledger.evaluation.scheme import Scheme, default_scheme
from ledger.evaluation.schemes_kept import record_district_scheme, record_scheme
from ledger.evaluation.state import State
from ledger.evaluation.value import Appeal, Line, Ruling, SelfAssessment, Sheet, VetoFinding
from ledger.people import Actor, Role
from ledger.periods.calendar import period_of, preceding
from ledger.periods.spans import Span, quarter_of, span_of
from ledger.store.engine import writing
from ledger.trust import Act, Unit

_LASTS = 20
"""Days from the end of a span to its final record."""
_MEASURED, _UNSAID = 4, 7
"""When the figures are taken, and how many days more it takes if the trustee says nothing of itself."""
_SURVEY_DAYS = 3
_ASKED_FOR = 9
"""Days from the end of a span until its questionnaire can be open on the demo's last day."""
_STAYS_OPEN = 12
"""Days that questionnaire takes, so that it is still open a week after the demo was made."""
_LEAST_OF_MANY, _LEAST_OF_FEW = 30, 10
"""How many homes must answer in a large community, and in any of the street."""


def quarters(today: date) -> tuple[Span, Span, Span]:
    """The quarter whose round was the last to end, the one before and the one after."""
    full = span_of(quarter_of(period_of(today)))
    while full.last + timedelta(days=_LASTS) > today:
        full = _preceding(full)
    return _preceding(full), full, span_of(quarter_of(period_of(full.last + timedelta(days=1))))


def asking_quarters(today: date) -> tuple[Span, Span, Span, Span]:
    """Of the community whose homes are being asked today: two whose rounds have ended, the one they are asked about,
    and the one after."""
    asked = span_of(quarter_of(period_of(today)))
    while asked.last + timedelta(days=_ASKED_FOR) > today:
        asked = _preceding(asked)
    full = _preceding(asked)
    return _preceding(full), full, asked, span_of(quarter_of(period_of(asked.last + timedelta(days=1))))


def _preceding(span: Span) -> Span:
    return span_of(quarter_of(preceding(period_of(span.first))))


def street_scheme() -> Scheme:
    """The default, for communities of any size."""
    kept = default_scheme()
    fewer = msgspec.structs.replace(kept.survey, least_answers=_LEAST_OF_FEW)
    return msgspec.structs.replace(kept, title="锦溪街道双百分制方案", survey=fewer)


def own_scheme() -> Scheme:
    """Stricter with the watch at night, and with more homes to answer."""
    kept = street_scheme()
    service = tuple(
        msgspec.structs.replace(
            one,
            rules=tuple(
                msgspec.structs.replace(rule, each=1_00) if rule.code == "patrol" else rule
                for rule in one.rules
            ),
        )
        for one in kept.service
    )
    more = msgspec.structs.replace(kept.survey, least_answers=_LEAST_OF_MANY)
    return msgspec.structs.replace(kept, title="明和苑双百分制方案", service=service, survey=more)


def record_schemes(
    conn: Connection, keeper: Bookkeeper, people: Mapping[Role, Actor], district: str, today: date
) -> None:
    """The street's scheme, in force from the first round on, and the community's own from the second on."""
    earlier, full, *_ = asking_quarters(today)
    party, first = people[Role.PARTY], keeper.act(earlier.first - timedelta(days=20))
    record_district_scheme(
        conn, district, street_scheme(), earlier.first, "街道物业管理联席会议", party, first
    )
    own = keeper.act(full.first - timedelta(days=20))
    record_scheme(
        conn, keeper.trust_id, own_scheme(), full.first, "业委会第 4 次会议", people[Role.CHAIR], own
    )


def answering(units: Sequence[Unit], answers: Sequence[str], own: Actor | None = None) -> dict[str, Actor]:
    """Owners who answer, by home: of each building as many as its line of the plan has words."""
    found: dict[str, Actor] = {}
    homes: dict[str, list[str]] = {}
    for unit in units:
        if unit.use_kind == "home":
            homes.setdefault(unit.building, []).append(unit.unit)
    for building, line in zip(sorted(homes), answers, strict=False):
        for home in homes[building][: len(line.split())]:
            owner = Actor(f"demo-{home}", "业主（演示）", frozenset({Role.RESIDENT}), "演示", (home,))
            found[home] = own if own and home in own.units else owner
    return found


@dataclass(frozen=True, slots=True)
class _Event:
    day: date
    hour: int
    span: Span
    plan: Plan
    step: Callable[[Connection, Span, Plan, Act], None]


class Evaluations:
    """The rounds of a community, plans by span. ``people`` by role; ``units``: whose owners answer the
    questionnaire; ``opened``: the first day of its books; ``today``: the demo's last day, on which a plan that asks
    has its questionnaire open."""

    def __init__(
        self,
        keeper: Bookkeeper,
        people: Mapping[Role, Actor],
        units: Sequence[Unit],
        plans: Mapping[int, Plan],
        opened: date = date.min,
        today: date = date.max,
    ) -> None:
        self._opened, self._today = opened, today
        self._keeper, self._people, self._units = keeper, people, units
        self._trust_id = keeper.trust_id
        self._rounds: dict[int, int] = {}
        events = [event for period, plan in plans.items() for event in self._events(span_of(period), plan)]
        self._plan = sorted(events, key=lambda event: (event.day, event.hour))

    def live(self, until: date) -> None:
        """Whatever has come by a day and was not done."""
        while self._plan and self._plan[0].day <= until:
            event = self._plan.pop(0)
            act = self._keeper.act(event.day, hour=event.hour)
            with writing(self._keeper.engine) as conn:
                event.step(conn, event.span, event.plan, act)

    def _events(self, span: Span, plan: Plan) -> Iterator[_Event]:
        """The steps with the days after the span's last on which they are taken."""
        if plan.asks:
            yield from self._asking(span, plan)
            return
        steps = (
            (None, 9, self._open),
            (2, 9, self._recuse),
            (3, 10, self._assess),
            (_MEASURED, 9, self._measure),
            (6, 10, self._committee),
            (7, 10, self._party),
            (7, 15, self._veto),
            (8, 9, self._ask),
            (9, 19, self._answer),
            (12, 9, self._preview),
            (14, 10, self._appeal),
            (16, 10, self._rule),
            (17, 10, self._reply),
            (_LASTS, 9, self._finish),
        )
        for days, hour, step in steps[: plan.steps]:
            if days is None:
                day = self._opening(span)
            else:
                waited = 0 if plan.text or days < _MEASURED else _UNSAID
                day = span.last + timedelta(days=days + waited)
            yield _Event(day, hour, span, plan, step)

    def _asking(self, span: Span, plan: Plan) -> Iterator[_Event]:
        """The same as far as the questionnaire, which is open on the last day."""
        yield _Event(self._opening(span), 9, span, plan, self._open)
        yield _Event(span.last + timedelta(days=2), 10, span, plan, self._assess)
        steps = ((6, 9, self._measure), (5, 10, self._committee), (4, 9, self._ask), (2, 19, self._answer))
        for before, hour, step in steps:
            yield _Event(self._today - timedelta(days=before), hour, span, plan, step)

    def _opening(self, span: Span) -> date:
        return max(span.first, self._opened) + timedelta(days=1)

    def _of(self, span: Span) -> tuple[int, int]:
        return self._trust_id, self._rounds[span.code]

    def _state(self, conn: Connection, span: Span) -> State:
        return read_state(conn, *self._of(span))

    def _open(self, conn: Connection, span: Span, plan: Plan, act: Act) -> None:
        party = self._people[Role.PARTY]
        self._rounds[span.code] = course.open_round(conn, self._trust_id, span.code, party, act)

    def _recuse(self, conn: Connection, span: Span, plan: Plan, act: Act) -> None:
        if plan.recused:
            role, why = plan.recused
            who = self._people[role]
            course.recuse(conn, *self._of(span), who.person, why, who, act)

    def _assess(self, conn: Connection, span: Span, plan: Plan, act: Act) -> None:
        """Full points but for what the plan says otherwise; of the service only, which is the trustee's."""
        if plan.text:
            full = {one.code: one.weight for one in self._state(conn, span).scheme.service}
            said = SelfAssessment({**full, **plan.said}, plan.text)
            course.assess_self(conn, *self._of(span), said, self._people[Role.REVIEWER], act)

    def _measure(self, conn: Connection, span: Span, plan: Plan, act: Act) -> None:
        course.take_figures(conn, *self._of(span), self._people[Role.PARTY], act)

    def _committee(self, conn: Connection, span: Span, plan: Plan, act: Act) -> None:
        self._sheet(conn, span, plan, act, "committee", self._people[Role.CHAIR])

    def _party(self, conn: Connection, span: Span, plan: Plan, act: Act) -> None:
        self._sheet(conn, span, plan, act, "party", self._people[Role.PARTY])

    def _sheet(self, conn: Connection, span: Span, plan: Plan, act: Act, body: str, actor: Actor) -> None:
        """All indicators of a body that people score; a line for each thing that was seen."""
        scheme = self._state(conn, span).scheme
        codes = [
            one.code
            for _, one in scheme.indicators()
            if body in one.scorers and any(rule.by_hand for rule in one.rules)
        ]
        lines = []
        for seen in plan.seen:
            one = scheme.indicator(seen.indicator)
            rule = one.rule(seen.rule) if one else None
            if seen.body == body and rule is not None and rule.by_hand:
                paper, on = self._paper(conn, span, seen, act)
                lines.append(
                    Line(seen.indicator, seen.rule, on, seen.what, seen.count, seen.whole, "", paper)
                )
        sheet = Sheet(body, tuple(codes), tuple(lines))
        course.submit_sheet(conn, *self._of(span), sheet, actor, act, unrelated=True)

    def _veto(self, conn: Connection, span: Span, plan: Plan, act: Act) -> None:
        if plan.veto:
            paper, on = self._paper(conn, span, plan.veto, act)
            found = VetoFinding(plan.veto.rule, on, plan.veto.what, paper)
            course.find_veto(conn, *self._of(span), found, self._people[Role.PARTY], act, unrelated=True)

    def _ask(self, conn: Connection, span: Span, plan: Plan, act: Act) -> None:
        closes_on = act.today + timedelta(days=_STAYS_OPEN if plan.asks else _SURVEY_DAYS)
        survey.open_survey(conn, *self._of(span), closes_on, self._people[Role.PARTY], act)

    def _answer(self, conn: Connection, span: Span, plan: Plan, act: Act) -> None:
        choices = " ".join(plan.answers).split()
        own = self._people.get(Role.RESIDENT)
        asked = [unit for unit in self._units if not (plan.asks and own and unit.unit in own.units)]
        owners = answering(asked, plan.answers, own)
        for choice, (home, owner) in zip(choices, owners.items(), strict=True):
            survey.answer(conn, *self._of(span), home, choice, owner, act)

    def _preview(self, conn: Connection, span: Span, plan: Plan, act: Act) -> None:
        appeals.preview(conn, *self._of(span), self._people[Role.PARTY], act)

    def _appeal(self, conn: Connection, span: Span, plan: Plan, act: Act) -> None:
        if said := plan.objection:
            found = self._state(conn, span).findings()[said.indicator, said.rule]
            ref = found.items[0].ref if found else ""
            paper = self._scan(conn, said.paper, [("事项", said.reason[:24], False)], span, act)
            one = Appeal(ref, said.reason, paper)
            appeals.appeal(conn, *self._of(span), one, self._people[Role.REVIEWER], act)

    def _rule(self, conn: Connection, span: Span, plan: Plan, act: Act) -> None:
        if said := plan.objection:
            (waiting,) = self._state(conn, span).open_appeals()
            ruling = Ruling(waiting.no, said.stands, said.ruling)
            appeals.rule(conn, *self._of(span), ruling, self._people[said.by], act, unrelated=True)

    def _reply(self, conn: Connection, span: Span, plan: Plan, act: Act) -> None:
        if plan.reply:
            appeals.reply(conn, *self._of(span), plan.reply, self._people[Role.REVIEWER], act)

    def _finish(self, conn: Connection, span: Span, plan: Plan, act: Act) -> None:
        appeals.finalise(conn, *self._of(span), self._people[Role.PARTY], act)

    def _paper(self, conn: Connection, span: Span, seen: Seen, act: Act) -> tuple[str, date]:
        """The evidence, and the day it is of."""
        on = span.last - timedelta(days=seen.before)
        rows = [("日期", f"{on:%Y-%m-%d}", False), ("情况", seen.what, False), ("检查人", "网格员", True)]
        return self._scan(conn, seen.paper, rows, span, act), on

    def _scan(
        self, conn: Connection, title: str, rows: Sequence[tuple[str, str, bool]], span: Span, act: Act
    ) -> str:
        number = f"PJ-{span.slug}-{len(title)}{act.today:%m%d}"
        return self._keeper.paper(conn, "evidence", title, rows, number, act.today).public
