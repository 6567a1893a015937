"""The form in which a scheme is edited: what it shows, and what its buttons ask for. The same for a community
and for a street."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from disclosure.office.forms import Form
from disclosure.schemes.moves import move
from disclosure.schemes.sheet import SURVEY, Sheet, half_sum, read_sheet, sheet_from
from disclosure.schemes.words import ARG_TITLES
from ledger.errors import Problem
from ledger.evaluation.measures import measures
from ledger.evaluation.scheme import BODIES, FULL, HALVES, HOWS, Scheme, points_text
from ledger.evaluation.scheme_changes import scheme_changes
from ledger.evaluation.schemes_kept import SchemeVersion, version_problems
from ledger.periods.spans import FIRST_QUARTER, span_of

CHECK, RECORD, DOWNLOAD = "check", "record", "download"
_PLACES = {
    "等级": "bands",
    "一票否决": "vetoes",
    "酬金比例": "pay",
    "问卷": "survey",
    "生效日": "effective_on",
    "依据": "authority",
    **{title: half for half, title in HALVES.items()},
}
_INDICATOR = re.compile(r"指标 ([A-Za-z0-9_]+)(?:，|$)")


@dataclass(frozen=True, slots=True)
class Sent:
    """What the form sent: the sheet as typed, after ``button`` did its work; ``scheme`` as far as it can be read,
    with every problem of it."""

    sheet: Sheet
    button: str
    place: str
    base: str
    effective_on: date | None
    authority: str
    scheme: Scheme
    problems: tuple[Problem, ...]
    unread: tuple[Problem, ...]
    values: Mapping[str, str] = field(default_factory=dict)

    @property
    def shown_problems(self) -> tuple[Problem, ...]:
        """Those to show with the form: none while its rows are moved about, without a file those of reading."""
        if self.button == DOWNLOAD:
            return self.unread
        return () if self.place else self.problems


def read_sent(data: Mapping[str, Any], today: date) -> Sent:
    """Understand a form."""
    form = Form(data)
    button = form.text("do", "按钮", required=False, longest=80)
    sheet = sheet_from(data)
    place = move(sheet, button)
    form.problems.clear()
    effective_on = form.day("effective_on", "生效日")
    authority = form.text("authority", "依据", required=False, longest=10_000)
    scheme, unread = read_sheet(sheet)
    known = {problem.where for problem in unread}
    rest = version_problems(scheme, effective_on, authority, today)
    problems = (*unread, *(one for one in rest if one.where not in known), *form.problems)
    base = form.text("from", "底稿", required=False)
    values = {"effective_on": str(form.values.get("effective_on", "")), "authority": authority}
    return Sent(sheet, button, place, base, effective_on, authority, scheme, problems, tuple(unread), values)


def editor_values(
    sheet: Mapping[str, Any],
    base: SchemeVersion | None,
    today: date,
    *,
    action: str,
    values: Mapping[str, str] | None = None,
    problems: Sequence[Problem] = (),
    checked: bool = False,
    place: str = "",
) -> dict[str, Any]:
    """What the form's template is filled with. ``checked``: show what differs from ``base`` as well."""
    scheme = read_sheet(sheet)[0]
    return {
        "sheet": sheet,
        "base": base,
        "action": action,
        "values": values or {"effective_on": next_quarter(today).isoformat(), "authority": ""},
        "told": [(problem, _place_of(problem, sheet)) for problem in problems],
        "changes": scheme_changes(base.scheme, scheme) if base and checked else [],
        "checked": checked,
        "open_at": {place, *(_place_of(problem, sheet) for problem in problems)},
        "halves": [
            (half, title, points_text(half_sum(sheet, half)), half_sum(sheet, half) == FULL)
            for half, title in HALVES.items()
        ],
        "bodies": BODIES,
        "hows": HOWS,
        "sources": [("", "评分人登记"), (SURVEY, "业主问卷")],
        "measures": list(measures().values()),
        "args_of": _args_of,
        "arg_titles": ARG_TITLES,
    }


def next_quarter(today: date) -> date:
    """The first day of the next quarter: a round takes the version in force on the first day of its span."""
    year, quarter = divmod(today.year * 4 + (today.month - 1) // 3 + 1, 4)
    return span_of(year * 100 + FIRST_QUARTER + quarter).first


def _args_of(source: str) -> Mapping[str, int]:
    """The parameters of a measure with their usual values."""
    known = measures().get(source)
    return known.args if known else {}


def _place_of(problem: Problem, sheet: Mapping[str, Any]) -> str:
    """The id of the part of the form that a problem is about."""
    found = _INDICATOR.match(problem.where)
    if found:
        for half in HALVES:
            for no, row in enumerate(sheet[half]):
                if row.get("code") == found[1]:
                    return f"{half}-{no}"
    return _PLACES.get(problem.where, "scheme")
