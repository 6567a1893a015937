"""Each business event posts its standard entry, and nothing less than it asks for.

The standard entries are facts of the field (58 events); amounts are yuan. Posting them is the test that the
event table, the chart and the rules agree with each other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any, Literal, cast

import msgspec
import pytest

from ledger.chart import load_default_chart
from ledger.errors import Refused
from ledger.events import DOCUMENT_KINDS, Event, Gate, load_events, load_gates
from ledger.journal import Detail, Document, Draft, Line
from ledger.journal.draft import content_hash
from ledger.journal.public_view import leaf_bytes, public_entry
from ledger.journal.read import Stored
from ledger.log.store import read_leaf
from ledger.store.engine import reading
from ledger.trust import load_setup
from tests.ledger.books import (
    BANK,
    DAY,
    FUND_USE,
    MAJOR,
    OPENED,
    SITE_USE,
    Books,
    changed,
    contribution,
    draft,
    fee_charge,
    interest,
    invoice,
    line,
    maintenance,
    petty,
    with_line,
)

Side = Literal["D", "C"]
EVENTS = load_events()
CHART = load_default_chart()
ACCEPTED: dict[str, Any] = {"remuneration_clause": "每月固定酬金", "entitlement_rule": "按面积归全体业主"}

STANDARD = {
    "E01": "F1D112201:100 F1C400101:100",
    "E02": "F1D100201:100 F1C112201:100",
    "E02b": "F1D101201:100 F1C112201:100",
    "E03": "F1D100201:994 F1D5016:6 F1C101201:1000",
    "E04a": "F1D100201:1200 F1C220301:1200",
    "E04b": "F1D220301:100 F1C112201:100",
    "E05": "F1D400190:20 F1C112201:20",
    "E05b": "F1D3201:20 F1C112201:20",
    "E06": "F1D220301:50 F1C100201:50",
    "E07": "F1D100201:5 F1C4201:5",
    "E08a": "F3D100203:2000 F3C224101:2000",
    "E08b": "F3D224101:2000 F3C100203:2000",
    "E08c": "F3D224101:300 F3C100203:300 F1D100201:300 F1C4901:300",
    "E09a": "F4D100204:80 F4C224103:80",
    "E09b": "F4D224103:80 F4C100204:80",
    "E10": "F1D500601:60 F1C220201:60",
    "E11a": "F1D500501:1000 F1C220201:950 F1C220202:50",
    "E11b": "F1D220201:950 F1C100201:950",
    "E12a": "F1D1123:300 F1C100201:300",
    "E12b": "F1D5003:300 F1C1123:300",
    "E13a": "F1D122101:500 F1C100201:500",
    "E13b": "F1D5007:120 F1C122101:120",
    "E14a": "F1D5001:9000 F1C224106:9000",
    "E14b": "F1D224106:9000 F1C100201:9000",
    "E15a": "F1D5014:1000 F1C2242:1000",
    "E15b": "F1D2242:1000 F1C100201:1000",
    "E16": "F2D100202:12 F2C4101:12",
    "E17": "F2D100202:1090 F2C400301:1000 F2C222101:90",
    "E17b": "F2D222101:90 F2C100202:90",
    "E18": "F2D5013:10 F2C222102:10",
    "E19a": "F2D112205:600 F2C400303:600",
    "E19b": "F2D100202:1200 F2C220303:1200",
    "E19c": "F2D220303:100 F2C400306:100",
    "E20": "F2D5015:80 F2C100202:80",
    "E21a": "F2D5902:5000 F2C2501:5000",
    "E21b": "F2D2501:5000 F2C100202:5000",
    "E21c": "MD1001:5000 MC4201:5000",
    "E22": "F2D5902:700 F2C100202:700 F1D100201:700 F1C4902:700",
    "E23a": "MD1001:8000 MC4001:8000",
    "E23b": "MD1001:30 MC4101:30",
    "E23c": "MD5001:4000 MC1001:4000",
    "E23d": "MD3001:4000 MC5001:4000",
    "E23e": "MD4001:8000 MC3001:8000",
    "E23f": "MD4101:30 MD4201:5000 MC3101:5030",
    "E23g": "MD3101:5030 MC3001:5030",
    "E24": "F5D100205:300 F5C4301:100 F5C4302:100 F5C4303:100",
    "E24b": "F5D5018:300 F5C100205:300",
    "E25a": "F1D100201:66 F1C224105:66",
    "E25b": "F1D224105:66 F1C112201:66",
    "E26a": "F1D5003:-100 F1C100201:-100",
    "E26b": "F1D5004:100 F1C100201:100",
    "E26c": "F1D5003:20 F1C220201:20",
    "E26d": "F1D3201:100 F1C220201:100",
    "E27": "F1D122103:400 F1C4401:400",
    "E28a": "F1D400101:100 F1C400190:20 F1C3101:80",
    "E28b": "F1D3101:60 F1C5003:60",
    "E28c": "F1D3101:20 F1C3001:20",
    "E29": "F1D3001:100 F1C100201:100",
}
"""Fund, side, account and yuan of every line of the 58 standard entries."""

OURS = {
    "E00": "F1D100201:100 F1C3001:100",
    "E01b": "F1D112202:150 F1C4002:150",
    "E03b": "F1D5016:6 F1C101201:6",
    "E03c": "F1D100201:500 F1C101204:500",
    "E16b": "F1D5016:3 F1C100201:3",
    "E25c": "F1D224105:66 F1C100201:66",
    "E27b": "F1D100201:400 F1C122103:400",
}
"""Events that this program adds."""

DOCUMENTS = {
    "E00": "handover",
    "E01": "charge_list",
    "E01b": "charge_list",
    "E02": "receipt",
    "E02b": "channel_line",
    "E03": "bank_line channel_settlement",
    "E03b": "channel_line",
    "E03c": "bank_line",
    "E04a": "bank_line",
    "E04b": "charge_list",
    "E05": "approval",
    "E05b": "approval",
    "E06": "receipt",
    "E07": "bank_line",
    "E08a": "receipt",
    "E08b": "acceptance receipt",
    "E08c": "agreement damage_proof",
    "E09a": "channel_line",
    "E09b": "utility_bill",
    "E10": "meter_record",
    "E11a": "invoice acceptance",
    "E11b": "payment_order",
    "E12a": "bank_line",
    "E12b": "acceptance",
    "E13a": "bank_line",
    "E13b": "expense_sheet",
    "E14a": "payroll_summary",
    "E14b": "bank_line",
    "E15a": "remuneration_sheet",
    "E15b": "bank_line",
    "E16": "bank_line",
    "E16b": "bank_line",
    "E17": "bank_line contract",
    "E17b": "tax_return",
    "E18": "tax_sheet",
    "E19a": "contract",
    "E19b": "bank_line contract",
    "E19c": "schedule",
    "E20": "cost_proof",
    "E21a": "resolution",
    "E21b": "bank_line",
    "E21c": "apportionment",
    "E22": "resolution",
    "E23a": "bank_line",
    "E23b": "bank_line",
    "E23c": "plan apportionment filing",
    "E23g": "apportionment",
    "E24": "bank_line",
    "E24b": "invoice",
    "E25a": "bank_line",
    "E25b": "clearing_note",
    "E25c": "bank_line",
    "E27": "decision",
    "E27b": "bank_line",
    "E29": "liquidation_report",
}
DECIDED = {"maintenance_use": FUND_USE, "shared_use": SITE_USE}
"""Which decision a gate asks for; any will do for the others."""
REFERENCES = {
    "fee_standard": "2025版",
    "contract": "C1",
    "project": "P1",
    "co_sign": "会签0310",
}
DIRECT = sorted(DOCUMENTS)


def parsed(entry: str) -> list[tuple[str, Side, str, int]]:
    """Fund, side, account and fen of each line."""
    lines = []
    for item in entry.split():
        place, amount = item.split(":")
        at = 1 if place.startswith("M") else 2
        lines.append((place[:at], cast(Side, place[at]), place[at + 1 :], int(amount) * 100))
    return lines


def as_asked(event_id: str) -> Draft:
    """The standard entry of an event as a bookkeeper hands it in."""
    entry = parsed((STANDARD | OURS)[event_id])
    book: Any = EVENTS[event_id].books[0]
    lines = [line(side, code, amount, fund, **_named(book, code, fund)) for fund, side, code, amount in entry]
    gates = EVENTS[event_id].gates
    references = {g.subject: REFERENCES[g.subject] for g in gates if g.kind == "reference"}
    references |= {g.subject: DECIDED.get(g.name, MAJOR) for g in gates if g.kind == "resolution"}
    return draft(
        event_id,
        lines,
        *DOCUMENTS[event_id].split(),
        book=book,
        references=references,
        summary=EVENTS[event_id].name,
        date=OPENED if EVENTS[event_id].opening else DAY,
    )


def _named(book: str, code: str, fund: str) -> dict[str, str]:
    values = {
        "unit": "1-101",
        "vendor": "V1",
        "contract": "R1" if fund == "F2" else "C1",
        "party": "TRUSTEE",
        "project": "P1",
        "site": "S1",
        "bank_account": BANK[fund],
        "counter_fund": "F2" if fund == "F1" else "F1",
    }
    return {name: values[name] for name in CHART[book, code].dimensions}


def plain(lines: tuple[Line, ...]) -> list[tuple[str, Side, str, int]]:
    return [(x.fund, x.side, x.account, x.amount) for x in lines]


@pytest.fixture
def accepting(new_books: Callable[..., Books]) -> Books:
    """Books of a trust whose deed has every clause that events ask for."""
    return new_books(**ACCEPTED)


# --- The table ----------------------------------------------------------------------------------------------


def test_the_58_events_of_the_field_are_in_the_table_under_their_book() -> None:
    assert len(STANDARD) == 58
    assert set(STANDARD) <= set(EVENTS)
    for event_id, entry in STANDARD.items():
        books = {"M" if fund == "M" else "A" for fund, *_ in parsed(entry)}
        assert books <= set(EVENTS[event_id].books)


def test_every_event_is_either_posted_directly_or_reserved() -> None:
    reserved = {id_ for id_, event in EVENTS.items() if event.correction or event.closing}
    assert set(DIRECT) | reserved == set(EVENTS)
    assert set(DIRECT) == (set(STANDARD) | set(OURS)) - reserved


@pytest.mark.parametrize("event_id", [*STANDARD, *OURS])
def test_every_line_of_a_standard_entry_fits_its_event_and_an_open_leaf(event_id: str) -> None:
    event = EVENTS[event_id]
    entry = parsed((STANDARD | OURS)[event_id])
    for fund, side, code, _ in entry:
        account = CHART["M" if fund == "M" else "A", code]
        assert account.leaf
        assert fund in account.funds
        assert any(pattern.matches(side, code) for pattern in event.lines)
    for fund in {fund for fund, *_ in entry}:
        assert sum(amount if side == "D" else -amount for f, side, _, amount in entry if f == fund) == 0


@pytest.mark.parametrize("event", EVENTS.values(), ids=lambda event: event.id)
def test_every_event_asks_for_evidence_unless_it_is_made_by_the_system(event: Event) -> None:
    assert event.name
    assert bool(event.documents) is not (event.correction or event.closing)
    assert {kind for group in event.documents or () for kind in group} <= set(DOCUMENT_KINDS)


@pytest.mark.parametrize("event", EVENTS.values(), ids=lambda event: event.id)
def test_every_pattern_of_an_event_admits_some_account(event: Event) -> None:
    accounts = [account for book in event.books for account in CHART.of_book(book) if account.leaf]
    for pattern in event.lines:
        for prefix in pattern.prefixes:
            assert any(account.code.startswith(prefix) for account in accounts), prefix


def test_every_gate_is_used_and_says_on_what_it_rests() -> None:
    used = {gate.name for event in EVENTS.values() for gate in event.gates}
    assert used == set(load_gates())
    for gate in load_gates().values():
        assert gate.message
        assert gate.basis


# --- Posting ------------------------------------------------------------------------------------------------


def test_every_direct_event_posts_its_standard_entry(accepting: Books) -> None:
    for event_id in DIRECT:
        asked = as_asked(event_id)
        stored = accepting.stored(accepting.post(asked).ref)
        assert plain(stored.draft.lines) == parsed((STANDARD | OURS)[event_id]), event_id
        assert stored.draft.event == event_id
    assert accepting.check_log() == len(DIRECT)


def test_all_direct_events_post_in_one_batch_and_balance_in_every_fund(accepting: Books) -> None:
    # the compensation received (E27b) comes last by name: remuneration (E15b) is paid while none is open
    accepting.post_many([as_asked(event_id) for event_id in DIRECT])
    by_fund: dict[str, int] = {}
    for (_, fund), totals in accepting.totals().items():
        by_fund[fund] = by_fund.get(fund, 0) + totals.balance
    assert by_fund == dict.fromkeys(by_fund, 0)
    assert set(by_fund) == {"F1", "F2", "F3", "F4", "F5"}
    assert sum(accepting.trial(book="M").values()) == 0


def test_what_was_posted_reads_back_as_it_was_asked_for_and_explains_its_leaf(accepting: Books) -> None:
    """Nothing is lost on the way in: same draft, same content hash, and the same leaf to the byte."""
    asked = [as_asked(event_id) for event_id in DIRECT]
    asked.append(fee_charge(memo="内部备注", counterparty="王女士"))
    asked.append(invoice(counterparty="电梯公司", counterparty_public=True, original_date=date(2025, 2, 27)))
    asked.append(interest(documents=(Document("bank_line", "回单", "F2-0001", "a" * 64, "b" * 64),)))
    refs = [posted.ref for posted in accepting.post_many(asked)]
    for ref, wanted in zip(refs, asked, strict=True):
        stored = accepting.stored(ref)
        assert stored.draft == wanted
        assert stored.content_hash == content_hash(wanted) == content_hash(stored.draft)
        assert _leaf_again(accepting, stored) == _leaf(accepting, stored)


def _leaf(books: Books, stored: Stored) -> bytes:
    with reading(books.engine) as conn:
        return read_leaf(conn, books.trust_id, stored.seq)


def _leaf_again(books: Books, stored: Stored) -> bytes:
    with reading(books.engine) as conn:
        setup = load_setup(conn, books.trust_id)
    assert stored.salt is not None
    view = public_entry(
        slug=setup.slug,
        chart=setup.chart,
        seq=stored.seq,
        number=stored.number,
        posted_at=stored.posted_at,
        draft=stored.draft,
        reverses="",
        amends="",
        salt=stored.salt,
    )
    return leaf_bytes(view)


def test_a_red_letter_entry_is_the_standard_one(books: Books) -> None:
    wrong = draft(
        "E00",
        [line("D", "5003", 100_00), line("C", "100201", 100_00, bank_account="F1-CCB")],
        "handover",
        date=OPENED,
    )
    red = books.stored(books.reverse(books.post(wrong).ref, on=date(2024, 1, 20)).ref)
    assert plain(red.draft.lines) == parsed(STANDARD["E26a"])
    assert red.draft.event == "E26a"


def test_a_wrong_account_is_put_right_by_the_standard_red_and_blue_entries(books: Books) -> None:
    lines = [line("D", "5003", 100_00), line("C", "100201", 100_00, bank_account="F1-CCB")]
    wrong = books.post(draft("E00", lines, "handover", date=OPENED))
    right = with_line(draft("E00", lines, "handover", date=OPENED), 1, account="5004")
    red, blue = (books.stored(posted.ref) for posted in books.amend(wrong.ref, right))
    assert plain(red.draft.lines) == parsed(STANDARD["E26a"])
    assert plain(blue.draft.lines) == parsed(STANDARD["E26b"])
    assert (red.draft.event, blue.draft.event) == ("E26a", "E26b")


def test_a_wrong_amount_is_put_right_by_the_standard_difference(books: Books) -> None:
    wrong = books.post(invoice(100_00, "5003"))
    (difference,) = books.amend(wrong.ref, invoice(120_00, "5003"))
    stored = books.stored(difference.ref)
    assert (plain(stored.draft.lines), stored.draft.event) == (parsed(STANDARD["E26c"]), "E26c")


def test_an_earlier_year_is_put_right_through_3201_in_blue(books: Books) -> None:
    wrong = books.post(invoice(100_00, "5003", date=date(2024, 5, 8)))
    (difference,) = books.amend(wrong.ref, invoice(200_00, "5003"))
    stored = books.stored(difference.ref)
    assert (plain(stored.draft.lines), stored.draft.event) == (parsed(STANDARD["E26d"]), "E26d")


def test_closing_a_year_of_book_a_posts_the_standard_entries(books: Books) -> None:
    in_2024: dict[str, Any] = {"date": date(2024, 5, 8)}
    waiver = draft("E05", [line("D", "400190", 20_00, unit="1-101"), line("C", "112201", 20_00, unit="1-101")], "approval", references={"resolution": MAJOR}, **in_2024)  # fmt: skip
    books.post_many([fee_charge([("1-101", 100_00)], **in_2024), waiver, petty(60_00, "5003", **in_2024)])
    entries = [books.stored(posted.ref) for posted in books.close_year(2024)]
    assert [(e.draft.event, plain(e.draft.lines)) for e in entries] == [
        (event_id, parsed(STANDARD[event_id])) for event_id in ("E28a", "E28b", "E28c")
    ]


def test_closing_a_year_of_book_m_posts_the_standard_entries_household_by_household(books: Books) -> None:
    in_2024: dict[str, Any] = {"date": date(2024, 5, 8)}
    from_common = changed(as_asked("E21c"), **in_2024)
    drafts = [
        contribution(**in_2024),
        maintenance([("1-101", 3_000_00), ("1-102", 1_000_00)], **in_2024),
        changed(as_asked("E23b"), **in_2024),
        from_common,
    ]
    books.post_many(drafts)
    entries = [books.stored(posted.ref) for posted in books.close_year(2024, "M")]
    assert [(e.draft.event, plain(e.draft.lines)) for e in entries] == [
        (event_id, parsed(STANDARD[event_id])) for event_id in ("E23d", "E23e", "E23f")
    ]
    parts = (Detail("1-101", 3_000_00, "年末结转"), Detail("1-102", 1_000_00, "年末结转"))
    assert [x.details for x in entries[0].draft.lines] == [parts, parts]


# --- What is refused ----------------------------------------------------------------------------------------


def _refusals_of_documents() -> Iterator[tuple[str, str]]:
    for event_id in DIRECT:
        for group in EVENTS[event_id].documents or ():
            yield event_id, "|".join(group)


@pytest.mark.db("sqlite")
def test_each_missing_document_is_refused_and_named(accepting: Books) -> None:
    before = accepting.footprint()
    for event_id, group in _refusals_of_documents():
        kinds = group.split("|")
        asked = as_asked(event_id)
        without = tuple(item for item in asked.documents if item.kind not in kinds)
        with pytest.raises(Refused) as refused:
            accepting.post(changed(asked, documents=without))
        (problem,) = refused.value.problems
        assert (problem.code, problem.where) == ("missing_document", "附件"), event_id
        assert "或".join(DOCUMENT_KINDS[kind] for kind in kinds) in problem.message
    assert accepting.footprint() == before


def _gates(*kinds: str) -> list[tuple[str, Gate]]:
    return [(id_, gate) for id_ in DIRECT for gate in EVENTS[id_].gates if gate.kind in kinds]


@pytest.mark.parametrize(
    ("event_id", "gate"), _gates("reference", "resolution"), ids=lambda x: x if isinstance(x, str) else x.name
)
@pytest.mark.parametrize("blank", [None, "", "  "], ids=["missing", "empty", "blank"])
@pytest.mark.db("sqlite")
def test_each_missing_reference_is_refused_under_the_name_of_its_gate(
    new_books: Callable[..., Books], event_id: str, gate: Gate, blank: str | None
) -> None:
    books = new_books(co_sign_above=0, resolve_above=0, **ACCEPTED)
    asked = as_asked(event_id)
    if gate.when_related:
        asked = to_the_trustees_own(asked)
    books.post(asked)
    references = {k: v for k, v in asked.references.items() if k != gate.subject}
    if blank is not None:
        references[gate.subject] = blank
    with pytest.raises(Refused) as refused:
        books.post(changed(asked, references=references, key="another"))
    assert f"gate_{gate.name}" in refused.value.codes
    assert refused.value.codes <= {f"gate_{gate.name}", "empty_reference", "duplicate_invoice"}
    (problem,) = (p for p in refused.value.problems if p.code == f"gate_{gate.name}")
    assert gate.basis in problem.message


def to_the_trustees_own(asked: Draft) -> Draft:
    """The same business with a company of the trustee's, and what that takes: two quotes."""
    lines = [msgspec.structs.replace(x, vendor="V2") for x in asked.lines]
    quotes = (Document("quote", "甲报价"), Document("quote", "乙报价"))
    return changed(asked, lines=tuple(lines), documents=(*asked.documents, *quotes))


