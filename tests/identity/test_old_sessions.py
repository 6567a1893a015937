"""Sessions that were over long ago are deleted when somebody logs in; what is open or young stays."""

from __future__ import annotations

from sqlalchemy import select

from disclosure.identity.sessions import ABSOLUTE, KEPT_AFTER_END
from ledger.store.engine import reading
from ledger.store.tables import session
from tests.office.conftest import OfficeSite


def sessions(office: OfficeSite) -> list[str]:
    with reading(office.engine) as conn:
        return list(conn.execute(select(session.c.person).order_by(session.c.opened_at)).scalars())


def test_a_log_in_deletes_sessions_over_for_a_month(office: OfficeSite) -> None:
    office.log_in(office.anyone(), "supervisor")
    old = len(sessions(office))
    office.clock.forward(days=KEPT_AFTER_END.days, hours=ABSOLUTE.total_seconds() / 3600 - 1)
    office.log_in(office.anyone(), "resident")
    assert len(sessions(office)) > old, "not yet a month over"
    office.clock.forward(hours=2)
    office.log_in(office.anyone(), "party")
    left = set(sessions(office))
    assert office.person("supervisor").person not in left
    assert {office.person("resident").person, office.person("party").person} <= left
