"""Everything the public page, the PDF and the API say of a round, read at one consistent moment.

Figures are public from the preview (公示) on; before that only how far the round has come.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from disclosure.public.papers import shown_copies
from ledger.documents import public_documents
from ledger.errors import Unanswerable
from ledger.evaluation.consequences import Consequence, consequences_of
from ledger.evaluation.district import Spread, half_spreads_of, neighbours_of, spreads_of
from ledger.evaluation.result import Result, result_value, results_of
from ledger.evaluation.rounds import read_state
from ledger.evaluation.state import State
from ledger.evaluation.survey import SurveyResult, survey_result
from ledger.evaluation.value import PREVIEWED


@dataclass(frozen=True, slots=True)
class RoundFile:
    """A round, in one of its versions once it is final.

    ``state`` as it was right after that version; ``value`` what its JSON says, before the final record what it
    would say, None before the preview; ``shown`` None unless final. ``copies``: public copies of evidence by the
    SHA-256 of the original. ``district`` and ``spreads`` of what the round is compared with.
    """

    state: State
    value: Mapping[str, Any] | None
    shown: Result | None
    results: tuple[Result, ...]
    survey: SurveyResult | None
    copies: Mapping[str, str]
    consequences: tuple[Consequence, ...]
    district: str
    spreads: Mapping[str, Spread]

    @property
    def key(self) -> tuple[object, ...]:
        """Changes whenever the page would, besides the day."""
        said = (len(self.state.steps), sum(self.state.answers.values()), self.shown and self.shown.version)
        return (*said, len(self.results), sorted(self.copies.items()), self.consequences, repr(self.spreads))


def read_round(
    conn: Connection, trust_id: int, no: int, version: int | None = None, *, each: bool = False
) -> RoundFile:
    """A round, by default its newest version; ``each``: with the distributions of the indicators too. Raises
    :class:`~ledger.errors.Unanswerable`."""
    state = read_state(conn, trust_id, no)
    results = tuple(results_of(conn, trust_id, no))
    shown = next((one for one in results if version in (None, one.version)), None)
    if version is not None and shown is None:
        raise Unanswerable("no_result", f"第 {no} 轮评价没有这一版结果")
    if shown:
        state = state.until(state.results[shown.version - 1].no)
    public = state.stage in PREVIEWED
    value: Mapping[str, Any] | None = shown.value if shown else result_value(state) if public else None
    newest = bool(results) and shown is results[0]
    district, beside = neighbours_of(conn, trust_id) if newest else ("", ())
    return RoundFile(
        state=state,
        value=value,
        shown=shown,
        results=results,
        survey=survey_result(conn, trust_id, state) if public or state.stage == "survey" else None,
        copies=_copies(conn, trust_id, evidence_of(value)) if value else {},
        consequences=tuple(consequences_of(conn, trust_id, no)) if newest else (),
        district=district,
        spreads=(spreads_of if each else half_spreads_of)(conn, beside, state.period) if newest else {},
    )


def _copies(conn: Connection, trust_id: int, evidence: set[str]) -> dict[str, str]:
    """What everybody may open of each paper: its public copy, or itself if it is public."""
    copies = {digest: digest for digest in evidence} | shown_copies(conn, trust_id, evidence)
    served = public_documents(conn, trust_id, sorted(set(copies.values())))
    return {original: copy for original, copy in copies.items() if copy in served}


def evidence_of(value: Mapping[str, Any]) -> set[str]:
    """SHA-256 of every paper a result names."""
    items = [
        item
        for half in value["halves"].values()
        for indicator in half["indicators"]
        for rule in indicator["rules"]
        for item in rule["items"]
    ]
    named = [one["document"] for one in (*items, *value["vetoes"], *value["appeals"])]
    return {digest for digest in named if digest}
