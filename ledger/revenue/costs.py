"""What leaves shared revenue: reasonable costs with their evidence, and help for the service fund."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from ledger.errors import Problem, Refused
from ledger.journal import Document, Draft, Line
from ledger.maintenance.keys import next_key
from ledger.resolutions.lacking import decision_lacking
from ledger.trust.act import Act
from ledger.trust.setup import Setup
from ledger.work import Work

MATTERS = ("shared_use", "other")
"""What the decision under help for the service fund can be about."""
COST, TO_SERVICE = "revenue_cost", "revenue_to_service"


@dataclass(frozen=True, slots=True)
class Cost:
    """A reasonable cost (合理成本) of earning shared revenue; ``proof``: title and number of its evidence."""

    fen: int
    on: date
    what: str
    payee: str
    proof_title: str
    proof_number: str
    bank_account: str
    budget_line: str = ""


def cost_work(conn: Connection, setup: Setup, cost: Cost) -> Work:
    """Pay a reasonable cost out of shared revenue. Raises :class:`Refused` without evidence for it."""
    needed = (
        ("no_what", "成本内容", cost.what),
        ("no_payee", "收款单位", cost.payee),
        ("no_proof", "成本证明的名称", cost.proof_title),
        ("no_proof", "成本证明的编号", cost.proof_number),
    )
    problems = [
        Problem(code, f"请填写{name}；从公共收益中扣除的成本须逐笔有证据（民法典 282、解释 14）", name)
        for code, name, text in needed
        if not text.strip()
    ]
    if cost.fen <= 0:
        problems.append(Problem("no_amount", "金额应大于零", "金额"))
    problems += _not_of_fund(setup, cost.bank_account, "F2", "付款账户")
    if problems:
        raise Refused(problems)
    draft = Draft(
        book="A",
        date=cost.on,
        event="E20",
        summary=f"公共收益合理成本：{cost.what.strip()}",
        lines=(
            Line("5015", "F2", "D", cost.fen),
            Line("100202", "F2", "C", cost.fen, bank_account=cost.bank_account),
        ),
        preparer="",
        reviewer="",
        key=next_key(conn, setup.trust_id, f"revenue:cost:{cost.proof_number.strip()}"),
        documents=(Document("cost_proof", cost.proof_title.strip(), number=cost.proof_number.strip()),),
        references={"budget_line": cost.budget_line} if cost.budget_line else {},
        counterparty=cost.payee.strip(),
        counterparty_public=True,
    )
    return Work(kind=COST, title=draft.summary, drafts=(draft,))


def to_service_work(
    conn: Connection,
    setup: Setup,
    fen: int,
    on: date,
    resolution: str,
    *,
    from_account: str,
    to_account: str,
    act: Act,
) -> Work:
    """Shared revenue makes up the property-service fund (E22), by the owners' resolution.

    The same resolution may pay in several parts, even two equal ones on a day.
    """
    problems = [
        *_not_of_fund(setup, from_account, "F2", "转出账户"),
        *_not_of_fund(setup, to_account, "F1", "转入账户"),
    ]
    if fen <= 0:
        problems.append(Problem("no_amount", "金额应大于零", "金额"))
    if not resolution.strip():
        problems.append(Problem("no_resolution", "动用公共收益须有业主大会决议，请填写决议号", "决议号"))
    problems += decision_lacking(conn, setup.trust_id, resolution, matters=MATTERS, on=on)
    if problems:
        raise Refused(problems)
    draft = Draft(
        book="A",
        date=on,
        event="E22",
        summary="按业主大会决议，公共收益补充物业服务资金",
        lines=(
            Line("5902", "F2", "D", fen),
            Line("100202", "F2", "C", fen, bank_account=from_account),
            Line("100201", "F1", "D", fen, bank_account=to_account),
            Line("4902", "F1", "C", fen, counter_fund="F2"),
        ),
        preparer="",
        reviewer="",
        key=f"revenue:service:{act.entropy(12).hex()}",
        documents=(Document("resolution", "业主大会决议", number=resolution.strip()),),
        references={"resolution": resolution.strip()},
    )
    return Work(kind=TO_SERVICE, title=draft.summary, drafts=(draft,))


def _not_of_fund(setup: Setup, bank_account: str, fund: str, where: str) -> list[Problem]:
    home = setup.bank_accounts.get(bank_account)
    if home is not None and home[2] == fund and home[1].startswith("1002"):
        return []
    names = {"F1": "物业服务资金户", "F2": "公共收益专户"}
    return [Problem("wrong_bank_account", f"请选择{names[fund]}", where)]
