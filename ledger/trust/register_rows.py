"""The sheet of units and owners (房屋与业主): its columns, and one row of it read."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from ledger.trust.owners import OWNER_KINDS
from ledger.trust.sheet import CellProblem, Cells, Column, Form, SheetRow, parse_area, parse_day, parse_part
from ledger.trust.units import MAX_AREA
from ledger.trust.uses import USE_KINDS

ROLES = {"owner": "业主", "tenant": "租户"}
_USES = {title: name for name, title in USE_KINDS.items()}
_KINDS = {title: name for name, title in OWNER_KINDS.items()}
_ROLES = {title: name for name, title in ROLES.items()}
_KEY = re.compile(r"[0-9A-Za-z-]{1,20}")
_PHONE = re.compile(r"\+?[0-9-]{5,20}")
_CODE = re.compile(r"[0-9A-Za-z\u4e00-\u9fff#-]{1,40}")
LONGEST_NAME = 60

REGISTER_FORM = Form(
    title="房屋与业主",
    columns=(
        Column("building", "楼栋", "几栋，如 3 或 3栋。", 8, required=True),
        Column("entrance", "单元", "几单元；没有单元写 0。填了“房号”的可以不写。", 8),
        Column("room", "室号", "门牌上的室号，如 1201。填了“房号”的可以不写。", 8),
        Column("unit", "房号", "系统里的房号。不填时由前三列拼成 03-2-1201，银行流水备注里的“3栋2单元1201”才认得出来。", 14),
        Column("use", "用途", "建设单位没卖掉的选“建设单位未售”。", 14, required=True, choices=tuple(_USES)),
        Column("area", "建筑面积", "平方米，最多两位小数，以产权证或实测报告为准。同一套房的第二位业主起可以不写。", 10),
        Column("role", "身份", "不填就是业主。租户只登记谁在住，不改变产权。", 8, choices=tuple(_ROLES)),
        Column("name", "姓名或名称", "业主或租户。还不知道业主的可以空着，以后再补。", 14),
        Column("kind", "类型", "不填就是个人。", 10, choices=tuple(_KINDS)),
        Column("share", "份额", "几位业主共有的写各人份额，如 1/2；都不写就平均分。夫妻不分份额的，两人都不写。", 8),
        Column("owner", "业主编号", "自己有编号的可以填。同一个人有几套房，几行写同一个编号；不填时，姓名和电话都相同的算同一个人。", 12),
        Column("phone", "电话", "只有办事的人看得到，从不公开。", 14),
        Column("address", "通讯地址", "不住在本小区的写寄信地址。从不公开。", 24),
        Column("starts_on", "起始日期", "业主：从哪天起有产权；租户：从哪天起租。不填按建账日。", 12),
        Column("ends_on", "租期止", "只有租户填；没有约定的不填。", 12),
    ),
    examples=(
        ("3栋", "2", "1201", "", "住宅", "89.12", "业主", "张三", "个人", "1/2", "", "13900000001", "", "2019-06-01", ""),
        ("3栋", "2", "1201", "", "住宅", "", "业主", "李四", "个人", "1/2", "", "13900000002", "", "2019-06-01", ""),
        ("3栋", "2", "1202", "", "住宅", "96.30", "业主", "张三", "个人", "", "", "13900000001", "", "", ""),
        ("3栋", "2", "1202", "", "住宅", "", "租户", "王五", "个人", "", "", "13900000003", "", "2025-03-01", "2026-02-28"),
        ("1栋", "0", "101", "01-0-0101", "商铺", "62.4", "业主", "和顺便利有限公司", "单位", "", "D-8", "028-0000001", "", "", ""),
        ("5栋", "1", "301", "", "建设单位未售", "98.6", "业主", "明和置业有限公司", "建设单位", "", "", "", "", "", ""),
    ),
    notes=(
        "一行写一套房的一位业主或租户。一套房有两位业主就写两行，房号相同。",
        "带 * 的列必须填。表头不要改，列的顺序可以换，用不到的列可以删。",
        "“示例”这一页只供参考，不会被导入；内容均为虚构。",
        "上传以后先看到预览，有错的格子会标出来，改好再传；确认之前什么都不会写进系统。",
        "已经登记过的房屋和业主再传一次不会重复，也不会被改掉；房屋卖了，请在房屋页面办理过户。",
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class RegisterRow:
    """One row read. ``area`` in 0.01 m², None if left out; ``share`` None: an equal part."""

    number: int
    unit: str
    building: str
    use_kind: str
    area: int | None
    role: str
    name: str
    kind: str
    share: Fraction | None
    owner: str
    phone: str
    address: str
    starts_on: date | None
    ends_on: date | None


def read_row(row: SheetRow, problems: list[CellProblem]) -> RegisterRow | None:
    """One row, or None if something in it is wrong, which is then added to ``problems``."""
    before = len(problems)
    cells = Cells(row, problems)
    building = building_code(cells.required("building", "楼栋"))
    read = RegisterRow(
        number=row.number,
        unit=_unit(cells, building),
        building=building,
        use_kind=_chosen(cells, "use", _USES, ""),
        area=cells.parsed("area", parse_area),
        role=_chosen(cells, "role", _ROLES, "owner"),
        name=cells.text("name"),
        kind=_chosen(cells, "kind", _KINDS, "person"),
        share=cells.parsed("share", parse_part),
        owner=cells.code("owner"),
        phone=cells.code("phone"),
        address=cells.text("address"),
        starts_on=cells.parsed("starts_on", parse_day),
        ends_on=cells.parsed("ends_on", parse_day),
    )
    _check(cells, read)
    return read if len(problems) == before else None


def building_code(text: str) -> str:
    """``03`` from 3, 03, 3栋, 3幢, 3号楼; other names as they are."""
    plain = re.sub(r"(栋|幢|号楼|座)$", "", text)
    return plain.zfill(2) if plain.isdecimal() else plain


def unit_code(building: str, entrance: str, room: str) -> str:
    """``03-2-1201``: the form that memos of bank lines are recognised by."""
    entrance = re.sub(r"单元$", "", entrance)
    door = re.sub(r"[室号]$", "", room)
    return "-".join(
        (
            building,
            str(int(entrance)) if entrance.isdecimal() else entrance,
            door.zfill(4) if door.isdecimal() else door,
        )
    )


def _unit(cells: Cells, building: str) -> str:
    written = cells.code("unit")
    if not written:
        entrance, room = cells.code("entrance"), cells.code("room")
        for name, text, title in (("entrance", entrance, "单元"), ("room", room, "室号")):
            if not text:
                cells.wrong(name, f"请填写{title}；没有单元写 0。或者直接填“房号”")
        if not (building and entrance and room):
            return ""
        written = unit_code(building, entrance, room)
    if not _CODE.fullmatch(written):
        cells.wrong("unit", f"房号“{written}”只能用汉字、字母、数字、# 和短横线，最长 40 字")
    return written


def _chosen(cells: Cells, name: str, choices: dict[str, str], default: str) -> str:
    text = cells.code(name)
    if not text and default:
        return default
    if text not in choices:
        said = f"“{text}”不在可填的范围里" if text else "请填写"
        cells.wrong(name, f"{said}，可填：{'、'.join(choices)}")
        return default
    return choices[text]


def _check(cells: Cells, read: RegisterRow) -> None:
    if read.area is not None and not 0 < read.area < MAX_AREA:
        cells.wrong("area", "面积须大于零、不足十万平方米")
    if len(read.name) > LONGEST_NAME:
        cells.wrong("name", f"最长 {LONGEST_NAME} 字")
    if read.owner and not _KEY.fullmatch(read.owner):
        cells.wrong("owner", "业主编号只能用字母、数字和短横线，最长 20 位")
    if read.phone and not _PHONE.fullmatch(read.phone):
        cells.wrong("phone", f"“{read.phone}”不像电话号码，只写数字和短横线")
    if not read.name and (read.owner or read.phone or read.address or read.share is not None):
        cells.wrong("name", "写了编号、电话、地址或份额，就要写姓名或名称")
    if read.role == "tenant":
        if not read.name:
            cells.wrong("name", "租户要写姓名或名称")
        if read.share is not None:
            cells.wrong("share", "租户没有份额，请清空")
    elif read.ends_on is not None:
        cells.wrong("ends_on", "只有租户填租期止；业主卖房请在房屋页面办理过户")
    if read.starts_on and read.ends_on and read.ends_on < read.starts_on:
        cells.wrong("ends_on", "租期止早于起始日期")
