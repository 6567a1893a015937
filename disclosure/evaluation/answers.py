"""The questionnaire in words: sums only, and none of too few homes."""

from __future__ import annotations

from dataclasses import dataclass

from disclosure.evaluation.read import RoundFile
from ledger.evaluation.survey import OTHERS


@dataclass(frozen=True, slots=True)
class SurveyView:
    """Sums of the questionnaire; ``satisfied`` '' and no ``choices`` if too few answered to show them."""

    question: str
    answers: int
    homes: int
    least: int
    enough: bool
    satisfied: str
    choices: tuple[tuple[str, str], ...]
    groups: tuple[tuple[str, str, str], ...]


def survey_view(file: RoundFile) -> SurveyView | None:
    found, asked = file.survey, file.state.scheme.survey
    if found is None:
        return None
    closed = file.value is not None
    choices = found.choices if closed and found.choices is not None else None
    return SurveyView(
        question=asked.question,
        answers=found.answers,
        homes=found.units,
        least=asked.least_answers,
        enough=found.enough,
        satisfied=f"{found.satisfied} / {found.answers} 户" if choices is not None else "",
        choices=tuple((one.title, f"{choices.get(one.code, 0)} 户") for one in asked.choices)
        if choices is not None
        else (),
        groups=tuple(
            (_building(group.building), f"{group.answers} 户", f"{group.satisfied} 户")
            for group in (found.groups if closed else ())
        ),
    )


def _building(name: str) -> str:
    if name == OTHERS:
        return "其他各栋（合并）"
    return f"{name} 栋" if name.isdigit() else name
