"""Who owns the homes of the demo community, and how long its trustee is in office. All invented."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from random import Random

from sqlalchemy import Connection

from disclosure.demo.community import TRUSTEE
from disclosure.demo.world import GIVEN, SURNAMES
from ledger.trust import Act, Unit
from ledger.trust.owner_register import Person, add_people
from ledger.trust.tenure import Tenure, record_tenure
from ledger.trust.titles import NewTitle, record_titles

_SEED = 20250902
_COUPLES = 3
"""Every third home is owned by two people."""
_DEVELOPER = "蓉城置业有限公司"


def register(conn: Connection, trust_id: int, units: Sequence[Unit], signature: str, act: Act) -> None:
    """Record the owners of all units and the trustee's first tenure."""
    rng = Random(_SEED)  # noqa: S311 - an invented world must be the same every time
    people, titles = [Person("dev", "developer", _DEVELOPER)], []
    for place, unit in enumerate(units):
        keys = ["dev"]
        if unit.use_kind != "unsold":
            keys = [f"o{place}", f"o{place}b"] if place % _COUPLES == 0 else [f"o{place}"]
            people += [Person(key, "person", _name(rng)) for key in keys]
        shares = dict.fromkeys(keys, Fraction(1, len(keys)))
        titles.append(NewTitle(unit.unit, act.today, "first", "移交的业主名册", shares))
    add_people(conn, trust_id, people, act)
    record_titles(conn, trust_id, titles, signature=signature, act=act)
    first = act.today
    tenure = Tenure(
        TRUSTEE,
        first,
        date(first.year + 3, first.month, 1),
        "物业服务（信托）合同",
        90,
        "业主大会决议 2025-1 号",
    )
    record_tenure(conn, trust_id, tenure, act)


def _name(rng: Random) -> str:
    return rng.choice(SURNAMES) + "".join(rng.sample(GIVEN, rng.choice((1, 2))))
