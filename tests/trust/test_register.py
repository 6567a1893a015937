"""Units and owners come in by a sheet: every mistake is marked in its cell before anything is written."""

from __future__ import annotations

import io
import zipfile
from datetime import date
from fractions import Fraction
from time import process_time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, func, select

from ledger.errors import Refused
from ledger.store.engine import open_engine, reading, writing
from ledger.store.tables import owner, title, unit
from ledger.trust.owners import owners_of, owners_on, tenants_on
from ledger.trust.register import RegisterPlan, apply_register, plan_register
from ledger.trust.register_rows import REGISTER_FORM
from ledger.trust.sheet import SheetRow, parse_area, parse_day, parse_part, read_sheet
from ledger.trust.units import units_on
from ledger.trust.workbooks import marked_xlsx, template_xlsx
from tests.ledger.books import OPENED, TODAY, Books, act, open_books, some
from tests.trust.sheets import Row, comma_separated, filled, home, rows_of


def planned(books: Books, rows: list[Row]) -> RegisterPlan:
    with reading(books.engine) as conn:
        return plan_register(conn, books.trust_id, rows_of(rows), TODAY)


def imported(books: Books, rows: list[Row]) -> RegisterPlan:
    with writing(books.engine) as conn:
        plan = plan_register(conn, books.trust_id, rows_of(rows), TODAY)
        apply_register(conn, books.trust_id, plan, signature="会计甲", act=act())
    return plan


def counts(books: Books) -> dict[str, int]:
    with reading(books.engine) as conn:
        return {t.name: conn.scalar(select(func.count()).select_from(t)) or 0 for t in (unit, owner, title)}


def test_a_sheet_becomes_units_owners_shares_and_tenants(engine: Engine) -> None:
    books = open_books(engine)
    rows = [
        home(share="1/2", starts_on="2019-06-01"),
        home(name="李四", phone="13900000002", area="", share="50%", starts_on="2019/6/1"),
        home(room="1202", area="96.3"),
        home(room="1202", area="", role="租户", name="王五", phone="13900000003", starts_on="2025年3月1日"),
        {
            "building": "1",
            "unit": "01-0-0101",
            "use": "商铺",
            "area": "62.4",
            "name": "和顺便利有限公司",
            "kind": "单位",
            "owner": "D-8",
        },
        {"building": "5", "entrance": "1", "room": "301", "use": "建设单位未售", "area": "98.60"},
    ]
    plan = imported(books, rows)
    assert (len(plan.units), len(plan.people), len(plan.titles), len(plan.tenancies)) == (4, 4, 3, 1)
    with reading(engine) as conn:
        units = {u.unit: u for u in units_on(conn, books.trust_id, TODAY)}
        owners = owners_of(conn, books.trust_id, TODAY)
        (tenancy,) = tenants_on(conn, books.trust_id, TODAY)
        earlier = owners_on(conn, books.trust_id, "03-2-1201", date(2019, 6, 1))
    assert (units["03-2-1201"].area, units["03-2-1201"].building) == (8912, "03")
    assert (units["01-0-0101"].use_kind, units["05-1-0301"].use_kind) == ("shop", "unsold")
    assert {s.name: s.share for s in owners["03-2-1201"]} == {"张三": Fraction(1, 2), "李四": Fraction(1, 2)}
    assert earlier == owners["03-2-1201"]
    assert owners["03-2-1202"][0].owner in {s.owner for s in owners["03-2-1201"]}, (
        "same name and phone: same person"
    )
    assert owners["01-0-0101"][0].owner == "D-8"
    assert "05-1-0301" not in owners
    assert (tenancy.unit, tenancy.name, tenancy.starts_on) == ("03-2-1202", "王五", date(2025, 3, 1))


def test_the_same_sheet_again_changes_nothing(engine: Engine) -> None:
    books = open_books(engine)
    rows = [
        home(),
        home(name="李四", phone="", area=""),
        home(room="1202", role="租户", name="王五", phone=""),
    ]
    imported(books, rows)
    before = counts(books)
    again = imported(books, rows)
    assert again.writes_nothing
    assert (again.unchanged, counts(books)) == (2, before)


