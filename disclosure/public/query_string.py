"""The filters of the entry list as they stand in the address, both ways."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from urllib.parse import urlencode

from disclosure.public.entry_filter import DIMENSIONS, REFERENCES, Cursor, Filter
from ledger.chart import FUNDS
from ledger.errors import Refused
from ledger.money import parse_yuan
from ledger.periods.calendar import first_day, last_day
from ledger.totals import DIRECTIONS

FIELDS = (
    "q",
    "month",
    "to",
    "direction",
    "fund",
    "book",
    "account",
    "vendor",
    "contract",
    "project",
    "site",
    "budget_line",
    "resolution",
    "min",
    "max",
    "corrected",
    "late",
    "question",
)
BOOKS = ("A", "M")
NAMED = (*DIMENSIONS, *REFERENCES)
_TEXT_LIMIT = 50


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked: the fields as typed, the filter they mean, and what could not be understood."""

    fields: Mapping[str, str]
    filter: Filter
    problems: tuple[str, ...]
    before: Cursor | None
    after: Cursor | None

    @property
    def active(self) -> bool:
        """Whether anything is filtered."""
        return any(self.fields.values())

    def address(self, **changed: str) -> str:
        """The query string that asks the same, at another place of the list or with a field changed."""
        return urlencode({name: value for name, value in {**self.fields, **changed}.items() if value})

    def without(self, *names: str) -> str:
        """The query string that asks the same without some of the fields, from the newest on."""
        return self.address(**dict.fromkeys(names, ""))


def read_query(query: Mapping[str, str]) -> Asked:
    """Understand an address. What makes no sense is left out of the filter and named in ``problems``.

    ``month`` is ``2025-09`` or a whole year ``2025``; with ``to``, the months from one to the other.
    """
    fields = {name: _clean(query.get(name, "")) for name in FIELDS}
    problems: list[str] = []
    first, last = _months(fields["month"], fields["to"], problems)
    fund = _one_of(fields["fund"], FUNDS, "没有这个资金类别，已忽略", problems)
    direction = _one_of(fields["direction"], DIRECTIONS, "没有这个收支类别，已忽略", problems)
    asked_book = _one_of(fields["book"], BOOKS, "没有这本账，已忽略", problems)
    book, _, account = fields["account"].partition("-")
    if fields["account"] and not (book in BOOKS and account.isascii() and account.isdecimal()):
        problems.append("没有这个科目，已忽略")
        book = account = ""
    if account and asked_book not in ("", book):
        problems.append("科目和账本对不上，已按科目查找")
    low, high = _amount(fields["min"], problems), _amount(fields["max"], problems)
    if low is not None and high is not None and low > high:
        problems.append("金额的下限比上限大，没有账目能符合，请改过来")
    return Asked(
        fields=fields,
        filter=Filter(
            first=first,
            last=last,
            fund=fund,
            book=book or asked_book,
            account=account,
            low=low,
            high=high,
            text=fields["q"],
            direction=direction,
            corrected=bool(fields["corrected"]),
            late=bool(fields["late"]),
            question=bool(fields["question"]),
            **{name: fields[name] for name in NAMED},
        ),
        problems=tuple(problems),
        before=_cursor(query.get("before", "")),
        after=_cursor(query.get("after", "")),
    )


KINDS = {"vendor": "供应商", "contract": "合同", "project": "项目", "site": "点位"}


def with_codes(asked: Asked, names: Mapping[tuple[str, str], str]) -> Asked:
    """The same with what was typed as the name of a vendor, contract, … replaced by its code.

    ``names``: public names by dimension and code. A name that fits none or several is ignored and said so.
    """
    fields, problems = dict(asked.fields), list(asked.problems)
    for kind, title in KINDS.items():
        typed = fields[kind]
        if not typed or (kind, typed) in names:
            continue
        of_kind = {code: name for (dimension, code), name in names.items() if dimension == kind}
        fitting = [code for code, name in of_kind.items() if name == typed] or [
            code for code, name in of_kind.items() if typed in name
        ]
        fields[kind] = fitting[0] if len(fitting) == 1 else ""
        if not fitting:
            problems.append(f"没有叫“{typed}”的{title}，已忽略")
        elif len(fitting) > 1:
            some = "、".join(of_kind[code] for code in fitting[:5])
            problems.append(f"有 {len(fitting)} 个{title}的名字里有“{typed}”（{some}…），请写全")
    changed: dict[str, Any] = {kind: fields[kind] for kind in KINDS}
    return replace(asked, fields=fields, problems=tuple(problems), filter=replace(asked.filter, **changed))


def cursor_text(cursor: Cursor) -> str:
    """A place in the list as it stands in an address."""
    return f"{cursor.day.isoformat()}.{cursor.seq}"


def _clean(text: str) -> str:
    return "".join(char for char in text if char.isprintable()).strip()[:_TEXT_LIMIT]


def _one_of(text: str, known: Container[str], otherwise: str, problems: list[str]) -> str:
    if text and text not in known:
        problems.append(otherwise)
        return ""
    return text


def _months(text: str, to: str, problems: list[str]) -> tuple[date | None, date | None]:
    first, last = _month(text, problems), _month(to, problems)
    if first is not None and last is not None and last[1] < first[0]:
        problems.append("结束月份早于开始月份，已对调")
        first, last = last, first
    if last is None and not to:
        last = first
    return first[0] if first else None, last[1] if last else None


def _month(text: str, problems: list[str]) -> tuple[date, date] | None:
    """The first and last day of a month ``2025-09`` or a year ``2025``."""
    if not text:
        return None
    try:
        if len(text) == 4 and text.isascii() and text.isdecimal():
            return first_day(int(text) * 100 + 1), last_day(int(text) * 100 + 12)
        period = read_period(text)
        return first_day(period), last_day(period)
    except (ValueError, Refused):
        problems.append(f"读不懂月份“{text}”，请写成 2025-09 的样子，全年写成 2025")
        return None


def read_period(text: str) -> int:
    """``2025-09`` as 202509. Raises ValueError, or Refused for a month that does not exist."""
    year, dash, month = text.partition("-")
    if not (
        dash
        and len(year) == 4
        and len(month) == 2
        and (year + month).isascii()
        and (year + month).isdecimal()
    ):
        raise ValueError(text)
    period = int(year) * 100 + int(month)
    first_day(period)
    return period


def _amount(text: str, problems: list[str]) -> int | None:
    if not text:
        return None
    try:
        return min(abs(parse_yuan(text)), 10**17)
    except ValueError as error:
        problems.append(str(error))
        return None


def _cursor(text: str) -> Cursor | None:
    day, _, seq = text.partition(".")
    try:
        return Cursor(date.fromisoformat(day), max(0, min(int(seq), 10**17)))
    except ValueError:
        return None
