"""The demo's statements: each month as it is closed, the quarter and year it ends, and what is done with them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from sqlalchemy import Connection, Engine

from disclosure.demo.bookkeeper import Bookkeeper
from disclosure.statements.publish import publish_statement
from disclosure.statements.waiting import open_statements
from ledger.log.note import Signer
from ledger.log.store import sign_log
from ledger.people import Actor, Role
from ledger.periods.spans import SpanKind, spans_ending
from ledger.statements import (
    StatementVersion,
    confirm_report,
    list_versions,
    record_posting,
    record_report,
)
from ledger.statements.acts import ASSEMBLY, COMMITTEE
from ledger.store.engine import writing

POSTED_DAYS = 35


def publish_month(conn: Connection, keeper: Bookkeeper, month: int, day: date) -> None:
    """Publish a month that was closed and signed, with the quarter and the year that end with it."""
    for span in spans_ending(month):
        publish_statement(conn, keeper.trust_id, span.code, keeper.act(day))


def tell(
    engine: Engine, keeper: Bookkeeper, people: Mapping[Role, Actor], signer: Signer, today: date
) -> None:
    """Corrected versions of what was corrected since; quarters and the year hung up and reported.

    The newest quarter's report waits for the committee.
    """
    act = keeper.act(today)
    sign_log(engine, keeper.trust_id, signer, act.now)
    with writing(engine) as conn:
        for waits in open_statements(conn, keeper.trust_id, today):
            if waits.ready:
                publish_statement(conn, keeper.trust_id, waits.due.span.code, act)
        kinds: tuple[SpanKind, ...] = ("quarter", "year")
        first = [v for kind in kinds for v in list_versions(conn, keeper.trust_id, kind) if v.version == 1]
        newest = max(first, key=lambda item: item.published_at, default=None)
        for item in reversed(first):
            _done(conn, keeper, people, item, today, confirmed=item != newest)
    sign_log(engine, keeper.trust_id, signer, act.now)


def _done(
    conn: Connection,
    keeper: Bookkeeper,
    people: Mapping[Role, Actor],
    item: StatementVersion,
    today: date,
    *,
    confirmed: bool,
) -> None:
    clerk, member = people[Role.PREPARER], people[Role.CHAIR]
    hung = item.published_at.date() + timedelta(days=1)
    told = hung + timedelta(days=1)
    if told > today:
        return
    act, which = keeper.act(told), (keeper.trust_id, item.period, item.version)
    last = hung + timedelta(days=POSTED_DAYS - 1)
    record_posting(conn, *which, hung, last, "东门公示栏", "", clerk, act)
    no = record_report(conn, *which, COMMITTEE, told, "业委会会议当面报告", "", clerk, act)
    if confirmed:
        confirm_report(conn, keeper.trust_id, no, member, act)
        no = record_report(conn, *which, ASSEMBLY, told, "书面报告送达各楼栋", "", clerk, act)
        confirm_report(conn, keeper.trust_id, no, member, act)