WRONG: list[tuple[dict[str, str], str, str]] = [
    ({"building": ""}, "building", "请填写楼栋"),
    ({"room": ""}, "room", "请填写室号"),
    ({"use": "住房"}, "use", "“住房”不在可填的范围里"),
    ({"use": ""}, "use", "请填写"),
    ({"area": "89.123"}, "area", "最多两位小数"),
    ({"area": "约90"}, "area", "读不懂面积"),
    ({"area": "0"}, "area", "大于零"),
    ({"area": "-5"}, "area", "读不懂面积"),
    ({"area": ""}, "area", "请填写建筑面积"),
    ({"role": "住户"}, "role", "可填：业主、租户"),
    ({"kind": "公司"}, "kind", "可填"),
    ({"share": "一半"}, "share", "读不懂份额"),
    ({"share": "2"}, "share", "不超过 1"),
    ({"share": "1月2日"}, "share", "改成了日期"),
    ({"share": "1/2"}, "share", "应正好是 1"),
    ({"phone": "见备注"}, "phone", "不像电话号码"),
    ({"owner": "甲"}, "owner", "只能用字母、数字"),
    ({"name": ""}, "name", "就要写姓名"),
    ({"starts_on": "2025-02-30"}, "starts_on", "读不懂日期"),
    ({"starts_on": "2099-01-01"}, "starts_on", "还没到"),
    ({"ends_on": "2025-12-31"}, "ends_on", "只有租户"),
    ({"role": "租户", "share": "1/2"}, "share", "租户没有份额"),
    ({"role": "租户", "starts_on": "2025-03-01", "ends_on": "2025-02-01"}, "ends_on", "早于"),
    ({"unit": "=cmd|' /C calc'!A0"}, "unit", "只能用汉字、字母、数字"),
]


@pytest.mark.db("sqlite")
@pytest.mark.parametrize(("changes", "column", "said"), WRONG)
def test_a_mistake_is_marked_in_its_row_and_column(
    engine: Engine, changes: dict[str, str], column: str, said: str
) -> None:
    books = open_books(engine)
    before = counts(books)
    plan = planned(books, [home(room="101", name="赵六", phone="13900000009"), home(**changes)])
    marked = [p for p in plan.problems if p.column == column]
    assert [p.row for p in marked] == [3]
    assert said in marked[0].message
    with pytest.raises(Refused) as refused, writing(engine) as conn:
        apply_register(conn, books.trust_id, plan, signature="会计甲", act=act())
    assert "第 3 行" in str(refused.value)
    assert counts(books) == before


@pytest.mark.db("sqlite")
@pytest.mark.parametrize(
    ("second", "column"),
    [
        ({"area": "90"}, "area"),
        ({"use": "商铺"}, "use"),
        ({"share": "1/2"}, "share"),
        ({"name": "张三", "phone": "13900000001"}, "name"),
        ({"starts_on": "2020-01-01"}, "starts_on"),
    ],
)
def test_rows_of_one_home_that_contradict_each_other_are_marked(
    engine: Engine, second: dict[str, str], column: str
) -> None:
    books = open_books(engine)
    first = home(starts_on="2019-01-01")
    plan = planned(books, [first, home(**({"name": "李四", "phone": "13900000002", "area": ""} | second))])
    assert column in {p.column for p in plan.problems}


@pytest.mark.db("sqlite")
def test_what_is_on_record_is_not_changed_by_a_sheet(engine: Engine) -> None:
    books = open_books(engine)
    imported(books, [home(owner="D-1")])
    plan = planned(books, [home(area="90", use="商铺", name="李四", phone="", owner="D-1")])
    assert {p.column for p in plan.problems} == {"area", "use", "owner"}
    plan = planned(books, [home(name="李四", phone="13900000002")])
    assert [p.column for p in plan.problems] == ["name"]


@pytest.mark.db("sqlite")
def test_one_number_is_one_person(engine: Engine) -> None:
    books = open_books(engine)
    plan = planned(books, [home(owner="D-1"), home(room="1202", owner="D-1", name="李四")])
    assert [(p.row, p.column) for p in plan.problems] == [(3, "owner")]


names = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=8)


@st.composite
def sheets(draw: st.DrawFn) -> list[dict[str, str]]:
    """Correct sheets: units of several owners with shares that add up, or none written."""
    rows = []
    rooms = draw(
        st.lists(
            st.tuples(st.integers(1, 99), st.integers(0, 9), st.integers(1, 9999)),
            min_size=1,
            max_size=6,
            unique=True,
        )
    )
    for building, entrance, room in rooms:
        area = draw(st.integers(1, 999_999))
        people = draw(st.lists(names, min_size=0, max_size=3, unique=True))
        weights = draw(st.lists(st.integers(1, 9), min_size=len(people), max_size=len(people)))
        written = draw(st.booleans())
        base = {
            "building": str(building),
            "entrance": str(entrance),
            "room": str(room),
            "use": draw(st.sampled_from(["住宅", "商铺", "建设单位未售"])),
            "area": f"{area // 100}.{area % 100:02d}",
        }
        if not people:
            rows.append(base)
        for name, weight in zip(people, weights, strict=True):
            share = str(Fraction(weight, sum(weights))) if written else ""
            rows.append({**base, "name": name, "share": share})
    return rows


@pytest.fixture(scope="module")
def many_trusts(databases: Any) -> Any:
    with databases.database("sqlite") as fresh:
        engine = open_engine(fresh.url)
        yield iter(range(10**6)), engine
        engine.dispose()


@given(rows=sheets())
@some(0.5)
def test_whatever_is_filled_in_rightly_comes_back_as_it_was(
    rows: list[dict[str, str]], many_trusts: Any
) -> None:
    numbers, engine = many_trusts
    books = open_books(engine, next(numbers) + 1)
    plan = imported(books, rows)
    assert plan.problems == []
    with reading(engine) as conn:
        units = {u.unit: u for u in units_on(conn, books.trust_id, TODAY)}
        owners = owners_of(conn, books.trust_id, TODAY)
    wanted: dict[str, dict[str, str]] = {}
    for row in rows:
        code = f"{int(row['building']):02d}-{row['entrance']}-{int(row['room']):04d}"
        wanted.setdefault(code, {}).update({row.get("name", ""): row.get("share", "")})
        assert units[code].area == parse_area(row["area"])
    for code, people in wanted.items():
        shares = {s.name: s.share for s in owners.get(code, ())}
        assert set(shares) == {name for name in people if name}
        assert sum(shares.values(), Fraction(0)) in (0, 1)
        for name, share in people.items():
            if share:
                assert shares[name] == Fraction(share)
    assert planned(books, rows).writes_nothing


@given(rows=sheets())
@some(0.3)
def test_a_workbook_and_a_csv_say_the_same(rows: list[dict[str, str]]) -> None:
    def cells(read: list[SheetRow]) -> list[dict[str, str]]:
        return [{k: v for k, v in row.cells.items() if v} for row in read]

    plain = [row for row in rows if not set(row.get("name", "")) & set(',"\t')]
    if not plain:
        return
    wanted = cells(read_sheet(filled(plain), "x.xlsx", REGISTER_FORM))
    assert cells(read_sheet(comma_separated(plain), "x.csv", REGISTER_FORM)) == wanted


def test_a_gb18030_csv_is_read() -> None:
    (row,) = read_sheet(comma_separated([home()], encoding="gb18030"), "x.csv", REGISTER_FORM)
    assert row.cells["name"] == "张三"


@pytest.mark.db("sqlite")
def test_the_marked_sheet_can_be_mended_and_sent_again(engine: Engine) -> None:
    books = open_books(engine)
    rows = rows_of([home(area="约90"), home(room="1202")])
    with reading(engine) as conn:
        plan = plan_register(conn, books.trust_id, rows, TODAY)
    marked = read_sheet(marked_xlsx(REGISTER_FORM, rows, plan.problems), "有错.xlsx", REGISTER_FORM)
    assert [row.cells["area"] for row in marked] == ["约90", "89.12"]
    mended = [SheetRow(row.number, {**row.cells, "area": "90"}) for row in marked]
    with reading(engine) as conn:
        assert plan_register(conn, books.trust_id, mended, TODAY).problems == []


