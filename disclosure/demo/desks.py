"""What lies on the desks of the demo community today: work that waits for each role, made as staff make it."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Engine

from ledger.budget.available import lines_in_force
from ledger.journal import Document, Draft, Line
from ledger.payments.payables import open_payables
from ledger.payments.requests import PaymentRequest, payment_work
from ledger.people import Actor, Role
from ledger.store.engine import writing
from ledger.trust import Act
from ledger.work import Work, prepare, review

_FUND, _BANK_ACCOUNT, _TAXES = "F1", "F1-CCB", "5013"


def leave_work(engine: Engine, trust_id: int, people: Mapping[Role, Actor], act: Act) -> None:
    """Ask for every payment that is owed and have all but the first reviewed; hand in one voucher.

    Payments above the deed's limit then wait for the committee, the others for the cashier.
    """
    preparer, reviewer = people[Role.PREPARER], people[Role.REVIEWER]
    with writing(engine) as conn:
        debts = [debt for debt in open_payables(conn, trust_id) if debt.fund == _FUND and debt.open > 0]
        for place, debt in enumerate(debts):
            request = PaymentRequest({debt.key: debt.open}, _BANK_ACCOUNT, act.today)
            work = payment_work(conn, trust_id, request, act)
            prepared = prepare(conn, trust_id, work, preparer, act)
            if place:
                review(conn, trust_id, prepared.no, reviewer, act)
        lines = lines_in_force(conn, trust_id, act.today, {act.today.year})
        line = next((line.code for line in lines if _TAXES in line.account_prefixes), "")
        prepare(conn, trust_id, _paper(act, line), preparer, act)


def _paper(act: Act, budget_line: str) -> Work:
    amount = 236_00
    draft = Draft(
        book="A",
        date=act.today,
        event="E18",
        summary="计提附加税费",
        lines=(Line(_TAXES, "F1", "D", amount), Line("222102", "F1", "C", amount)),
        preparer="",
        reviewer="",
        key=f"demo:tax:{act.today}",
        documents=(Document("tax_sheet", "附加税费计算表"),),
        references={"budget_line": budget_line} if budget_line else {},
    )
    return Work(kind="voucher", title="计提附加税费", drafts=(draft,))
