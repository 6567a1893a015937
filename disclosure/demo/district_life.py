"""What goes on in the two small communities besides money: questions, and a round of the evaluation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from types import MappingProxyType

from disclosure.demo.bookkeeper import PREPARER, REVIEWER, Bookkeeper
from disclosure.demo.evaluation_plans import STUCK, VETOED
from disclosure.demo.evaluations import Evaluations, quarters
from disclosure.demo.inquiries import Questions
from disclosure.demo.inquiry_stories import BESIDE
from ledger.documents import Location
from ledger.people import Actor, Role
from ledger.people.accounts import Person
from ledger.trust import Unit

_PLANS = MappingProxyType({"guihuli": STUCK, "dongliyuan": VETOED})
NEIGHBOURS = MappingProxyType(
    {
        "guihuli": (("guihu-1", "童禾"), ("guihu-2", "柏宁")),
        "dongliyuan": (("dongli-1", "戚远"), ("dongli-2", "葛夏")),
    }
)


def panel(slug: str, above: Mapping[Role, Person]) -> dict[Role, Actor]:
    """Who does what in a small community; the log-ins of community and street are the demo's own."""

    def actor(role: Role, signature: str) -> Actor:
        return Actor(f"demo-{slug}-{role}", signature, frozenset({role}), "演示")

    return {
        Role.PREPARER: actor(Role.PREPARER, PREPARER),
        Role.REVIEWER: actor(Role.REVIEWER, REVIEWER),
        Role.COMMITTEE: actor(Role.COMMITTEE, "业委会委员"),
        Role.CHAIR: actor(Role.CHAIR, "业委会主任"),
        **{
            role: Actor(person.person, person.signature, frozenset({role}), "演示")
            for role, person in above.items()
        },
    }


def live_beside_money(
    keeper: Bookkeeper,
    slug: str,
    documents: Location,
    people: Mapping[Role, Actor],
    units: Sequence[Unit],
    first: date,
    today: date,
) -> None:
    """Everything from the day the books opened until today; to be called once, after the months."""
    questions = Questions(
        keeper.engine, keeper.trust_id, documents, people, today, BESIDE[slug], NEIGHBOURS[slug]
    )
    questions.move_in(units, first)
    questions.live(first, today)
    _, full, _ = quarters(today)
    if first <= full.last:
        Evaluations(keeper, people, units, {full.code: _PLANS[slug]}, opened=first).live(today)
