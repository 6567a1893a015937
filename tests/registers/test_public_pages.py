"""What everybody sees of the registers: counts and dates, and never a word about a person."""

from __future__ import annotations

from typing import Any

import pytest
from litestar.testing import TestClient

from ledger.registers import Check, Visit, inspect, keep_row
from ledger.store.engine import writing
from tests.inquiries.desk import PARTY, PREPARER
from tests.ledger.books import TODAY, act
from tests.office.conftest import OfficeSite, office
from tests.registers.town import ROUND, shot, some_of_everything

__all__ = ["office"]
pytestmark = pytest.mark.db("sqlite")


def shown(client: TestClient[Any], office: OfficeSite, below: str = "") -> str:
    answer = client.get(f"/c/{office.slug}/registers{below}")
    assert answer.status_code == 200
    return answer.text


def test_an_empty_register_says_so(office: OfficeSite) -> None:
    assert "还没有登记" in shown(office.anyone(), office)


def test_counts_are_public_and_words_and_pictures_are_not(office: OfficeSite) -> None:
    location = office.config.documents_dir
    with writing(office.engine) as conn:
        keep_row(conn, office.trust_id, ROUND, TODAY, PREPARER, office.act())
        some_of_everything(conn, office.trust_id, TODAY, PARTY, PREPARER, office.act())
        checks = {1: Check(True), 2: Check(False, "王先生把车停在这里", shot()), 3: Check(True)}
        visit = Visit(1, 1, TODAY, "second", checks)
        inspect(conn, office.trust_id, visit, PARTY, office.act(), location=location)
    page = shown(office.anyone(), office)
    for text in ("24.5 小时", "12 人次", "已过期 3 天", "还有 20 天到期", "未同步", "2 处不合格待整改"):
        assert text in page
    one = shown(office.anyone(), office, "/inspections/2")
    for text in (page, one):
        for private in ("王先生", "满出来了", "独居老人", "<img", PARTY.signature, PREPARER.signature):
            assert private not in text
    assert "不合格" in one
    assert "逾期 4 天" in shown(office.anyone(), office, "/inspections/1")


def test_a_page_changes_its_tag_when_something_is_registered(office: OfficeSite) -> None:
    client = office.anyone()
    tag = client.get(f"/c/{office.slug}/registers").headers["etag"]
    same = client.get(f"/c/{office.slug}/registers", headers={"if-none-match": tag})
    assert same.status_code == 304
    with writing(office.engine) as conn:
        keep_row(conn, office.trust_id, ROUND, TODAY, PREPARER, act())
    assert client.get(f"/c/{office.slug}/registers").headers["etag"] != tag


@pytest.mark.parametrize("no", ["9", "0", "x", "9" * 30])
def test_there_is_no_inspection_of_that_number(office: OfficeSite, no: str) -> None:
    assert office.anyone().get(f"/c/{office.slug}/registers/inspections/{no}").status_code == 404
