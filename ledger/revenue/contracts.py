"""Contracts that bring shared revenue: who uses which part of the common property, on what terms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, exists, func, insert, select

from ledger.errors import Problem, Refused, Unanswerable
from ledger.people import Actor, require
from ledger.resolutions.lacking import decision_lacking
from ledger.revenue.schedule import DueRow, Mode, Plan, make_schedule
from ledger.store.tables import contract as contract_table
from ledger.store.tables import dimension_value, revenue_due, revenue_terms
from ledger.trust import Contract, add_contracts, add_dimension_values
from ledger.trust.act import Act
from ledger.trust.setup import Setup

INCOME = "4003"
MATTERS = ("shared_use",)
"""What the decision under a contract has to be about (民法典 278(8))."""


@dataclass(frozen=True, slots=True)
class NewTerms:
    """A contract's first terms, or new ones from ``plan.starts_on`` on (``authority``: the supplement).

    ``party`` and ``site`` are names; what has not been on record is put on record. ``received_before``:
    fen that came in for these periods before the books knew of the contract.
    """

    contract: str
    title: str
    party: str
    site: str
    account: str
    resolution: str
    plan: Plan
    received_before: int = 0
    authority: str = ""


@dataclass(frozen=True, slots=True)
class Terms:
    """Terms in force, with names; ``total`` is the sum of their schedule."""

    contract: str
    version: int
    title: str
    party: str
    party_name: str
    site: str
    site_name: str
    account: str
    mode: Mode
    starts_on: date
    ends_on: date
    period_months: int
    resolution: str
    received_before: int


def record_terms(conn: Connection, setup: Setup, new: NewTerms, actor: Actor, act: Act) -> int:
    """Keep the terms and their schedule; returns the version. Raises :class:`Refused`."""
    require(actor, "revenue.prepare")
    trust_id = setup.trust_id
    last = _last_version(conn, trust_id, new.contract)
    rows = make_schedule(new.plan)
    known = conn.execute(_contract(trust_id, new.contract)).first()
    problems = [*_problems(setup, new, last), *_boundary(conn, trust_id, new, last)]
    problems += _contradictions(setup, new, known) if known else []
    problems += decision_lacking(
        conn, trust_id, new.resolution, matters=MATTERS, on=act.today, where="业主共同决定的决议号"
    )
    if problems:
        raise Refused(problems)
    if known is None:
        party = _code(conn, trust_id, "party", "P", new.party)
        site = _code(conn, trust_id, "site", "S", new.site)
        made = Contract(new.contract, new.title, party, site, new.plan.starts_on, new.plan.ends_on)
        add_contracts(conn, trust_id, [made])
    version = last + 1
    conn.execute(insert(revenue_terms).values(_terms_row(trust_id, version, new, actor, act)))
    conn.execute(insert(revenue_due), [_due_row(trust_id, version, new.contract, row) for row in rows])
    return version


def _terms_row(trust_id: int, version: int, new: NewTerms, actor: Actor, act: Act) -> dict[str, Any]:
    plan = new.plan
    return {
        "trust_id": trust_id,
        "contract": new.contract,
        "version": version,
        "account": new.account,
        "mode": plan.mode,
        "starts_on": plan.starts_on,
        "ends_on": plan.ends_on,
        "period_months": plan.period_months,
        "due_days": plan.due_days,
        "escalation_bp": plan.escalation_bp,
        "escalation_months": plan.escalation_months,
        "received_before": new.received_before,
        "resolution": new.resolution.strip(),
        "authority": new.authority.strip(),
        "recorded_at": act.now,
        "recorded_by": actor.signature,
    }


def _due_row(trust_id: int, version: int, contract: str, row: DueRow) -> dict[str, Any]:
    return {
        "trust_id": trust_id,
        "contract": contract,
        "version": version,
        "period_no": row.period_no,
        "starts_on": row.starts_on,
        "ends_on": row.ends_on,
        "due_on": row.due_on,
        "amount": row.amount,
    }


def _problems(setup: Setup, new: NewTerms, last: int) -> list[Problem]:
    needed = (
        ("no_contract", "合同号", new.contract),
        ("no_title", "合同名称", new.title),
        ("no_party", "对方单位", new.party),
        ("no_site", "点位", new.site),
        ("no_resolution", "业主共同决定的决议号", new.resolution),
    )
    problems = [Problem(code, f"请填写{name}", name) for code, name, text in needed if not text.strip()]
    account = setup.chart.get("A", new.account)
    if account is None or not account.leaf or not new.account.startswith(INCOME):
        problems.append(Problem("not_shared_income", "请选择公共收益的明细科目", "收入类别"))
    nothing = not (new.plan.amount or new.plan.total)
    if nothing and new.plan.mode != "share" and not last:
        problems.append(Problem("no_amount", "合同金额应大于零；按分成的请把收款方式选为分成", "金额"))
    if new.received_before < 0:
        problems.append(Problem("bad_amount", "启用前已收金额不能为负", "启用前已收"))
    if last and not new.authority.strip():
        problems.append(Problem("no_authority", "变更合同条件须写明补充协议或决议的编号", "变更依据"))
    return problems


def _contradictions(setup: Setup, new: NewTerms, known: Any) -> list[Problem]:
    """A contract on record keeps its party and site; another party is another contract."""
    problems = []
    for title, typed, code, dimensions in (
        ("对方单位", new.party, known.party, ("party", "vendor")),
        ("点位", new.site, known.site, ("site",)),
    ):
        names = {value.name for d in dimensions if (value := setup.values.get((d, code)))} or {code}
        if typed.strip() and typed.strip() not in names:
            shown = "、".join(sorted(names)) or "空的"
            problems.append(
                Problem(
                    "contract_taken",
                    f"合同“{new.contract}”登记的{title}是“{shown}”，与填写的不同；换了{title}请另登记一份合同",
                    title,
                )
            )
    return problems


def _boundary(conn: Connection, trust_id: int, new: NewTerms, last: int) -> list[Problem]:
    """New terms begin where a period begins, so that no day is charged twice or not at all."""
    if not last:
        return []
    rows = schedule_of(conn, trust_id, new.contract)
    starts = [row.starts_on for _, row in rows]
    end = max((row.ends_on for _, row in rows), default=None)
    if new.plan.starts_on in starts or end is None or new.plan.starts_on > end:
        return []
    near = "、".join(str(day) for day in starts if abs((day - new.plan.starts_on).days) < 400) or str(
        starts[0]
    )
    return [Problem("not_a_period_start", f"新条件须从某一期的第一天起算（附近的有 {near}）", "合同期限")]


def _code(conn: Connection, trust_id: int, dimension: str, prefix: str, name: str) -> str:
    """The code of a party or site by its name; a new one if nobody has that name yet."""
    rows = conn.execute(
        select(dimension_value.c.code, dimension_value.c.name).where(
            dimension_value.c.trust_id == trust_id, dimension_value.c.dimension == dimension
        )
    )
    known: dict[str, str] = {title: code for code, title in rows}
    name = name.strip()
    if name in known:
        return known[name]
    taken = set(known.values())
    code = next(c for n in range(len(taken) + 1, 10**6) if (c := f"{prefix}-{n:03d}") not in taken)
    add_dimension_values(conn, trust_id, dimension, [{"code": code, "name": name}])
    return code


def _contract(trust_id: int, code: str) -> Any:
    return select(contract_table).where(
        contract_table.c.trust_id == trust_id, contract_table.c.contract == code
    )


def _last_version(conn: Connection, trust_id: int, contract: str) -> int:
    query = select(func.coalesce(func.max(revenue_terms.c.version), 0)).where(
        revenue_terms.c.trust_id == trust_id, revenue_terms.c.contract == contract
    )
    return int(conn.execute(query).scalar_one())


def list_terms(conn: Connection, trust_id: int, contract: str = "") -> list[Terms]:
    """The newest terms of every contract, in order of contracts."""
    party, site, later = dimension_value.alias(), dimension_value.alias(), revenue_terms.alias()
    query = (
        select(revenue_terms, contract_table.c.title, contract_table.c.party, contract_table.c.site,
               party.c.name.label("party_name"), site.c.name.label("site_name"))
        .join(
            contract_table,
            (contract_table.c.trust_id == revenue_terms.c.trust_id)
            & (contract_table.c.contract == revenue_terms.c.contract),
        )
        .outerjoin(
            party,
            (party.c.trust_id == contract_table.c.trust_id)
            & (party.c.dimension == "party")
            & (party.c.code == contract_table.c.party),
        )
        .outerjoin(
            site,
            (site.c.trust_id == contract_table.c.trust_id)
            & (site.c.dimension == "site")
            & (site.c.code == contract_table.c.site),
        )
        .where(
            revenue_terms.c.trust_id == trust_id,
            ~exists().where(
                later.c.trust_id == revenue_terms.c.trust_id,
                later.c.contract == revenue_terms.c.contract,
                later.c.version > revenue_terms.c.version,
            ),
        )
        .order_by(revenue_terms.c.contract)
    )  # fmt: skip
    if contract:
        query = query.where(revenue_terms.c.contract == contract)
    return [_terms(row) for row in conn.execute(query)]


def _terms(row: Any) -> Terms:
    return Terms(
        contract=row.contract,
        version=row.version,
        title=row.title,
        party=row.party,
        party_name=row.party_name or row.party,
        site=row.site,
        site_name=row.site_name or row.site,
        account=row.account,
        mode=row.mode,
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        period_months=row.period_months,
        resolution=row.resolution,
        received_before=row.received_before,
    )


def read_terms(conn: Connection, trust_id: int, contract: str) -> Terms:
    """One contract's terms. Raises :class:`~ledger.errors.Unanswerable` if there are none."""
    found: Sequence[Terms] = list_terms(conn, trust_id, contract)
    if not found:
        raise Unanswerable("unknown_contract", f"没有登记过公共收益合同“{contract}”")
    return found[0]


def schedule_of(conn: Connection, trust_id: int, contract: str) -> list[tuple[int, DueRow]]:
    """The rows in force of one contract with the version they came from, in order."""
    return schedules(conn, trust_id, contract).get(contract, [])


def schedules(conn: Connection, trust_id: int, contract: str = "") -> dict[str, list[tuple[int, DueRow]]]:
    """Rows in force by contract. A later version takes the place of rows that begin on its day or after."""
    later = revenue_terms.alias()
    query = (
        select(revenue_due)
        .where(
            revenue_due.c.trust_id == trust_id,
            ~exists().where(
                later.c.trust_id == revenue_due.c.trust_id,
                later.c.contract == revenue_due.c.contract,
                later.c.version > revenue_due.c.version,
                later.c.starts_on <= revenue_due.c.starts_on,
            ),
        )
        .order_by(revenue_due.c.contract, revenue_due.c.starts_on)
    )
    if contract:
        query = query.where(revenue_due.c.contract == contract)
    found: dict[str, list[tuple[int, DueRow]]] = {}
    for row in conn.execute(query):
        due = DueRow(row.period_no, row.starts_on, row.ends_on, row.due_on, row.amount)
        found.setdefault(row.contract, []).append((row.version, due))
    return found
