"""Lines of the registers as forms and as cells of a table: one description for each register."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from disclosure.office.forms import Form
from ledger.registers import Row
from ledger.registers.checks import MOST_POINTS
from ledger.registers.value import (
    ACTIVITY_KINDS,
    AREAS,
    EQUIPMENT_KINDS,
    PAPER_KINDS,
    SAFEGUARD_KINDS,
    SYNC_ITEMS,
    Activity,
    Body,
    Checklist,
    Equipment,
    Institution,
    Paper,
    Plan,
    Point,
    Posts,
    Safeguard,
    Sync,
    hours_text,
)

Names = Mapping[int, str]
"""What each piece of equipment is called."""
_HOURS = re.compile(r"(\d{1,6})(\.5|\.0)?", re.ASCII)
_LONGEST = 60
_MORE_POINTS = 5
YES_NO = {"yes": "是", "no": "否"}


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a form. ``choices`` makes it a list to choose from."""

    name: str
    title: str
    hint: str = ""
    type: str = "text"
    choices: Mapping[str, str] | None = None
    required: bool = True


@dataclass(frozen=True, slots=True)
class Sheet:
    """A register in the office: a sentence for a newcomer, headings and cells, the form and what it means."""

    hint: str
    day: str
    heads: tuple[str, ...]
    cells: Callable[[Any, Names], tuple[str, ...]]
    fields: Callable[[Names], Sequence[Field]]
    values: Callable[[Any], dict[str, str]]
    read: Callable[[Form], Body]
    points: bool = False


def sheet_values(sheet: Sheet, row: Row[Any]) -> dict[str, str]:
    """What a form that replaces a line begins with."""
    return {"on": row.on.isoformat(), **sheet.values(row.body)}


def point_rows(values: Mapping[str, Any]) -> range:
    """The rows of points a form offers: those filled in, and some more."""
    filled = [no for no in range(1, MOST_POINTS + 1) if values.get(f"what_{no}")]
    return range(1, min(max(filled, default=0) + _MORE_POINTS, MOST_POINTS) + 1)


def _hours(form: Form) -> int:
    text = form.text("hours", "服务时长")
    match = _HOURS.fullmatch(text)
    if text and match is None:
        form.problem("bad_number", "服务时长请填小时数，如 24 或 24.5", "服务时长")
    return int(match[1]) * 60 + (30 if match[2] == ".5" else 0) if match else 0


def _chosen(name: str, title: str, choices: Mapping[str, str]) -> Field:
    return Field(name, title, choices=choices)


def _read_checklist(form: Form) -> Body:
    points = [
        Point(form.choice(f"area_{no}", f"第 {no} 点的方面", AREAS), what)
        for no in range(1, MOST_POINTS + 1)
        if (what := form.text(f"what_{no}", f"第 {no} 点", required=False, longest=_LONGEST))
    ]
    return Checklist(
        form.text("title", "检查单名称", longest=_LONGEST),
        tuple(points),
        form.whole("every_days", "巡查间隔天数", required=False, most=400),
        form.whole("fix_days", "整改天数", least=1, most=400),
    )


def _checklist_values(body: Checklist) -> dict[str, str]:
    values = {"title": body.title, "every_days": str(body.every_days or ""), "fix_days": str(body.fix_days)}
    for no, point in enumerate(body.points, start=1):
        values |= {f"area_{no}": point.area, f"what_{no}": point.what}
    return values


def _read_paper(form: Form) -> Body:
    equipment = form.text("equipment", "设施")
    return Paper(
        int(equipment) if equipment.isascii() and equipment.isdecimal() and len(equipment) < 9 else 0,
        form.choice("kind", "种类", PAPER_KINDS),
        form.text("number", "编号", required=False, longest=_LONGEST),
        form.day("good_until", "有效期至", required=False),
    )


