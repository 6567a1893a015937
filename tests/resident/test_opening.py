"""The opening of one's own part: recomputed here with nothing but SHA-256 and the public leaf."""

from __future__ import annotations

import json
from datetime import date
from hashlib import sha256
from typing import Any

import pytest
from sqlalchemy import Engine, delete

from disclosure.resident.proof import opening_json
from ledger.errors import Unanswerable
from ledger.homes import Opening, open_entry
from ledger.log.store import read_leaf
from ledger.store.engine import reading, writing
from ledger.store.tables import entry_salt
from tests.ledger.books import OPENED, contribution, fee_receipt
from tests.resident.homes import FEE, Homes, settle_homes


@pytest.fixture
def homes(engine: Engine) -> Homes:
    return settle_homes(engine)


def opened(homes: Homes, ref: str, account: str = "lisi") -> Opening:
    owned = homes.homes(account)
    with reading(homes.engine) as conn:
        return open_entry(conn, homes.trust_id, ref, owned)


def leaf_of(homes: Homes, seq: int) -> dict[str, Any]:
    with reading(homes.engine) as conn:
        found: dict[str, Any] = json.loads(read_leaf(conn, homes.trust_id, seq))
    return found


def climb(leaf: bytes, index: int, size: int, proof: list[str]) -> str:
    """RFC 9162 2.1.3.2, written anew."""
    node, last, here = sha256(b"\0" + leaf).digest(), size - 1, index
    for step in map(bytes.fromhex, proof):
        if here & 1 or here == last:
            node = sha256(b"\1" + step + node).digest()
            while here and not here & 1:
                here, last = here >> 1, last >> 1
        else:
            node = sha256(b"\1" + node + step).digest()
        here, last = here >> 1, last >> 1
    return node.hex()


def canonical(values: list[Any]) -> bytes:
    return json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode()


def recompute(part: dict[str, Any], **changes: Any) -> str:
    shown = part | changes
    leaf = canonical([shown[name] for name in ("salt", "path", "unit", "amount", "basis")])
    return climb(leaf, part["detail_no"] - 1, part["count"], part["proof"])


def test_a_stranger_with_the_file_finds_the_charge_in_the_public_total(homes: Homes) -> None:
    posted = homes.desk.charge(202503)
    value = json.loads(opening_json(opened(homes, posted.ref), "trust-1", "x"))
    (part,) = value["parts"]
    line = leaf_of(homes, value["seq"])["lines"][part["line_no"] - 1]
    assert (part["unit"], part["amount"], part["basis"]) == ("1-102", FEE, "90.00㎡×1.9800元")
    assert line["amount"] == part["total"] == 3 * FEE
    assert line["detail"] == {"count": 3, "root": recompute(part)}
    for lie in ({"amount": FEE + 1}, {"unit": "1-101"}, {"basis": "80.00㎡×1.9800元"}, {"salt": "00" * 16}):
        assert recompute(part, **lie) != line["detail"]["root"]


def test_an_owner_of_two_homes_opens_both_and_each_once(homes: Homes) -> None:
    posted = homes.desk.charge(202503)
    parts = opened(homes, posted.ref, "zhang").parts
    assert [part.unit for part in parts] == ["1-101", "2-201"]


def test_a_payment_of_ones_own_is_opened_by_the_homes_number(homes: Homes) -> None:
    posted = homes.desk.books.post(fee_receipt(FEE, "1-102"))
    opening = opened(homes, posted.ref)
    (line,) = opening.units
    sealed = sha256(canonical([line.salt, line.path, line.unit])).hexdigest()
    public = leaf_of(homes, opening.seq)["lines"][line.line_no - 1]
    assert public["sealed"]["unit"] == sealed == line.commitment
    assert public["amount"] == FEE


def test_the_maintenance_fund_is_opened_the_same_way(homes: Homes) -> None:
    posted = homes.desk.books.post(contribution())
    value = json.loads(opening_json(opened(homes, posted.ref), "trust-1", "x"))
    (part,) = value["parts"]
    assert leaf_of(homes, value["seq"])["lines"][part["line_no"] - 1]["detail"]["root"] == recompute(part)


def test_nobody_opens_what_is_not_theirs(homes: Homes) -> None:
    posted = homes.desk.books.post(fee_receipt(FEE, "1-101"))
    with pytest.raises(Unanswerable, match="没有您家的一份"):
        opened(homes, posted.ref, "lisi")
    charge = homes.desk.charge(202503)
    shown = opening_json(opened(homes, charge.ref, "lisi"), "trust-1", "x").decode()
    assert "1-101" not in shown
    assert "2-201" not in shown


def test_a_buyer_does_not_open_what_the_seller_paid(homes: Homes) -> None:
    homes.sell("1-102", "李四", OPENED, reason="first")
    homes.sell("1-102", "王五", date(2025, 4, 1))
    homes.give("wangwu", "1-102", on=date(2025, 4, 2))
    old = homes.desk.charge(202503)
    assert opened(homes, old.ref, "lisi").parts
    with pytest.raises(Unanswerable, match="没有您家的一份"):
        opened(homes, old.ref, "wangwu")


def test_once_the_salt_is_destroyed_nothing_can_be_opened(homes: Homes) -> None:
    posted = homes.desk.charge(202503)
    with writing(homes.engine) as conn:
        conn.execute(
            delete(entry_salt).where(entry_salt.c.trust_id == homes.trust_id, entry_salt.c.seq == posted.seq)
        )
    with pytest.raises(Unanswerable, match="随机数已经销毁"):
        opened(homes, posted.ref)
