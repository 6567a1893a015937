"""Whatever is asked of the books, in whatever order, they stay whole.

Hypothesis plays a community for a while: right and wrong entries, batches, corrections, closings, signatures.
After every step each fund balances, the balances are the sum of what was posted, and the log, the entries and
their numbers agree. At the end every entry proves that it is in the log, and every checkpoint ever signed is
consistent with every later one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import date
from itertools import combinations, count
from typing import Any

import msgspec
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import Engine, insert

from ledger.balances import resolve_clock, trial_balance
from ledger.errors import Refused
from ledger.journal import Draft, Posted
from ledger.log.checkpoint import open_checkpoint
from ledger.log.store import LogNodes, SignedCheckpoint, read_leaf, sign_log
from ledger.log.tree import (
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    verify_consistency,
    verify_inclusion,
)
from ledger.periods import next_period
from ledger.periods.calendar import last_day
from ledger.store.engine import reading, writing
from ledger.store.tables import bank_balance
from tests.ledger.books import (
    BANK,
    CASH,
    TODAY,
    act,
    changed,
    contribution,
    deposit,
    fee_charge,
    fee_receipt,
    interest,
    invoice,
    maintenance,
    open_books,
    payment,
    petty,
    project_money,
    some,
    with_line,
)
from tests.log.test_note import signer
from tests.servers import Kind

_trusts = count(90_001)
days = st.sampled_from(
    [date(2024, 1, 10), date(2024, 2, 10), date(2024, 3, 10), date(2024, 12, 20), date(2025, 1, 10)]
)
amounts = st.sampled_from([1, 99, 100_00, 12_345_67])
parts = st.lists(
    st.tuples(st.sampled_from(["1-101", "1-102", "2-201"]), amounts),
    min_size=1,
    max_size=3,
    unique_by=lambda p: p[0],
)


def _right() -> st.SearchStrategy[Draft]:
    builders: list[Callable[[int, list[tuple[str, int]], date], Draft]] = [
        lambda amount, parts, day: fee_charge(parts, date=day),
        lambda amount, parts, day: fee_receipt(amount, parts[0][0], date=day),
        lambda amount, parts, day: invoice(amount, "500501", date=day),
        lambda amount, parts, day: invoice(amount, "5003", number="25111", date=day),
        lambda amount, parts, day: payment(amount, date=day),
        lambda amount, parts, day: petty(amount, date=day),
        lambda amount, parts, day: interest(amount, "F2", date=day),
        lambda amount, parts, day: deposit(amount, parts[0][0], date=day),
        lambda amount, parts, day: project_money(amount, "P2", date=day),
        lambda amount, parts, day: contribution(parts, date=day),
        lambda amount, parts, day: maintenance(parts, date=day),
    ]
    return st.builds(lambda build, *rest: build(*rest), st.sampled_from(builders), amounts, parts, days)


right = _right()
spoilers: list[Callable[[Draft], Draft]] = [
    lambda d: with_line(d, 1, amount=d.lines[0].amount + 1),
    lambda d: with_line(d, 1, amount=-d.lines[0].amount),
    lambda d: with_line(d, 2, account="9999"),
    lambda d: with_line(d, 2, fund="F4"),
    lambda d: with_line(d, 1, unit="9-999"),
    lambda d: changed(d, lines=d.lines[:1]),
    lambda d: changed(d, documents=()),
    lambda d: changed(d, event="E26b"),
    lambda d: changed(d, event="E99"),
    lambda d: changed(d, reviewer=d.preparer),
    lambda d: changed(d, summary=""),
    lambda d: changed(d, summary="\ud800"),
    lambda d: changed(d, date=date(2026, 1, 1)),
    lambda d: changed(d, date=date(2023, 1, 1)),
    lambda d: changed(d, currency="USD"),
]
wrong = st.builds(lambda draft, spoil: spoil(draft), right, st.sampled_from(spoilers))


class Community(RuleBasedStateMachine):
    """One trust; `posted` remembers drafts and refs, `model` adds up every line in the order of posting."""

    engine: Engine

    def __init__(self) -> None:
        super().__init__()
        self.books = open_books(self.engine, next(_trusts))
        self.signer = signer(f"mingzhang.example/c/trust-{self.books.trust_id}/log")
        self.refs: list[str] = []
        self.drafts: list[Draft] = []
        self.model: dict[tuple[str, str, str], int] = defaultdict(int)
        self.signed: list[SignedCheckpoint] = []

    def ask(self, command: Callable[[], Posted | list[Posted]]) -> list[Posted] | None:
        """What was posted and is now in the model; or None after a refusal that left no trace."""
        before = self.books.footprint()
        try:
            answer = command()
        except Refused:
            assert self.books.footprint() == before, "a refusal writes nothing"
            return None
        posted = answer if isinstance(answer, list) else [answer]
        for one in posted:
            if one.ref not in self.refs:
                assert not one.already
                self.refs.append(one.ref)
                draft = self.books.stored(one.ref).draft
                for x in draft.lines:
                    self.model[draft.book, x.account, x.fund] += x.signed
            else:
                assert one.already
        return posted

    def pick(self, place: int) -> str:
        return self.refs[place % len(self.refs)] if self.refs else "A-2024-000001"

    @rule(draft=right)
    def post(self, draft: Draft) -> None:
        if self.ask(lambda: self.books.post(draft)):
            self.drafts.append(draft)

    @rule(draft=wrong)
    def post_something_wrong(self, draft: Draft) -> None:
        assert self.ask(lambda: self.books.post(draft)) is None

    @rule(place=st.integers(0, 30))
    def post_again(self, place: int) -> None:
        if self.drafts:
            draft = self.drafts[place % len(self.drafts)]
            answer = self.ask(lambda: self.books.post(draft))
            assert answer is not None
            assert answer[0].already

    @rule(drafts=st.lists(right, min_size=2, max_size=6), repeat=st.booleans())
    def post_many(self, drafts: list[Draft], repeat: bool) -> None:
        batch = [*drafts, *self.drafts[-2:], drafts[0]] if repeat else drafts
        if self.ask(lambda: self.books.post_many(batch)):
            self.drafts += drafts

    @rule(drafts=st.lists(right, max_size=3), bad=wrong)
    def post_many_with_one_wrong(self, drafts: list[Draft], bad: Draft) -> None:
        assert self.ask(lambda: self.books.post_many([*drafts, bad])) is None

    @rule(place=st.integers(0, 30), on=days, key=st.sampled_from(["", "once"]))
    def reverse(self, place: int, on: date, key: str) -> None:
        if self.refs:
            self.ask(lambda: self.books.reverse(self.pick(place), on=on, key=key))

    @rule(place=st.integers(0, 30), corrected=right)
    def amend(self, place: int, corrected: Draft) -> None:
        if self.refs:
            self.ask(lambda: self.books.amend(self.pick(place), corrected))

    @rule(place=st.integers(0, 30), factor=st.sampled_from([1, 2, 3]), later=st.booleans())
    def amend_amounts(self, place: int, factor: int, later: bool) -> None:
        if self.drafts:
            first = self.drafts[place % len(self.drafts)]
            known = self.ask(lambda: self.books.post(first))
            assert known is not None
            lines: list[Any] = []
            for x in first.lines:
                details = tuple(changed_amount(detail, factor) for detail in x.details)
                lines.append(changed_amount(x, factor, details=details))
            day = date(2025, 1, 10) if later else first.date
            corrected = changed(first, lines=tuple(lines), date=day, key=f"{first.key}x{factor}{later}")
            self.ask(lambda: self.books.amend(known[0].ref, corrected))

    @rule(book=st.sampled_from(["A", "M"]), agree=st.booleans())
    def close_month(self, book: str, agree: bool) -> None:
        with writing(self.engine) as conn:
            period = next_period(conn, self.books.trust_id, book)
            if agree:
                self._bank_agrees(conn, book, last_day(period))
        before = self.books.footprint()
        try:
            self.books.close(period, book)
        except Refused:
            assert self.books.footprint() == before

    def _bank_agrees(self, conn: Any, book: str, as_of: date) -> None:
        clock = resolve_clock(conn, self.books.trust_id, today=TODAY, as_of=as_of)
        ours = {r.account: r.totals.balance for r in trial_balance(conn, self.books.trust_id, book, clock)}
        for fund, code in BANK.items():
            if (fund == "M") is (book == "M"):
                values = {
                    "trust_id": self.books.trust_id,
                    "bank_account": code,
                    "as_of": as_of,
                    "balance": ours.get(CASH[fund], 0),
                    "sha256": f"{next(_trusts):064x}",
                    "recorded_at": act().now,
                }
                conn.execute(insert(bank_balance).values(values))

    @rule(book=st.sampled_from(["A", "M"]), year=st.sampled_from([2024, 2025]))
    def close_year(self, book: Any, year: int) -> None:
        posted = self.ask(lambda: self.books.close_year(year, book))
        if posted is not None:
            assert year == 2024, "2025 is not over"
            left = self.books.trial(date(2024, 12, 31), book=book)
            assert {account for account, _ in left if account[0] in "45"} == set()

    @rule()
    def sign(self) -> None:
        if (signed := sign_log(self.engine, self.books.trust_id, self.signer, act().now)) is not None:
            self.signed.append(signed)

    @invariant()
    def books_are_whole(self) -> None:
        assert self.books.check_log() == len(self.refs)
        expected = {key: net for key, net in self.model.items() if net}
        found = {
            (book, account, fund): net
            for book in ("A", "M")
            for (account, fund), net in self.books.trial(book=book).items()
        }
        assert found == expected, "balances are the sum of what was posted"
        by_fund: dict[str, int] = defaultdict(int)
        for (_, _, fund), net in found.items():
            by_fund[fund] += net
        assert not any(by_fund.values()), "every fund balances"

    def teardown(self) -> None:
        self.sign()
        trust = self.books.trust_id
        with reading(self.engine) as conn:
            nodes = LogNodes(conn, trust)
            for signed in self.signed:
                assert open_checkpoint(signed.note, self.signer.verifier).root == signed.root
            for old, new in combinations(self.signed, 2):
                proof = consistency_proof(old.size, new.size, nodes) if old.size < new.size else []
                verify_consistency(old.size, old.root, new.size, new.root, proof)
            for signed in self.signed[-1:]:
                for seq in range(signed.size):
                    leaf = leaf_hash(read_leaf(conn, trust, seq))
                    verify_inclusion(
                        leaf, seq, signed.size, inclusion_proof(seq, signed.size, nodes), signed.root
                    )


def changed_amount(item: Any, factor: int, **more: Any) -> Any:
    return msgspec.structs.replace(item, amount=item.amount * factor, **more)


def test_books_stay_whole_whatever_is_asked_of_them(
    shared_engine: Callable[[Kind], Engine], db_kind: Kind
) -> None:
    machine = type("Community", (Community,), {"engine": shared_engine(db_kind)})
    share = 0.4 if db_kind == "sqlite" else 0.1
    quick = settings(some(share), stateful_step_count=25, suppress_health_check=list(HealthCheck))
    run_state_machine_as_test(machine, settings=quick)
