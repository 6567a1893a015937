"""Purchase contracts (采购合同): with whom, how long, for how much, and the papers that show it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import Connection, Select, case, func, insert, select

from ledger.errors import Problem, Refused, Unanswerable, refuse
from ledger.journal import Document
from ledger.journal.privacy import private_data_in
from ledger.payments.contract_papers import add_papers
from ledger.people import Actor, require
from ledger.store.tables import contract as contract_table
from ledger.store.tables import contract_detail, dimension_value, posting
from ledger.trust import Contract, add_contracts
from ledger.trust.act import Act
from ledger.trust.lock import lock_trust

_MAX_TEXT = 100
_OWED = ("220201", "220202")


@dataclass(frozen=True, slots=True)
class Purchase:
    """A contract with a vendor. ``total`` in fen, None if it names none; number and title are public."""

    number: str
    title: str
    vendor: str
    starts_on: date
    ends_on: date | None = None
    site: str = ""
    total: int | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class ContractFile:
    """A contract with what was invoiced and paid on it so far, in fen."""

    purchase: Purchase
    party_name: str
    invoiced: int
    paid: int

    @property
    def left(self) -> int | None:
        """What may still be invoiced; None if the contract names no total."""
        return None if self.purchase.total is None else self.purchase.total - self.invoiced


def add_purchase(
    conn: Connection,
    trust_id: int,
    purchase: Purchase,
    documents: Sequence[Document],
    actor: Actor,
    act: Act,
) -> None:
    """Register a contract with its papers. Raises :class:`~ledger.errors.Refused`."""
    require(actor, "vendor.prepare")
    lock_trust(conn, trust_id)
    purchase = replace(
        purchase,
        number="".join(purchase.number.split()),
        title=purchase.title.strip(),
        note=purchase.note.strip(),
    )
    if problems := _problems(conn, trust_id, purchase):
        raise Refused(problems)
    add_contracts(
        conn,
        trust_id,
        [
            Contract(
                purchase.number,
                purchase.title,
                purchase.vendor,
                purchase.site,
                purchase.starts_on,
                purchase.ends_on,
            )
        ],
    )
    _keep_detail(conn, trust_id, purchase.number, 1, purchase.total, purchase.note, actor, act)
    add_papers(conn, trust_id, purchase.number, documents, actor, act)


def change_total(
    conn: Connection, trust_id: int, number: str, total: int | None, note: str, actor: Actor, act: Act
) -> None:
    """Record a new agreed sum, such as a supplement's (补充协议), with what it rests on."""
    require(actor, "vendor.prepare")
    lock_trust(conn, trust_id)
    read_contract(conn, trust_id, number)
    if not note.strip():
        raise refuse("no_note", "请写明依据，例如补充协议的编号", "依据")
    last = conn.execute(
        select(func.max(contract_detail.c.version)).where(
            contract_detail.c.trust_id == trust_id, contract_detail.c.contract == number
        )
    ).scalar()
    _keep_detail(conn, trust_id, number, (last or 0) + 1, total, note.strip(), actor, act)


def list_contracts(
    conn: Connection, trust_id: int, *, vendor: str = "", after: str = "", limit: int = 50
) -> list[ContractFile]:
    """Contracts by number; ``after`` is the number of the last one seen."""
    query = _contracts(trust_id).order_by(contract_table.c.contract).limit(limit)
    if vendor:
        query = query.where(contract_table.c.party == vendor)
    if after:
        query = query.where(contract_table.c.contract > after)
    rows = conn.execute(query).all()
    moved = _moved(conn, trust_id, [row.contract for row in rows])
    return [_file(row, moved) for row in rows]


def read_contract(conn: Connection, trust_id: int, number: str) -> ContractFile:
    """One contract. Raises :class:`~ledger.errors.Unanswerable`."""
    row = conn.execute(_contracts(trust_id).where(contract_table.c.contract == number)).first()
    if row is None:
        raise Unanswerable("unknown_contract", f"没有登记过合同“{number}”")
    return _file(row, _moved(conn, trust_id, [number]))