SHEETS: Mapping[str, Sheet] = {
    "sync": Sheet(
        "建党组织与登记备案、日常监管、评价评议是否同步，每项登记一行，附批复或备案。",
        "从哪天起",
        ("事项", "是否同步"),
        lambda body, _: (body.title, "已同步" if body.in_step else "未同步"),
        lambda _: (_chosen("item", "事项", SYNC_ITEMS), _chosen("in_step", "已同步", YES_NO)),
        lambda body: {"item": body.item, "in_step": "yes" if body.in_step else "no"},
        lambda form: Sync(
            form.choice("item", "事项", SYNC_ITEMS), form.choice("in_step", "已同步", YES_NO) == "yes"
        ),
    ),
    "posts": Sheet(
        "只登记到组织：有几个职位、其中几个交叉任职。不写人名，不写谁是党员。",
        "从哪天起",
        ("组织", "职数", "交叉任职"),
        lambda body, _: (body.organisation, str(body.seats), str(body.held)),
        lambda _: (
            Field("organisation", "组织", "如“业主委员会”“受托人项目部”"),
            Field("seats", "职数", type="number"),
            Field("held", "其中交叉任职", type="number"),
        ),
        lambda body: {"organisation": body.organisation, "seats": str(body.seats), "held": str(body.held)},
        lambda form: Posts(
            form.text("organisation", "组织", longest=_LONGEST),
            form.whole("seats", "职数", most=1_000),
            form.whole("held", "交叉任职数", most=1_000),
        ),
    ),
    "plans": Sheet(
        "每年打算办几次。评价按到期末应办的次数计算完成率；评价期开始以后改的计划，从下一期起算。",
        "定于哪天",
        ("年份", "种类", "次数"),
        lambda body, _: (str(body.year), ACTIVITY_KINDS[body.kind], str(body.times)),
        lambda _: (
            Field("year", "年份", type="number"),
            _chosen("kind", "种类", ACTIVITY_KINDS),
            Field("times", "全年次数", type="number"),
        ),
        lambda body: {"year": str(body.year), "kind": body.kind, "times": str(body.times)},
        lambda form: Plan(
            form.choice("kind", "种类", ACTIVITY_KINDS),
            form.whole("year", "年份", most=9_999),
            form.whole("times", "全年次数", most=1_000),
        ),
    ),
    "activities": Sheet(
        "办了一次登记一行：来了多少人、一共服务多少小时。不写谁来了、帮了谁。",
        "哪天办的",
        ("种类", "活动", "人数", "服务时长"),
        lambda body, _: (
            ACTIVITY_KINDS[body.kind],
            body.title,
            f"{body.people} 人",
            f"{hours_text(body.minutes)} 小时",
        ),
        lambda _: (
            _chosen("kind", "种类", ACTIVITY_KINDS),
            Field("title", "活动", "如“清理楼道杂物”"),
            Field("people", "人数", type="number"),
            Field("hours", "服务时长（小时）", "各人的加在一起，如 24 或 24.5"),
        ),
        lambda body: {
            "kind": body.kind,
            "title": body.title,
            "people": str(body.people),
            "hours": hours_text(body.minutes),
        },
        lambda form: Activity(
            form.choice("kind", "种类", ACTIVITY_KINDS),
            form.text("title", "活动", longest=_LONGEST),
            form.whole("people", "人数", most=100_000),
            _hours(form),
        ),
    ),
    "safeguards": Sheet(
        "只登记有没有、到哪天为止、凭据是什么。名册里的人不进本系统。",
        "截至哪天（演练写哪天办的）",
        ("种类", "名称"),
        lambda body, _: (SAFEGUARD_KINDS[body.kind], body.title),
        lambda _: (
            _chosen("kind", "种类", SAFEGUARD_KINDS),
            Field("title", "名称", "如“独居老人名册”“防汛预案”"),
        ),
        lambda body: {"kind": body.kind, "title": body.title},
        lambda form: Safeguard(
            form.choice("kind", "种类", SAFEGUARD_KINDS), form.text("title", "名称", longest=_LONGEST)
        ),
    ),
    "institutions": Sheet(
        "应有哪些制度和台账，各登记一行，缺的写“缺”，评价时一项扣一次。",
        "从哪天起",
        ("制度或台账", "有没有"),
        lambda body, _: (body.title, "有" if body.kept else "缺"),
        lambda _: (Field("title", "制度或台账"), _chosen("kept", "是否建立", YES_NO)),
        lambda body: {"title": body.title, "kept": "yes" if body.kept else "no"},
        lambda form: Institution(
            form.text("title", "制度或台账", longest=_LONGEST),
            form.choice("kept", "是否建立", YES_NO) == "yes",
        ),
    ),
    "equipment": Sheet(
        "电梯、水箱、消防等要定期检验、维保的设施，一台一行。",
        "从哪天起",
        ("种类", "名称", "位置", "维保间隔"),
        lambda body, _: (
            EQUIPMENT_KINDS[body.kind],
            body.title,
            body.place or "—",
            f"{body.upkeep_days} 天" if body.upkeep_days else "不记",
        ),
        lambda _: (
            _chosen("kind", "种类", EQUIPMENT_KINDS),
            Field("title", "名称", "如“1号楼1号电梯”，会公开"),
            Field("place", "位置", required=False),
            Field("upkeep_days", "每几天维保一次", "不用系统记维保的，留空", type="number", required=False),
        ),
        lambda body: {
            "kind": body.kind,
            "title": body.title,
            "place": body.place,
            "upkeep_days": str(body.upkeep_days or ""),
        },
        lambda form: Equipment(
            form.choice("kind", "种类", EQUIPMENT_KINDS),
            form.text("title", "名称", longest=_LONGEST),
            form.text("place", "位置", required=False, longest=_LONGEST),
            form.whole("upkeep_days", "维保间隔天数", required=False, most=1_000),
        ),
    ),
    "papers": Sheet(
        "检验、检测合格证写有效期到哪天；维保做一次登记一行。到期前 30 天工作台会提醒。",
        "检验、维保日期",
        ("设施", "种类", "编号", "有效期至"),
        lambda body, names: (
            names.get(body.equipment, f"第 {body.equipment} 号设施"),
            PAPER_KINDS[body.kind],
            body.number or "—",
            body.good_until.isoformat() if body.good_until else "—",
        ),
        lambda names: (
            _chosen("equipment", "设施", {str(no): name for no, name in names.items()}),
            _chosen("kind", "种类", PAPER_KINDS),
            Field("number", "编号", required=False),
            Field("good_until", "有效期至", "维保记录不填", type="date", required=False),
        ),
        lambda body: {
            "equipment": str(body.equipment),
            "kind": body.kind,
            "number": body.number,
            "good_until": body.good_until.isoformat() if body.good_until else "",
        },
        _read_paper,
    ),
    "checklists": Sheet(
        "现场检查要看的点。点的文字会公开，写地方和看什么，不写房号、姓名。",
        "从哪天起",
        ("检查单", "检查点", "受托人巡查间隔", "整改期限"),
        lambda body, _: (
            body.title,
            f"{len(body.points)} 个",
            f"每 {body.every_days} 天" if body.every_days else "不定期",
            f"{body.fix_days} 天",
        ),
        lambda _: (
            Field("title", "检查单名称"),
            Field("every_days", "受托人每几天巡查一次", "不定期的留空；漏巡会扣分", "number", required=False),
            Field("fix_days", "不合格的几天内整改", type="number"),
        ),
        _checklist_values,
        _read_checklist,
        points=True,
    ),
}
"""By the register's name."""
