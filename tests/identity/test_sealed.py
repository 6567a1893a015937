"""The secrets of one-time codes are of no use to whoever has the database alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from disclosure.identity.sealed import seal, unseal
from disclosure.identity.totp import new_secret
from ledger.errors import Refused
from ledger.people import Role
from ledger.people.credentials import record_credential
from ledger.store.engine import reading, writing
from ledger.store.tables import credential, session
from tests.ledger.books import act
from tests.office.conftest import OfficeSite

ENTROPY = act().entropy


def test_what_is_sealed_is_read_back_and_not_to_be_seen(tmp_path: Path) -> None:
    key = tmp_path / "keys" / "one-time-codes.key"

    @given(st.text(st.characters(codec="ascii"), max_size=40))
    def check(secret: str) -> None:
        kept = seal(key, secret, ENTROPY)
        assert unseal(key, kept) == secret
        assert kept != seal(key, secret, ENTROPY), "two equal secrets do not look alike"

    check()
    secret = new_secret(ENTROPY)
    assert secret not in seal(key, secret, ENTROPY)
    assert key.stat().st_mode & 0o777 == 0o600
    assert [item.name for item in key.parent.iterdir()] == [key.name]


def test_without_its_key_a_secret_is_refused_in_words(tmp_path: Path) -> None:
    key, other = tmp_path / "a.key", tmp_path / "b.key"
    kept = seal(key, "ABCDEFGH", ENTROPY)
    seal(other, "x", ENTROPY)
    for wrong in (other, tmp_path / "none.key"):
        with pytest.raises(Refused, match="请从备份恢复"):
            unseal(wrong, kept)


def test_a_secret_from_before_there_was_a_key_still_works(tmp_path: Path) -> None:
    assert unseal(tmp_path / "none.key", "JBSWY3DPEHPK3PXP") == "JBSWY3DPEHPK3PXP"
    assert unseal(tmp_path / "none.key", "") == ""


def test_no_secret_stands_in_the_database(office: OfficeSite) -> None:
    office.client("cashier")
    with reading(office.engine) as conn:
        kept = set(conn.execute(select(credential.c.totp_secret)).scalars()) - {""}
        kept |= set(conn.execute(select(session.c.pending_secret)).scalars()) - {""}
    assert kept
    assert all(text.startswith("f1:") for text in kept)
    secret = office.secrets[Role.CASHIER]
    assert not any(secret in text for text in kept)


def test_logging_in_again_takes_the_phones_code(office: OfficeSite) -> None:
    office.client("cashier")
    office.clock.forward(minutes=2)
    again = office.log_in(office.anyone(), "cashier")
    assert again.get(office.path("/work-items")).status_code == 200


def test_a_plain_secret_of_old_still_logs_in(office: OfficeSite) -> None:
    office.client("cashier")
    (role,) = office.actor("cashier").roles
    with writing(office.engine) as conn:
        record_credential(
            conn, office.person(role).person, by="测试", act=office.act(), totp_secret=office.secrets[role]
        )
    office.clock.forward(minutes=2)
    again = office.log_in(office.anyone(), role)
    assert again.get(office.path("/work-items")).status_code == 200
