"""How the service was judged last, to stand beside its price (质价相符)."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from disclosure.evaluation.lines import RECENT, newest
from disclosure.evaluation.words import TOO_LITTLE
from ledger.evaluation.district import rounds_of
from ledger.evaluation.scheme import FULL, points_text
from ledger.periods.spans import span_name


@dataclass(frozen=True, slots=True)
class ServiceScore:
    """The last final score of the service in words; ``path`` of its round below the community's, '' without one."""

    text: str
    path: str = ""


def service_score(conn: Connection, trust_id: int) -> ServiceScore:
    """What the newest final result says of the service. One query."""
    final, _ = newest(rounds_of(conn, trust_id, limit=RECENT))
    if final is None:
        return ServiceScore("未评，还没有评价过")
    points, possible, grade = final.points["service"], final.possible["service"], final.grades["service"]
    path, title = f"/evaluations/{final.round}", span_name(final.period)
    if points is None or not possible:
        return ServiceScore(f"{title}未评", path)
    of = "" if possible == FULL else f"在评了的 {points_text(possible)} 分里"
    judged = f"{grade} 级" if grade else TOO_LITTLE
    vetoed = f"（有 {final.vetoes} 项一票否决）" if final.vetoes else ""
    return ServiceScore(f"{title}{of}得 {points_text(points)} 分，{judged}{vetoed}", path)
