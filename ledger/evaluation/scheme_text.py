"""A scheme as the TOML that people edit: what :func:`~ledger.evaluation.scheme.read_scheme` reads back unchanged."""

from __future__ import annotations

import json
from typing import Any

import msgspec

from ledger.evaluation.scheme import POINTS, Indicator, Scheme, points_text


def write_scheme(scheme: Scheme) -> str:
    """All of it, points as decimals; what has its usual value is left out."""
    lines = [f"title = {_value(scheme.title)}"]
    days = ("least_weight", "self_days", "scoring_days", "appeal_days")
    lines += [f"{name} = {_value(getattr(scheme, name), name)}" for name in days]
    for name in ("bands", "vetoes", "pay"):
        lines += ["", *_list(name, getattr(scheme, name))]
    survey = scheme.survey
    lines += [
        "",
        "[survey]",
        f"question = {_value(survey.question)}",
        f"least_answers = {survey.least_answers}",
    ]
    lines += _list("choices", survey.choices)
    for half in ("service", "party"):
        for indicator in scheme.half(half):
            lines += ["", f"[[{half}]]", *_indicator(indicator)]
    return "\n".join(lines) + "\n"


def _indicator(indicator: Indicator) -> list[str]:
    lines = [
        f"{name} = {_value(getattr(indicator, name), name)}"
        for name in ("code", "title", "weight", "scorers", "evidence")
    ]
    return [*lines, *_list("rules", indicator.rules)]


def _list(name: str, rows: tuple[Any, ...]) -> list[str]:
    return [f"{name} = [", *(f"    {_table(row)}," for row in rows), "]"]


def _table(row: msgspec.Struct) -> str:
    usual = {
        field.name: field.default if field.default_factory is msgspec.NODEFAULT else field.default_factory()
        for field in msgspec.structs.fields(row)
    }
    said = [
        f"{name} = {_value(value, name)}"
        for name, value in msgspec.structs.asdict(row).items()
        if value != usual[name]
    ]
    return f"{{ {', '.join(said)} }}"


def _value(value: Any, name: str = "") -> str:
    if name in POINTS:
        return json.dumps(points_text(value))
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return f"{{ {', '.join(f'{key} = {item}' for key, item in value.items())} }}"
    if isinstance(value, (tuple, list)):
        return f"[{', '.join(_value(item) for item in value)}]"
    return str(value) if isinstance(value, int) else json.dumps(value, ensure_ascii=False)
