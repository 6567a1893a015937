"""What the people of the demo community do besides its books: talk, ask, keep registers, evaluate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

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
    """Lives beside the books. What an evaluation measures comes before the evaluation."""

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

    def talk(self, first: date, last: date) -> None:
        """The talks and questions of the days from one to another; none if the last comes before the first."""
        for offset in range((last - first).days + 1):
            day = first + timedelta(days=offset)
            self._talks.live(day)
            self._questions.live(day, day)

    def evaluate(self, until: date) -> None:
        """The registers and evaluations up to a day. They come after the books of the month: what a published
        result does to the remuneration, the bookkeeper of the demo takes into account from the next month on."""
        self._registers.live(until)
        self._evaluations.live(until)
