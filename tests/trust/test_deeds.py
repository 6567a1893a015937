"""Versions of the deed, tenures and clauses as values."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from ledger.errors import Refused
from ledger.events.model import load_gates
from ledger.store.engine import reading, writing
from ledger.trust import Deed, record_deed
from ledger.trust.deeds import compare, deed_on, deed_versions, differences
from ledger.trust.remuneration import clause_from_form, percent_text, read_clause
from ledger.trust.settings import known_settings
from tests.ledger.books import MAJOR, OPENED, act, open_books

phrases = st.lists(
    st.sampled_from(["物业费", "、", "停车费", "，", "按面积", " ", "\n", "公共收益", "。"]), max_size=12
)


@given(old=phrases.map("".join), new=phrases.map("".join))
def test_the_pieces_of_a_comparison_make_up_both_texts(old: str, new: str) -> None:
    pieces = compare(old, new)
    assert "".join(p.text for p in pieces if p.how != "added") == old
    assert "".join(p.text for p in pieces if p.how != "removed") == new
    if old == new:
        assert all(p.how == "same" for p in pieces)


def test_each_day_has_the_version_in_force_then(engine: Engine) -> None:
    books = open_books(engine)
    with reading(engine) as conn:
        first = deed_versions(conn, books.trust_id)[0].deed
    changed = Deed(date(2025, 1, 1), "提供物业服务", "委托人、受托人", "全体业主", "物业费", "按面积", MAJOR)
    with writing(engine) as conn:
        assert record_deed(conn, books.trust_id, changed, act()) == 2
    with reading(engine) as conn:
        versions = [
            deed_on(conn, books.trust_id, day) for day in (date(2023, 1, 1), OPENED, date(2025, 1, 1))
        ]
    assert [v.version if v else None for v in versions] == [None, 1, 2]
    assert set(differences(first, changed)) == {"property_scope"}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"authority": " "}, "no_authority"),
        ({"benefit_form": ""}, "deed_incomplete"),
        ({"benefit_form": "共同享有"}, "no_measure"),
        ({"beneficiaries": "锦安物业服务有限公司"}, "sole_beneficiary"),
        ({"effective_on": date(2023, 12, 31)}, "before_last_version"),
        ({"property_scope": "物业费、公共收益"}, "nothing_changed"),
    ],
)
@pytest.mark.db("sqlite")
def test_a_version_that_is_not_right_is_refused(
    engine: Engine, changes: dict[str, object], code: str
) -> None:
    books = open_books(engine)
    values: dict[str, object] = {
        "effective_on": date(2025, 1, 1),
        "purpose": "提供物业服务",
        "parties": "委托人、受托人",
        "beneficiaries": "全体业主",
        "property_scope": "物业费",
        "benefit_form": "按面积",
        "authority": MAJOR,
    }
    with pytest.raises(Refused) as refused, writing(engine) as conn:
        record_deed(conn, books.trust_id, Deed(**(values | changes)), act())  # type: ignore[arg-type]
    assert code in refused.value.codes


@given(rate=st.integers(1, 9_999), of=st.sampled_from(["receipts", "income"]))
def test_a_percentage_survives_being_typed_and_kept(rate: int, of: str) -> None:
    clause = clause_from_form({"kind": "percent", "rate": percent_text(rate), "of": of})
    assert (clause.rate_e4, clause.of) == (rate, of)
    assert read_clause(clause.to_value()) == clause


def test_a_fixed_clause_and_words_from_before() -> None:
    fixed = clause_from_form({"kind": "fixed", "amount": "13,200", "words": "按季支付"})
    assert fixed.sentence() == "每月固定 13,200.00 元。按季支付"
    assert read_clause(fixed.to_value()) == fixed
    words = read_clause("每月固定酬金 13,200 元")
    assert words is not None
    assert words.sentence() == "每月固定酬金 13,200 元"
    assert read_clause(None) is None


def test_the_list_of_settings_is_complete_in_words() -> None:
    for name, kind in known_settings().items():
        assert kind.title, name
        assert kind.help.endswith("。"), name
        assert (kind.kind == "choice") == bool(kind.choices), name


def test_every_rule_that_events_ask_for_can_be_set() -> None:
    asked = {gate.subject for gate in load_gates().values() if gate.kind == "setting"}
    asked |= {name for gate in load_gates().values() for name in (gate.when, gate.above) if name}
    assert asked <= set(known_settings())