def test_the_template_is_empty_and_its_examples_would_be_accepted(engine: Engine) -> None:
    with pytest.raises(Refused) as refused:
        read_sheet(template_xlsx(REGISTER_FORM), "模板.xlsx", REGISTER_FORM)
    assert refused.value.codes == {"empty_sheet"}
    columns = [column.name for column in REGISTER_FORM.columns]
    rows = [dict(zip(columns, cells, strict=True)) for cells in REGISTER_FORM.examples]
    books = open_books(engine)
    assert planned(books, rows).problems == []


@pytest.mark.parametrize(
    ("data", "name", "code"),
    [
        (b"", "x.xlsx", "bad_sheet"),
        (b"PK\x03\x04 broken", "x.xlsx", "bad_sheet"),
        (b"%PDF-1.7", "x.csv", "bad_sheet"),
        ("楼栋,房号\n1,101".encode(), "x.csv", "no_header"),
        (filled([]), "x.xlsx", "empty_sheet"),
        (filled([home()]), "x.exe", "bad_sheet"),
        ("楼栋,楼栋,用途\n1,2,住宅".encode(), "x.csv", "column_twice"),
    ],
)
def test_a_file_that_is_no_sheet_of_ours_is_refused(data: bytes, name: str, code: str) -> None:
    with pytest.raises(Refused) as refused:
        read_sheet(data, name, REGISTER_FORM)
    assert refused.value.codes == {code}
    assert "流水" not in str(refused.value)


def test_a_workbook_that_unpacks_beyond_reason_is_refused() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/worksheets/sheet1.xml", b" " * (201 * 1024 * 1024))
    assert len(file.getvalue()) < 1024 * 1024
    with pytest.raises(Refused, match="大得不合情理"):
        read_sheet(file.getvalue(), "x.xlsx", REGISTER_FORM)


def test_what_looks_like_a_formula_is_handed_back_as_text() -> None:
    rows = rows_of([home(name="=1+1", address="@SUM(A1)", phone="+1")])
    with zipfile.ZipFile(io.BytesIO(marked_xlsx(REGISTER_FORM, rows, []))) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml")
    assert b"<f>" not in sheet
    assert [row.cells["name"] for row in rows] == ["=1+1"]


def test_ten_thousand_rows_are_quick(engine: Engine, count_queries: Any) -> None:
    """Seconds of work, whatever else the machine does; what a server works is bounded by what it is asked."""
    books = open_books(engine)
    rows = [
        home(building=str(n // 400 + 1), room=str(n % 400 + 1), name=f"业主{n}", phone=f"1{n:010d}")
        for n in range(10_000)
    ]
    data = filled(rows)
    started = process_time()
    with count_queries(engine) as queries, writing(engine) as conn:
        plan = plan_register(conn, books.trust_id, read_sheet(data, "x.xlsx", REGISTER_FORM), TODAY)
        apply_register(conn, books.trust_id, plan, signature="会计甲", act=act())
    assert (len(plan.units), len(plan.titles)) == (10_000, 10_000)
    assert process_time() - started < 15
    queries.expect_at_most(21)


def test_days_and_parts_are_read_as_people_write_them() -> None:
    for text in ("2025-01-31", "2025/1/31", "2025.1.31", "2025年1月31日", "20250131", "2025-01-31 00:00:00"):
        assert parse_day(text) == date(2025, 1, 31)
    assert [parse_part(t) for t in ("1/3", "0.333333333333333", "50%", "1")] == [
        Fraction(1, 3),
        Fraction(1, 3),
        Fraction(1, 2),
        1,
    ]
    for text in ("1/0", "0", "-1/2", "1/2/2025", "a", "2025-01-02"):
        with pytest.raises(ValueError, match=r"份额|日期"):
            parse_part(text)
    assert OPENED < TODAY
