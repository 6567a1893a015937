"""One-time codes: near enough in time, each once, and never an older one after a newer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from sqlalchemy import Engine, insert
from sqlalchemy.exc import DBAPIError

from disclosure.identity.totp import STEP_SECONDS, new_secret, setup_address, step_of
from ledger.errors import Refused
from ledger.people.credentials import use_totp_step
from ledger.store.engine import writing
from ledger.store.tables import INSTALLATION, totp_use
from tests.ledger.books import act

NOW = datetime(2025, 6, 30, 2, 0, 5, tzinfo=UTC)
SECRET = new_secret(act().entropy)
RFC_SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"


def code_at(moment: datetime) -> str:
    return pyotp.TOTP(SECRET).at(moment)


@pytest.mark.parametrize("steps", [-1, 0, 1])
def test_a_phone_may_be_half_a_minute_off(steps: int) -> None:
    moment = NOW + timedelta(seconds=STEP_SECONDS * steps)
    assert step_of(SECRET, code_at(moment), NOW) == int(moment.timestamp()) // STEP_SECONDS


@pytest.mark.parametrize("steps", [-2, 2, 100])
def test_a_code_of_another_time_is_refused(steps: int) -> None:
    with pytest.raises(Refused) as refused:
        step_of(SECRET, code_at(NOW + timedelta(seconds=STEP_SECONDS * steps)), NOW)
    assert refused.value.codes == {"wrong_code"}


@pytest.mark.parametrize("typed", ["", "12345", "abcdef", "١٢٣٤٥٦", "０", "1" * 500])
def test_what_is_no_code_is_refused(typed: str) -> None:
    with pytest.raises(Refused):
        step_of(SECRET, typed, NOW)


def test_blanks_and_full_width_digits_do_not_matter() -> None:
    code = code_at(NOW)
    wide = "".join(chr(ord(digit) + 0xFEE0) for digit in code)
    assert step_of(SECRET, f" {code[:3]} {code[3:]}", NOW) == step_of(SECRET, wide, NOW)


def test_codes_are_those_of_rfc_6238() -> None:
    assert step_of(RFC_SECRET, "287082", datetime.fromtimestamp(59, UTC)) == 1
    assert step_of(RFC_SECRET, "005924", datetime.fromtimestamp(1234567890, UTC)) == 41152263


def test_a_secret_is_long_and_names_us_to_the_phone() -> None:
    assert len(SECRET) == 32
    assert setup_address(SECRET, "kuaiji").startswith(
        "otpauth://totp/%E6%98%8E%E8%B4%A6:kuaiji?secret=" + SECRET
    )


def test_a_code_works_once_and_no_older_one_after_it(engine: Engine) -> None:
    with writing(engine) as conn:
        use_totp_step(conn, "p1", 1000, act())
        use_totp_step(conn, "p2", 999, act())
        use_totp_step(conn, "p1", 1001, act())
    for step in (1001, 1000):
        with pytest.raises(Refused) as refused, writing(engine) as conn:
            use_totp_step(conn, "p1", step, act())
        assert refused.value.codes == {"code_used"}


def test_the_database_itself_takes_no_code_twice(engine: Engine) -> None:
    row = {"trust_id": INSTALLATION, "person": "p1", "step": 7, "used_at": act().now}
    with writing(engine) as conn:
        conn.execute(insert(totp_use).values(row))
    with pytest.raises(DBAPIError), writing(engine) as conn:
        conn.execute(insert(totp_use).values(row))
