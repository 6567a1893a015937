"""Questions stand beside the statement they are about, and are asked from there."""

from __future__ import annotations

from datetime import date

import pytest

from ledger.inquiries import Question, answer, ask, publish
from ledger.store.engine import writing
from tests.inquiries.desk import ASKER, COMMITTEE, PREPARER, PUBLIC, at
from tests.inquiries.town import ANSWER
from tests.public.community import SLUG, TRUST_ID
from tests.public.conftest import Site, own_site

__all__ = ["own_site"]


@pytest.mark.db("sqlite")
def test_a_statement_shows_what_was_asked_about_it(own_site: Site) -> None:
    page = f"/c/{SLUG}/statements/2025-09"
    before = own_site.client.get(page)
    assert f'href="/c/{SLUG}/ask?about=statement:2025-09"' in before.text
    assert "还没有人问过这份报告" in before.text
    act = at(date(2025, 10, 15))
    question = Question("question", "私下的原话", "k1", about_kind="statement", about="2025-09")
    with writing(own_site.community.engine) as conn:
        no = ask(conn, TRUST_ID, question, ASKER, act)
        answer(conn, TRUST_ID, no, "私下的答复", PREPARER, act)
        publish(conn, TRUST_ID, no, 1, PUBLIC, COMMITTEE, act)
        publish(conn, TRUST_ID, no, 2, ANSWER, COMMITTEE, act)
    after = own_site.client.get(page, headers={"if-none-match": before.headers["etag"]})
    assert after.status_code == 200
    assert "1 人问过" in after.text
    assert PUBLIC in after.text
    assert ANSWER in after.text
    assert "私下" not in after.text
    told = own_site.client.get(f"/c/{SLUG}/inquiries/{no}").text
    assert f'<a href="{page}">2025年9月月报</a>' in told
