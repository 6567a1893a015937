"""A small community whose books are kept through the real code paths, over one and a quarter years.

November 2024 to March 2025, both books: opening, charges with details, receipts, invoices and payments,
shared revenue, deposits, contributions to the maintenance fund; a reversal, amendments of all three kinds;
months and the year 2024 closed; every entry signed.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from hashlib import sha256
from typing import Literal

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Engine, insert, select

from ledger.balances import Clock, account_totals
from ledger.journal import Detail, Document, Draft, Line, Posted, amend, post, post_many, reverse
from ledger.log.note import Signer
from ledger.log.store import SignedCheckpoint, sign_log
from ledger.periods import close_period, close_year_entries
from ledger.store.engine import reading, writing
from ledger.store.tables import bank_account, bank_balance
from ledger.trust import (
    Act,
    BankAccount,
    Contract,
    Deed,
    Unit,
    add_bank_accounts,
    add_contracts,
    add_dimension_values,
    add_units,
    open_trust,
)
from tests.decisions import note_decision

TRUST = 7
SLUG = "mingheyuan"
HOST = "mingzhang.example"
UNITS = ("1-101", "1-102", "2-201")
BANKS = {"F1": "100201", "F2": "100202", "F3": "100203", "M": "1001"}
AWKWARD = '补记 "门禁" 维修；含\\反斜线;分号\n第二行,逗号|竖线'
"""A summary with everything that breaks careless exports."""

Book = Literal["A", "M"]


def act(day: date) -> Act:
    """Noon in Beijing; random bytes that are the same in every run."""
    counter = iter(range(1 << 62))

    def entropy(count: int) -> bytes:
        return sha256(f"{day} {next(counter)}".encode()).digest()[:count]

    return Act(datetime(day.year, day.month, day.day, 4, tzinfo=UTC), entropy)


class Community:
    """The trust of these tests and the hands that keep its books."""

    def __init__(self, engine: Engine, seed: bytes = b"\5" * 32) -> None:
        self.engine = engine
        self.trust_id = TRUST
        self.signer = Signer(f"{HOST}/c/{SLUG}/log", Ed25519PrivateKey.from_private_bytes(seed))
        self.vkey = self.signer.verifier.vkey
        self._keys = 0

    # -- before the first entry --------------------------------------------------------------------------

    def open(self, opened_on: date = date(2024, 11, 1)) -> None:
        now = act(opened_on)
        deed = Deed(opened_on, "物业服务", "业主大会、受托人", "全体业主", "物业费及公共收益", "按面积", "")
        with writing(self.engine) as conn:
            open_trust(
                conn,
                trust_id=TRUST,
                slug=SLUG,
                name="明和苑",
                trustee="安居物业有限公司",
                host=HOST,
                opened_on=opened_on,
                deed=deed,
                act=now,
            )
            add_units(conn, TRUST, [Unit(unit, unit[0], "home", 9_000) for unit in UNITS])
            note_decision(conn, TRUST, "JY-1", "shared_use")
            accounts = [
                BankAccount(
                    f"{fund}-CCB",
                    "bank",
                    "M" if fund == "M" else "A",
                    fund,
                    account,
                    f"建行{fund}户",
                    "明和苑业主大会",
                    f"6200{fund}",
                )
                for fund, account in BANKS.items()
            ]
            add_bank_accounts(conn, TRUST, accounts)
            add_dimension_values(
                conn,
                TRUST,
                "vendor",
                [{"code": "V1", "name": "电梯公司"}, {"code": "V2", "name": "保洁公司"}],
            )
            add_dimension_values(conn, TRUST, "site", [{"code": "S1", "name": "电梯间"}])
            contracts = [
                Contract("HT-1", "电梯维保合同", "V1", "", opened_on, None),
                Contract("HT-2", "电梯广告合同", "V2", "S1", opened_on, None),
            ]
            add_contracts(conn, TRUST, contracts)

    # -- entries -----------------------------------------------------------------------------------------

    def draft(
        self,
        event: str,
        day: date,
        lines: tuple[Line, ...],
        *kinds: str,
        book: Book = "A",
        summary: str = "",
        references: Mapping[str, str] | None = None,
        counterparty: str = "",
        public: bool = False,
        original_date: date | None = None,
        memo: str = "",
    ) -> Draft:
        self._keys += 1
        documents = tuple(
            Document(kind, number=f"NO-{self._keys}", original=f"{self._keys:064x}") for kind in kinds
        )
        return Draft(
            book=book,
            date=day,
            event=event,
            summary=summary or f"业务 {event}",
            lines=lines,
            preparer="王会计",
            reviewer="李出纳",
            key=f"key-{self._keys}",
            documents=documents,
            references=references or {},
            counterparty=counterparty,
            counterparty_public=public,
            original_date=original_date,
            memo=memo,
        )

    def post(self, draft: Draft) -> Posted:
        with writing(self.engine) as conn:
            return post(conn, TRUST, draft, act(draft.date))

    def post_many(self, drafts: list[Draft]) -> list[Posted]:
        with writing(self.engine) as conn:
            return post_many(conn, TRUST, drafts, act(max(draft.date for draft in drafts)))

    def charge(self, day: date, amount: int = 10_000) -> Draft:
        """The month's fees of all units, posted in total."""
        details = tuple(Detail(unit, amount + no, "面积") for no, unit in enumerate(UNITS))
        total = sum(detail.amount for detail in details)
        lines = (
            Line("112201", "F1", "D", total, details=details),
            Line("400101", "F1", "C", total, details=details),
        )
        return self.draft("E01", day, lines, "charge_list", references={"fee_standard": "1"})

    def receipt(self, day: date, unit: str = UNITS[0], amount: int = 10_000, summary: str = "") -> Draft:
        lines = (
            Line("100201", "F1", "D", amount, bank_account="F1-CCB"),
            Line("112201", "F1", "C", amount, unit=unit),
        )
        return self.draft(
            "E02", day, lines, "bank_line", summary=summary, counterparty="张三", memo="私下备注"
        )

    def invoice(
        self, day: date, amount: int = 500_00, account: str = "500501", summary: str = "", vendor: str = "V1"
    ) -> Draft:
        lines = (
            Line(account, "F1", "D", amount),
            Line("220201", "F1", "C", amount, vendor=vendor, contract="HT-1"),
        )
        return self.draft(
            "E11a",
            day,
            lines,
            "invoice",
            "acceptance",
            summary=summary,
            references={"contract": "HT-1"},
            counterparty='电梯 "快修" 公司; 一分店',
            public=True,
        )

    def interest(self, day: date, amount: int = 123) -> Draft:
        lines = (
            Line("100202", "F2", "D", amount, bank_account="F2-CCB"),
            Line("4101", "F2", "C", amount),
        )
        return self.draft("E16", day, lines, "bank_line", summary="公共收益户结息")

    def deposit(self, day: date) -> Draft:
        lines = (
            Line("100203", "F3", "D", 200_000, bank_account="F3-CCB"),
            Line("224101", "F3", "C", 200_000, unit=UNITS[1]),
        )
        return self.draft("E08a", day, lines, "receipt", summary="收装修保证金")

    def advertising(self, day: date) -> Draft:
        lines = (
            Line("100202", "F2", "D", 300_000, bank_account="F2-CCB"),
            Line("400301", "F2", "C", 300_000, contract="HT-2", site="S1"),
        )
        return self.draft(
            "E17",
            day,
            lines,
            "bank_line",
            "contract",
            summary="电梯广告收入",
            references={"contract": "HT-2", "resolution": "JY-1"},
        )

    def contribution(self, day: date, unit: str = UNITS[0], amount: int = 800_000) -> Draft:
        lines = (
            Line("1001", "M", "D", amount, bank_account="M-CCB"),
            Line("4001", "M", "C", amount, unit=unit),
        )
        return self.draft("E23a", day, lines, "receipt", book="M", summary="业主交存维修资金")

    def reverse(self, ref: str, on: date, key: str = "red-1") -> Posted:
        with writing(self.engine) as conn:
            return reverse(
                conn,
                TRUST,
                ref,
                on=on,
                reason="录入有误",
                preparer="王会计",
                reviewer="李出纳",
                key=key,
                act=act(on),
            )

    def amend(self, ref: str, corrected: Draft) -> list[Posted]:
        with writing(self.engine) as conn:
            return amend(conn, TRUST, ref, corrected, act(corrected.date))

    # -- closing and signing -----------------------------------------------------------------------------

    def tell_bank_balances(self, as_of: date) -> None:
        """The bank says what the books say."""
        with writing(self.engine) as conn:
            for row in conn.execute(select(bank_account).where(bank_account.c.trust_id == TRUST)).all():
                clock = Clock(as_of, 1 << 40, True)
                balance = account_totals(
                    conn, TRUST, row.book, row.account, clock, fund=row.fund, bank_account=row.bank_account
                ).balance
                conn.execute(
                    insert(bank_balance).values(
                        trust_id=TRUST,
                        bank_account=row.bank_account,
                        as_of=as_of,
                        balance=balance,
                        sha256="ab" * 32,
                        recorded_at=act(as_of).now,
                    )
                )

    def close(self, period: int, ends_on: date, on: date) -> None:
        """Close a month of both books."""
        self.tell_bank_balances(ends_on)
        books: tuple[Book, Book] = ("A", "M")
        for book in books:
            with writing(self.engine) as conn:
                if ends_on.month == 12:
                    close_year_entries(
                        conn, TRUST, book, ends_on.year, preparer="王会计", reviewer="李出纳", act=act(on)
                    )
                close_period(conn, TRUST, book, period, by="王会计", act=act(on))

    def sign(self, day: date = date(2025, 3, 31)) -> SignedCheckpoint:
        signed = sign_log(self.engine, TRUST, self.signer, act(day).now)
        assert signed is not None
        return signed

    def size(self) -> int:
        from ledger.journal.head import peek_head

        with reading(self.engine) as conn:
            return peek_head(conn, TRUST).tree.size


