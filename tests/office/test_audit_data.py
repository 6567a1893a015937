"""The full year for auditors from the office: with rooms and parts of households, only for who may, and noted."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import date

import pytest
from sqlalchemy import select

from ledger.export.audit import CAVEAT
from ledger.store.engine import reading
from ledger.store.tables import audit_event
from tests.ledger.books import fee_charge, fee_receipt
from tests.office.conftest import OfficeSite


@pytest.fixture
def kept(office: OfficeSite) -> OfficeSite:
    """An office with a charge and a receipt."""
    office.books.post(fee_charge((("1-101", 345_67), ("1-102", 234_56)), date=date(2025, 3, 1)))
    office.books.post(fee_receipt(300_00, "1-101", date=date(2025, 3, 5)))
    return office


@pytest.mark.db("sqlite")
def test_a_supervisor_takes_the_year_with_the_parts_of_households(kept: OfficeSite) -> None:
    client, address = kept.client("supervisor"), kept.path("/audit-data/2025.zip")
    page = client.get(kept.path("/books")).text
    assert address in page and CAVEAT in page
    answer = client.get(address)
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-robots-tag"] == "noindex, nofollow"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        (name,) = [name for name in archive.namelist() if "分户明细" in name]
        rows = list(csv.DictReader(io.StringIO(archive.read(name).decode("utf-8-sig"))))
    assert {(row["房屋"], row["金额"]) for row in rows} == {("1-101", "345.67"), ("1-102", "234.56")}
    with reading(kept.engine) as conn:
        noted = conn.execute(select(audit_event.c.action, audit_event.c.subject)).all()
    assert ("books.print", "audit.2025") in {tuple(row) for row in noted}


@pytest.mark.db("sqlite")
@pytest.mark.parametrize("name", ["1999.zip", "2025", "x.zip", "2025.xml"])
def test_a_year_that_is_not_there_is_not_found(kept: OfficeSite, name: str) -> None:
    assert kept.client("supervisor").get(kept.path(f"/audit-data/{name}")).status_code == 404


@pytest.mark.db("sqlite")
def test_a_resident_does_not_get_it(kept: OfficeSite) -> None:
    assert kept.client("resident").get(kept.path("/audit-data/2025.zip")).status_code == 403
