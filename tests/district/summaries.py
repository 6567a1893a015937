"""Made-up summaries of many communities, for tests that ask about reading them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from random import Random

from sqlalchemy import Engine

from ledger.district import Summary, keep_summary
from ledger.store.engine import writing

DAY = date(2025, 6, 30)
NOON = datetime(2025, 6, 30, 4, tzinfo=UTC)


def made_up(trust_id: int, **known: object) -> Summary:
    """A summary whose figures repeat often enough that the order of equals matters."""
    random = Random(trust_id)

    def few() -> int:
        return random.choice((0, 0, 1, 2, 30))

    values: dict[str, object] = {
        "trust_id": trust_id,
        "slug": f"trust-{trust_id}",
        "name": f"第{trust_id % 7}小区{trust_id}",
        "trustee": f"物业{trust_id % 3}",
        "district": ("", "东街道", "西街道")[trust_id % 3],
        "grid": f"网格{trust_id % 5}",
        "refreshed_at": NOON,
        "day": DAY,
        "log_size": 100 + few(),
        "setup_version": 1,
        "signed_size": 100,
        "signed_at": NOON,
        "growth": few(),
        "common": random.randrange(-5, 10**9),
        "maintenance": random.randrange(10**9),
        "funds": {"F1": few(), "M": few()},
        "quiet_days": random.choice((-1, 0, 3, 40)),
        "late": few(),
        "late_days": few(),
        "late_titles": "收支情况",
        "open_lines": few(),
        "open_days": few(),
        "months_behind": few(),
        "corrections": few(),
        "co_sign": few(),
        "over_budget": few(),
        "votes": few(),
        "bare": few(),
        "overdrawn": few(),
        "checkpoint_days": random.choice((-1, 0, 5)),
    }
    return Summary(**(values | known))  # type: ignore[arg-type]


def keep_many(engine: Engine, count: int, first: int = 1) -> list[Summary]:
    """Keep so many made-up summaries."""
    made = [made_up(trust_id) for trust_id in range(first, first + count)]
    with writing(engine) as conn:
        for summary in made:
            keep_summary(conn, summary)
    return made
