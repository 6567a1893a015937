"""A trust with a lift project under way, and the people who move it along: a transaction a call."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from itertools import count
from typing import Any

import msgspec
from sqlalchemy import Connection, Engine, insert

from ledger.journal import Document, Posted
from ledger.maintenance.cash import by_hand
from ledger.maintenance.scope import Scope
from ledger.projects.course import accept_milestone, evaluate
from ledger.projects.file import ProjectFile, project_file
from ledger.projects.final import publish_final
from ledger.projects.grants import Grant, record_grant
from ledger.projects.lists import Need, record_need
from ledger.projects.paying import (
    ProgressInvoice,
    ProgressPayment,
    progress_invoice_work,
    progress_payment_work,
    project_debts,
)
from ledger.projects.plans import adopt_plan, draft_plan, newest_version
from ledger.projects.receipts import ProjectReceipt, receipt_work
from ledger.projects.value import Milestone, Plan, Portion, Sharing, Source
from ledger.store.engine import reading, writing
from ledger.store.tables import document
from ledger.trust import Unit, add_units, load_setup
from ledger.work import CO_SIGN, PAY, Work, co_sign, pay, prepare, read_work, review
from tests.decisions import note_decision
from tests.ledger.books import DAY, TODAY, Books, act, open_books
from tests.work.people import ACCOUNTANT, CASHIER, CHECKER, MEMBER

PAPER = "ab" * 32
RESOLUTION = "业决〔2025〕7号"
RELEASE = date(2025, 6, 1)
LIFT_UNITS = tuple(
    Unit(f"07-1-{floor * 100 + door:04d}", "07", "home", 80_00 + 1_37 * floor + 11 * door)
    for floor in range(1, 7)
    for door in (1, 2)
)
FACTORS = ((1, 0), (2, 5), (3, 8), (4, 10), (5, 12), (6, 14))
_numbers = count(1)


def lift_plan(**changes: Any) -> Plan:
    """A lift for 1,000,000.00 yuan: 40 % government, 100,000.00 from society, the rest from the owners."""
    values: dict[str, Any] = {
        "project": "X1",
        "title": "7栋加装电梯",
        "purpose": "为7栋加装一部电梯",
        "total": 1_000_000_00,
        "sources": (
            Source("government", Portion("4/9")),
            Source("society", Portion(fen=100_000_00)),
            Source("owners", Portion("5/9")),
        ),
        "milestones": (
            Milestone("1", "开工", "设备到场，开工报告签字", Portion("3/10")),
            Milestone("2", "竣工", "特检合格，竣工验收签字", Portion("7/10"), retention=5),
        ),
        "starts_on": date(2025, 2, 1),
        "ends_on": date(2025, 6, 30),
        "resolution": RESOLUTION,
        "matter": "rebuild",
        "retention_until": RELEASE,
        "sharing": Sharing(Scope("building", ("07",)), "floor", FACTORS),
    }
    return Plan(**(values | changes))


def a_grant(**changes: Any) -> Grant:
    values: dict[str, Any] = {
        "code": "BZ-1",
        "title": "加装电梯补助",
        "kind": "subsidy",
        "source": "government",
        "giver": "锦城区住建局",
        "purpose": "只用于7栋加装电梯",
        "project": "X1",
        "amount": 400_000_00,
        "paper": "锦住建〔2025〕8号",
        "approved_on": date(2025, 2, 10),
    }
    return Grant(**(values | changes))


def keep_paper(conn: Connection, trust_id: int, digest: str = PAPER) -> None:
    """A scan that was handed in."""
    conn.execute(
        insert(document).values(
            trust_id=trust_id,
            sha256=digest,
            media_type="application/pdf",
            size=9,
            access="internal",
            stored_at=act().now,
        )
    )


@dataclass
class Site:
    """The projects of a trust."""

    books: Books
    made: list[int] = field(default_factory=list)

    @property
    def trust_id(self) -> int:
        return self.books.trust_id

    @property
    def engine(self) -> Engine:
        return self.books.engine

    def file(self, code: str = "X1") -> ProjectFile:
        with reading(self.engine) as conn:
            return project_file(conn, self.trust_id, code)

    def need(self, **changes: Any) -> int:
        values: dict[str, Any] = {
            "title": "7栋没有电梯",
            "place": "7栋",
            "homes": 12,
            "urgency": "soon",
            "reporter": "residents",
        }
        with writing(self.engine) as conn:
            return record_need(conn, self.trust_id, Need(**(values | changes)), MEMBER, act())

    def draft(self, plan: Plan | None = None) -> int:
        with writing(self.engine) as conn:
            return draft_plan(conn, self.trust_id, plan or lift_plan(), ACCOUNTANT, act())

    def adopt(self, code: str = "X1", today: date = TODAY, version: int | None = None) -> int:
        """Adopt a version, the newest if none is said."""
        with writing(self.engine) as conn:
            seen = version or newest_version(conn, self.trust_id, code).version
            return adopt_plan(conn, self.trust_id, code, MEMBER, act(today), version=seen)

    def grant(self, **changes: Any) -> None:
        with writing(self.engine) as conn:
            record_grant(conn, self.trust_id, a_grant(**changes), ACCOUNTANT, act())

    def accept(self, milestone: str, code: str = "X1", **changes: Any) -> None:
        values: dict[str, Any] = {"document": PAPER, "on": DAY, "actor": MEMBER, "act": act()}
        with writing(self.engine) as conn:
            accept_milestone(conn, self.trust_id, code, milestone, **(values | changes))

    def evaluate(self, satisfied: int, fair: int, unsatisfied: int) -> None:
        with writing(self.engine) as conn:
            evaluate(
                conn,
                self.trust_id,
                "X1",
                satisfied=satisfied,
                fair=fair,
                unsatisfied=unsatisfied,
                on=DAY,
                actor=MEMBER,
                act=act(),
            )

    def finalize(self, note: str = "") -> int:
        with writing(self.engine) as conn:
            return publish_final(conn, self.trust_id, "X1", note=note, actor=MEMBER, act=act())

    def receipt(self, source: str, fen: int, **changes: Any) -> Work:
        with writing(self.engine) as conn:
            cash = by_hand(
                load_setup(conn, self.trust_id),
                bank_account="F5-CMB",
                fen=fen,
                on=DAY,
                number=f"R{next(_numbers)}",
                paper="bank_line",
                fund="F5",
            )
            asked = ProjectReceipt(**({"project": "X1", "source": source, "cash": cash} | changes))
            return receipt_work(conn, self.trust_id, asked)

    def receive(self, source: str, fen: int, **changes: Any) -> str:
        return self.carry(self.receipt(source, fen, **changes))

    def invoice(self, milestone: str, fen: int, **changes: Any) -> Work:
        number = f"2610000000000{next(_numbers):07d}"
        papers = (
            Document("invoice", number=number, original="a" * 64),
            Document("acceptance", "验收单", original=PAPER),
        )
        values: dict[str, Any] = {
            "project": "X1",
            "milestone": milestone,
            "contract": "C1",
            "number": number,
            "fen": fen,
            "on": DAY,
            "documents": papers,
        }
        with writing(self.engine) as conn:
            return progress_invoice_work(conn, self.trust_id, ProgressInvoice(**(values | changes)), act())

    def debts(self, code: str = "X1") -> dict[str, int]:
        with reading(self.engine) as conn:
            return {debt.key: debt.open for debt, _ in project_debts(conn, self.trust_id, code)}

    def payment(self, parts: dict[str, int], **changes: Any) -> Work:
        values: dict[str, Any] = {"project": "X1", "parts": parts, "bank_account": "F5-CMB", "on": DAY}
        with writing(self.engine) as conn:
            return progress_payment_work(conn, self.trust_id, ProgressPayment(**(values | changes)), act())

    def prepare(self, work: Work) -> int:
        with writing(self.engine) as conn:
            return prepare(conn, self.trust_id, work, ACCOUNTANT, act()).no

    def finish(self, no: int, on: date = DAY) -> list[Posted]:
        with writing(self.engine) as conn:
            posted = review(conn, self.trust_id, no, CHECKER, act())
            if read_work(conn, self.trust_id, no).item.waiting_for == CO_SIGN:
                posted = co_sign(conn, self.trust_id, no, MEMBER, act())
            if read_work(conn, self.trust_id, no).item.waiting_for == PAY:
                posted = pay(conn, self.trust_id, no, CASHIER, act(), on=on, bank_number=f"H{no}")
        return posted

    def carry(self, work: Work, on: date = DAY) -> str:
        return self.finish(self.prepare(work), on)[0].ref


def open_site(engine: Engine) -> Site:
    """Twelve homes in building 07 over six floors, the decision on a lift, and a paper."""
    books = open_books(engine)
    with writing(engine) as conn:
        add_units(conn, books.trust_id, LIFT_UNITS)
        note_decision(conn, books.trust_id, RESOLUTION, "rebuild")
        keep_paper(conn, books.trust_id)
    return Site(books)


def under_way(engine: Engine) -> Site:
    """The plan adopted, the first milestone accepted, all money there."""
    site = open_site(engine)
    site.draft()
    site.adopt()
    site.grant()
    site.accept("1")
    site.receive("government", 400_000_00, grant="BZ-1")
    site.receive("society", 100_000_00, giver="锦城慈善会", giver_public=True)
    site.receive("owners", 500_000_00, homes={"07-1-0601": 300_000_00, "07-1-0602": 200_000_00})
    return site


def with_references(work: Work, **changes: str) -> Work:
    """The work with other references on its first entry; an empty one is taken off."""
    draft = work.drafts[0]
    named = {kind: ref for kind, ref in {**draft.references, **changes}.items() if ref}
    return msgspec.structs.replace(work, drafts=(msgspec.structs.replace(draft, references=named),))


def let_spend(books: Books, project: str, fen: int) -> None:
    """A plan adopted for a project of ``fen``, a third from each source, and its only milestone accepted."""
    site = Site(books)
    with writing(books.engine) as conn:
        note_decision(conn, books.trust_id, RESOLUTION, "rebuild")
        keep_paper(conn, books.trust_id)
    thirds = tuple(Source(name, Portion("1/3")) for name in ("government", "society", "owners"))
    site.draft(
        lift_plan(
            project=project,
            total=fen,
            sources=thirds,
            milestones=(Milestone("1", "全部", "竣工验收签字", Portion("1/1")),),
            sharing=Sharing(Scope("all")),
        )
    )
    site.adopt(project)
    site.accept("1", project)
