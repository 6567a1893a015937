"""Books that open in the middle of a year take over balances of income and expense: nothing earned here."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from random import Random

from sqlalchemy import Engine

from disclosure.charts.data import income_and_expense
from disclosure.public.site_read import revenue_years
from disclosure.public.trusts import list_sites
from disclosure.statements.build import build_statement
from ledger.balances import Clock
from ledger.log.keys import create_key, load_signer
from ledger.log.store import origin_of, sign_log
from ledger.periods.spans import span_of
from ledger.store.engine import reading
from ledger.trust.setup import load_setup
from tests.ledger.books import OPENED, act, cash, draft, interest, line, open_books
from tests.statements.year import advert_income

_MIDDLE = date(2024, 1, 20)


def test_what_was_taken_over_is_neither_income_nor_expense(engine: Engine, tmp_path: Path) -> None:
    books = open_books(engine)
    taken_over = [
        cash("D", 900_00, "F2"),
        line("D", "5015", 100_00, "F2"),
        line("C", "400301", 700_00, "F2", contract="R1", site="S1"),
        line("C", "4101", 100_00, "F2"),
        line("C", "3002", 200_00, "F2"),
    ]
    books.post(draft("E00", taken_over, "handover", date=OPENED))
    books.post_many([interest(3_00, "F2", date=_MIDDLE), advert_income(50_00, _MIDDLE)], _MIDDLE)
    create_key(tmp_path / "log.pem", Random(5).randbytes)
    with reading(engine) as conn:
        signer = load_signer(tmp_path / "log.pem", origin_of(conn, books.trust_id))
    sign_log(engine, books.trust_id, signer, act(_MIDDLE).now)
    with reading(engine) as conn:
        (site,) = list_sites(conn)
        year, quarter = (
            build_statement(conn, books.trust_id, span_of(code), site.size, ["A"])
            for code in (202400, 202433)
        )
        clock = Clock(date(2024, 6, 30), site.size, True)
        setup = load_setup(conn, books.trust_id)
        (drawn,) = income_and_expense(conn, site, setup.chart, "A", 2024, clock)
        (told,), (place,) = revenue_years(conn, setup)
    for value in (year, quarter):
        report = value.books[0]
        assert (report.income_total.amount, report.income_total.year) == (53_00, 53_00)
        assert report.expense == ()
        assert value.revenue is not None
        assert (value.revenue.income.amount, value.revenue.net.amount) == (50_00, 53_00)
        assert [(row.opened, row.received, row.closing) for row in report.cash] == [(900_00, 53_00, 953_00)]
    (owned,) = year.results
    assert (owned.income, owned.other, owned.closing) == (53_00, 900_00, 953_00)
    assert (sum(part.amount for part in drawn.sources), drawn.uses) == (53_00, ())
    assert (told.earned, told.other_income, told.costs, place.total) == (50_00, 3_00, 0, 50_00)
