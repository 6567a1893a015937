"""The demo community spends by a budget, and lately asks for more."""

from datetime import date

from ledger.budget.available import lines_in_force
from ledger.budget.read import count_unanswered, list_versions
from ledger.store.engine import reading
from tests.demo.conftest import TODAY, Demo


def test_the_year_is_budgeted_and_no_line_is_overspent(demo: Demo) -> None:
    with reading(demo.engine) as conn:
        lines = lines_in_force(conn, demo.trust_id, TODAY, {TODAY.year})
    assert len(lines) > 10
    assert all(line.left >= 0 for line in lines)
    assert sum(line.actual > 0 for line in lines) > 10


def test_an_adjustment_is_on_notice_with_a_comment_to_answer(demo: Demo) -> None:
    with reading(demo.engine) as conn:
        adjustment, first = list_versions(conn, demo.trust_id)
        assert count_unanswered(conn, demo.trust_id, adjustment.key) == 1
    assert (adjustment.state, first.state) == ("noticed", "adopted")
    assert first.adopted is not None
    assert first.adopted.effective_on == date(TODAY.year, 1, 1)