@pytest.mark.parametrize(
    "event_id", [id_ for id_ in DIRECT if any(gate.when_related for gate in EVENTS[id_].gates)]
)
@pytest.mark.db("sqlite")
def test_a_company_of_the_trustees_is_paid_only_against_two_quotes(
    new_books: Callable[..., Books], event_id: str
) -> None:
    books = new_books(**ACCEPTED)
    asked = to_the_trustees_own(as_asked(event_id))
    with pytest.raises(Refused) as refused:
        books.post(changed(asked, documents=asked.documents[:-1]))
    assert refused.value.codes == {"gate_related_party"}
    assert "两份比价单" in str(refused.value)
    books.post(asked)


@pytest.mark.db("sqlite")
def test_ties_to_the_trustee_count_from_the_day_they_are_recorded(new_books: Callable[..., Books]) -> None:
    books = new_books(**{"related:vendor:V1": True, "related:vendor:V2": False})
    with pytest.raises(Refused, match="比价单"):
        books.post(changed(as_asked("E11b"), references={}))
    lines = [msgspec.structs.replace(x, vendor=x.vendor and "V2") for x in as_asked("E11b").lines]
    books.post(changed(as_asked("E11b"), lines=tuple(lines), references={}))


@pytest.mark.parametrize(
    ("event_id", "gate"), _gates("setting"), ids=lambda x: x if isinstance(x, str) else x.name
)
@pytest.mark.db("sqlite")
def test_an_event_waits_for_the_clause_it_rests_on(
    new_books: Callable[..., Books], event_id: str, gate: Gate
) -> None:
    books = new_books(**{name: value for name, value in ACCEPTED.items() if name != gate.subject})
    with pytest.raises(Refused) as refused:
        books.post(as_asked(event_id))
    assert refused.value.codes == {f"gate_{gate.name}"}