def small_books(engine: Engine) -> Community:
    """Ten plain entries, unsigned."""
    community = Community(engine)
    community.open()
    days = [date(2024, 11, day) for day in range(1, 11)]
    community.post_many([community.charge(days[0]), *(community.receipt(day) for day in days[1:])])
    return community


def full_books(engine: Engine) -> Community:
    """Everything the module promises. Returns after the last checkpoint was signed."""
    community = Community(engine)
    community.open()
    nov, dec = date(2024, 11, 5), date(2024, 12, 5)
    wrong_last_year = community.post_many(
        [
            community.charge(nov),
            community.receipt(nov),
            community.invoice(nov, 888_00),
            community.interest(nov),
            community.deposit(nov),
            community.contribution(nov),
        ]
    )[2]
    community.sign(nov)
    community.close(202411, date(2024, 11, 30), dec)
    community.post_many([community.charge(dec), community.advertising(dec), community.contribution(dec)])
    community.sign(dec)
    jan = date(2025, 1, 10)
    community.close(202412, date(2024, 12, 31), jan)
    community.sign(jan)
    reversed_one, differing, moved = community.post_many(
        [
            community.receipt(jan, UNITS[1], 10_001, summary=AWKWARD),
            community.charge(jan),
            community.invoice(jan, 432_10, summary=AWKWARD),
        ]
    )
    community.reverse(reversed_one.ref, jan)
    community.amend(differing.ref, community.charge(jan, 9_000))
    community.amend(moved.ref, community.invoice(jan, 432_10, "500502"))
    community.amend(wrong_last_year.ref, community.invoice(jan, 800_00))
    late = community.interest(date(2025, 2, 3), 77)
    community.close(202501, date(2025, 1, 31), date(2025, 2, 2))
    community.post(late)
    community.post(community.contribution(date(2025, 2, 3), UNITS[2]))
    community.sign(date(2025, 2, 3))
    return community