def _contracts(trust_id: int) -> Select[Any]:
    newest = (
        select(contract_detail.c.contract, func.max(contract_detail.c.version).label("version"))
        .where(contract_detail.c.trust_id == trust_id)
        .group_by(contract_detail.c.contract)
        .subquery()
    )
    return (
        select(
            contract_table,
            contract_detail.c.total,
            contract_detail.c.note,
            dimension_value.c.name.label("party_name"),
        )
        .outerjoin(newest, newest.c.contract == contract_table.c.contract)
        .outerjoin(
            contract_detail,
            (contract_detail.c.trust_id == contract_table.c.trust_id)
            & (contract_detail.c.contract == contract_table.c.contract)
            & (contract_detail.c.version == newest.c.version),
        )
        .outerjoin(
            dimension_value,
            (dimension_value.c.trust_id == contract_table.c.trust_id)
            & (dimension_value.c.dimension == "vendor")
            & (dimension_value.c.code == contract_table.c.party),
        )
        .where(contract_table.c.trust_id == trust_id)
    )


def _moved(conn: Connection, trust_id: int, numbers: Sequence[str]) -> dict[str, tuple[int, int]]:
    """Invoiced and paid on each contract, from the payables."""
    if not numbers:
        return {}
    credit = func.sum(case((posting.c.side == "C", posting.c.amount), else_=0))
    debit = func.sum(case((posting.c.side == "D", posting.c.amount), else_=0))
    rows = conn.execute(
        select(posting.c.contract, credit, debit)
        .where(posting.c.trust_id == trust_id, posting.c.contract.in_(numbers), posting.c.account.in_(_OWED))
        .group_by(posting.c.contract)
    )
    return {number: (int(owed), int(paid)) for number, owed, paid in rows}


def _file(row: Any, moved: dict[str, tuple[int, int]]) -> ContractFile:
    invoiced, paid = moved.get(row.contract, (0, 0))
    return ContractFile(
        Purchase(
            number=row.contract,
            title=row.title,
            vendor=row.party,
            starts_on=row.starts_on,
            ends_on=row.ends_on,
            site=row.site,
            total=row.total,
            note=row.note or "",
        ),
        party_name=row.party_name or row.party,
        invoiced=invoiced,
        paid=paid,
    )


def _problems(conn: Connection, trust_id: int, purchase: Purchase) -> list[Problem]:
    problems = []
    if not purchase.number:
        problems.append(Problem("missing", "请填写合同号", "合同号"))
    if set(purchase.number) & set("/?#%\\"):
        problems.append(Problem("bad_number", "合同号里不能有 / ? # % \\，请改用短横线", "合同号"))
    if not purchase.title:
        problems.append(Problem("missing", "请填写合同名称", "合同名称"))
    for text, where in ((purchase.number, "合同号"), (purchase.title, "合同名称")):
        if len(text) > _MAX_TEXT:
            problems.append(Problem("too_long", f"最多 {_MAX_TEXT} 个字", where))
    problems += [
        Problem("private_data", f"合同名称会被公开，但里面像有{kind}，请删去", "合同名称")
        for kind in private_data_in(purchase.title)
    ]
    if purchase.ends_on is not None and purchase.ends_on < purchase.starts_on:
        problems.append(Problem("bad_days", "到期日早于开始日，请核对", "到期日"))
    known = {
        (row.dimension, row.code)
        for row in conn.execute(
            select(dimension_value.c.dimension, dimension_value.c.code).where(
                dimension_value.c.trust_id == trust_id,
                dimension_value.c.dimension.in_(("vendor", "contract", "site")),
            )
        )
    }
    if ("contract", purchase.number) in known:
        problems.append(Problem("contract_known", f"合同“{purchase.number}”已经登记过", "合同号"))
    if ("vendor", purchase.vendor) not in known:
        problems.append(Problem("unknown_vendor", "请选择已登记的供应商", "供应商"))
    if purchase.site and ("site", purchase.site) not in known:
        problems.append(Problem("unknown_site", f"没有登记过点位“{purchase.site}”", "点位"))
    return problems


def _keep_detail(
    conn: Connection,
    trust_id: int,
    number: str,
    version: int,
    total: int | None,
    note: str,
    actor: Actor,
    act: Act,
) -> None:
    conn.execute(
        insert(contract_detail).values(
            trust_id=trust_id,
            contract=number,
            version=version,
            total=total,
            note=note,
            recorded_by=actor.signature,
            recorded_at=act.now,
        )
    )
