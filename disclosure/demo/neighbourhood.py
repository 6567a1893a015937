"""What the people of the demo community do besides its books: talk, ask, keep registers, evaluate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from disclosure.demo.bookkeeper import Bookkeeper
from disclosure.demo.evaluation_plans import ASKING, BEFORE, FULL, NEXT
from disclosure.demo.evaluations import Evaluations, asking_quarters
from disclosure.demo.inquiries import Questions
from disclosure.demo.registers import Registers
from disclosure.demo.talks import Talks
from ledger.documents import Location
from ledger.people import Actor, Role
from ledger.trust import Unit


class Neighbourhood:
    """Lives a month at a time. What an evaluation measures comes before the evaluation."""

    def __init__(
        self,
        keeper: Bookkeeper,
        documents: Location,
        people: Mapping[Role, Actor],
        units: Sequence[Unit],
        first: date,
        today: date,
    ) -> None:
        self._talks = Talks(keeper.engine, keeper, people, today)
        self._questions = Questions(keeper.engine, keeper.trust_id, documents, people, today)
        self._questions.move_in(units, first)
        self._registers = Registers(keeper, documents, people, first, today)
        spans = zip(asking_quarters(today), (BEFORE, FULL, ASKING, NEXT), strict=True)
        plans = {span.code: plan for span, plan in spans if span.first >= first}
        self._evaluations = Evaluations(keeper, people, units, plans, today=today)

    def live(self, month: date, until: date) -> None:
        """The days of a month up to one."""
        self._talks.live(until)
        self._questions.live(month, until)
        self._registers.live(until)
        self._evaluations.live(until)