def test_no_remuneration_is_paid_while_the_trustee_owes_compensation(accepting: Books) -> None:
    accepting.post(as_asked("E27"))
    with pytest.raises(Refused) as refused:
        accepting.post(as_asked("E15b"))
    assert refused.value.codes == {"gate_no_open_compensation"}
    accepting.post(as_asked("E27b"))
    accepting.post(as_asked("E15b"))


def test_compensation_that_falls_due_earlier_in_the_same_batch_counts(accepting: Books) -> None:
    with pytest.raises(Refused) as refused:
        accepting.post_many([as_asked("E27"), as_asked("E15b")])
    assert refused.value.codes == {"gate_no_open_compensation"}
    accepting.post_many([as_asked("E27"), as_asked("E27b"), as_asked("E15b")])


def test_a_correction_is_no_way_around_a_gate(accepting: Books) -> None:
    paid = accepting.post(payment_to_trustee())
    accepting.post(as_asked("E27"))
    with pytest.raises(Refused) as refused:
        accepting.amend(paid.ref, as_asked("E15b"))
    assert refused.value.codes == {"gate_no_open_compensation"}


def payment_to_trustee() -> Draft:
    return as_asked("E14b")


@pytest.mark.parametrize("limit", [949_99, 950_00, 950_01])
@pytest.mark.db("sqlite")
def test_payments_above_the_limit_need_two_signatures(new_books: Callable[..., Books], limit: int) -> None:
    books = new_books(co_sign_above=limit)
    alone = changed(as_asked("E11b"), references={})
    if limit >= 950_00:
        books.post(alone)
        return
    with pytest.raises(Refused) as refused:
        books.post(alone)
    assert refused.value.codes == {"gate_co_sign"}


