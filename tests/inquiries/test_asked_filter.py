"""Entries with published questions are found on both engines, also where other things are asked about too."""

from __future__ import annotations

from disclosure.inquiries.public_about import inquiries_state, read_talk
from disclosure.public.entries import Filter, entry_page, entry_totals
from ledger.inquiries import echo, publish
from tests.inquiries.desk import COMMITTEE, NEIGHBOUR, PUBLIC, Desk
from tests.ledger.books import fee_charge


def refs(desk: Desk, **wanted: object) -> list[str]:
    with desk.reading() as (conn, trust_id):
        page = entry_page(conn, trust_id, Filter(question=True, **wanted))  # type: ignore[arg-type]
        totals = entry_totals(conn, trust_id, Filter(question=True, **wanted))  # type: ignore[arg-type]
    found = [row.entry.ref for row in page.rows]
    assert totals.count == len(found)
    return found


def test_only_entries_with_published_words_are_found(desk: Desk) -> None:
    other = desk.books.post(fee_charge()).ref
    for about_kind, about in (("area", "elevator"), ("", ""), ("entry", desk.ref), ("entry", other)):
        desk.ask(about_kind=about_kind, about=about)
    assert refs(desk) == []
    for no in (1, 2, 3):
        desk.do(publish, no, 1, PUBLIC, by=COMMITTEE)
    assert refs(desk) == [desk.ref]
    assert refs(desk, text="没有这几个字") == []
    assert refs(desk, fund="F1") == [desk.ref]
    desk.do(publish, 4, 1, PUBLIC, by=COMMITTEE)
    assert set(refs(desk)) == {desk.ref, other}


def test_whatever_a_page_could_show_changes_its_state(desk: Desk) -> None:
    def state() -> tuple[int, int]:
        with desk.reading() as (conn, trust_id):
            return inquiries_state(conn, trust_id)

    seen = [state()]
    no = desk.ask()
    seen.append(state())
    desk.do(publish, no, 1, PUBLIC, by=COMMITTEE)
    seen.append(state())
    desk.do(echo, no, by=NEIGHBOUR)
    seen.append(state())
    assert len(set(seen)) == 4
    with desk.reading() as (conn, trust_id):
        talk = read_talk(conn, trust_id, "entry", desk.ref)
    assert (talk.people, [item.row.no for item in talk.items]) == (2, [no])
