"""The columns of the inquiries of many communities: the same on screen and in the files."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from disclosure.books.report import Cell, Report, Row, Shape, Table
from disclosure.books.report import Column as ReportColumn
from ledger.district import Summary
from ledger.inquiries.numbers import DistrictNumbers

_NONE = DistrictNumbers(0, 0, 0, 0, 0, 0)
NO_DISTRICT = "未分片区"
_NOTES = (
    "要办理的不含已经答复、等待评价或回访的；逾期按各小区自己的期限算。",
    "满意只算作过评价的：没有评价不算满意。",
)


@dataclass(frozen=True, slots=True)
class Line:
    """One community with its numbers."""

    community: Summary
    numbers: DistrictNumbers

    @property
    def satisfied_share(self) -> Fraction:
        """Of those who rated; below every share if nobody did."""
        return Fraction(self.numbers.satisfied, self.numbers.rated) if self.numbers.rated else Fraction(-1)


@dataclass(frozen=True, slots=True)
class Column:
    """``name`` is what it is sorted by; ``drill`` the list on the community's desk that a number leads to."""

    name: str
    title: str
    shape: Shape
    value: Callable[[Line], Cell]
    order: Callable[[Line], Fraction | int | str]
    width: int = 6
    descending: bool = True
    drill: str = ""
    alarm: bool = False


def _count(name: str, title: str, drill: str, *, alarm: bool = False) -> Column:
    def value(line: Line) -> int:
        number: int = getattr(line.numbers, name)
        return number

    return Column(name, title, "number", value, value, drill=drill, alarm=alarm)


def _share(line: Line) -> Cell:
    return f"{line.numbers.satisfied} / {line.numbers.rated}" if line.numbers.rated else "还没有评价"


def _name(line: Line) -> str:
    return line.community.name


def _district(line: Line) -> str:
    return line.community.district or NO_DISTRICT


COLUMNS: Sequence[Column] = (
    Column("name", "小区", "text", _name, _name, 10, descending=False),
    Column("district", "街道或片区", "text", _district, _district, 10, descending=False),
    _count("open", "要办理（件）", "state=open"),
    _count("overdue", "逾期（件）", "late=1", alarm=True),
    _count("at_community", "升级到社区（件）", "state=open&level=2"),
    _count("at_street", "升级到街道（件）", "state=open&level=3", alarm=True),
    Column("satisfied", "满意／已评价（件）", "text", _share, lambda line: line.satisfied_share, 8),
)
SORTS: Mapping[str, Column] = {column.name: column for column in COLUMNS}
DEFAULT_SORT = "overdue"


def lines_of(
    communities: Iterable[Summary],
    numbers: Mapping[int, DistrictNumbers],
    sort: str,
    *,
    descending: bool,
    only_late: bool = False,
) -> list[Line]:
    """All lines in order; equals by slug, so that the order is always the same."""
    lines = [Line(one, numbers.get(one.trust_id, _NONE)) for one in communities]
    if only_late:
        lines = [line for line in lines if line.numbers.overdue]
    lines.sort(key=lambda line: line.community.slug)
    lines.sort(key=SORTS[sort].order, reverse=descending)
    return lines


def report_of(lines: Sequence[Line], facts: tuple[str, ...], *, by: str, at: str, day: str) -> Report:
    """The same lines as a report, for the files."""
    table = Table(
        title="质询报修",
        columns=tuple(ReportColumn(column.title, column.shape, column.width) for column in COLUMNS),
        rows=(Row(tuple(column.value(line) for column in COLUMNS)) for line in lines),
        facts=(f"{len(lines)} 个小区", *facts),
        notes=_NOTES,
    )
    return Report("inquiries", "片区质询报修", "", "", day, (table,), by, at, unit="件")