@pytest.mark.db("sqlite")
def test_books_are_opened_on_their_first_day_only(accepting: Books) -> None:
    with pytest.raises(Refused) as refused:
        accepting.post(changed(as_asked("E00"), date=DAY))
    assert refused.value.codes == {"not_opening_day"}


@pytest.mark.parametrize("event_id", sorted(set(DIRECT) - {"E00"}))
@pytest.mark.db("sqlite")
def test_an_entry_whose_lines_do_not_fit_its_event_is_refused(accepting: Books, event_id: str) -> None:
    asked = as_asked(event_id)
    before = accepting.footprint()
    other_side = tuple(msgspec.structs.replace(x, side="C" if x.side == "D" else "D") for x in asked.lines)
    with pytest.raises(Refused) as refused:
        accepting.post(changed(asked, lines=other_side))
    assert refused.value.codes & {"line_off_event", "line_missing"}
    stranger = line("D", "1801" if asked.book == "A" else "1101", 1_00, asked.lines[0].fund)
    with pytest.raises(Refused) as refused:
        accepting.post(changed(asked, lines=(*asked.lines, stranger)))
    fits = any(pattern.matches("D", stranger.account) for pattern in EVENTS[event_id].lines)
    assert ("line_off_event" in refused.value.codes) is not fits
    assert accepting.footprint() == before


@pytest.mark.parametrize("event_id", sorted(set(EVENTS) - set(DIRECT)))
@pytest.mark.db("sqlite")
def test_corrections_and_closings_cannot_be_typed_in(books: Books, event_id: str) -> None:
    book: Any = EVENTS[event_id].books[0]
    fund = "M" if book == "M" else "F1"
    lines = [line(side, code, amount, f, **_named(book, code, f)) for f, side, code, amount in parsed(STANDARD[event_id])]  # fmt: skip
    with pytest.raises(Refused) as refused:
        books.post(draft(event_id, lines, "other", book=book))
    assert "reserved_event" in refused.value.codes
    assert fund in {x.fund for x in lines}


@pytest.mark.db("sqlite")
def test_an_event_of_one_book_is_refused_in_the_other(accepting: Books) -> None:
    for event_id in DIRECT:
        books = EVENTS[event_id].books
        if len(books) == 1:
            other: Any = "A" if books == "M" else "M"
            with pytest.raises(Refused) as refused:
                accepting.post(changed(as_asked(event_id), book=other))
            assert "wrong_book" in refused.value.codes
