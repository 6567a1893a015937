"""The two communities beside the demo's own: whole books, one in order and one behind, seen by the Party log-in."""

from __future__ import annotations

from sqlalchemy import select

from disclosure.demo.district import DISTRICT, SMALL
from disclosure.identity.landing import landing_of
from ledger.district import Asked, findings_of, overview
from ledger.log.keys import load_signer
from ledger.log.store import origin_of
from ledger.people.accounts import find_account
from ledger.people.members import memberships, trusts_of
from ledger.people.roles import Role
from ledger.store.engine import reading
from ledger.store.tables import trust
from ledger.verify import verify_books
from tests.demo.conftest import TODAY, Demo
from tests.ledger.books import act


def test_the_small_communities_have_whole_books(demo: Demo) -> None:
    for small in SMALL:
        with reading(demo.engine) as conn:
            trust_id = conn.execute(select(trust.c.trust_id).where(trust.c.slug == small.slug)).scalar_one()
            signer = load_signer(demo.config.key_path(small.slug), origin_of(conn, trust_id))
            report = verify_books(conn, trust_id, signer.verifier)
        assert report.ok, report.findings


def test_the_party_log_in_sees_all_three_and_which_one_is_behind(demo: Demo) -> None:
    with reading(demo.engine) as conn:
        person = find_account(conn, "shequ")
        assert person is not None
        assert landing_of(conn, person, act(TODAY)) == "/district"
        held = memberships(conn, person.person, trusts_of(conn, person.person), TODAY)
        ids = [trust_id for trust_id, item in held.items() if Role.PARTY in item.roles]
        page = overview(conn, ids, Asked("quiet_days"), 10)
    assert page.rows[0].slug == "dongliyuan"
    assert {one.slug for one in page.rows} == {"mingheyuan", *(small.slug for small in SMALL)}
    assert {one.district for one in page.rows} == {DISTRICT}
    codes = {one.slug: {finding.code for finding in findings_of(one)} for one in page.rows}
    assert {"quiet_days", "months_behind", "bare"} <= codes["dongliyuan"]
    assert codes["guihuli"] == set()
