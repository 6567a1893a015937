"""Open a trust and record what postings may refer to."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import msgspec
from sqlalchemy import Connection, func, insert, select

from ledger.chart import load_default_chart
from ledger.chart.store import mark_setup_changed, write_accounts
from ledger.errors import Problem, Refused, refuse
from ledger.store.tables import bank_account as bank_account_table
from ledger.store.tables import contract as contract_table
from ledger.store.tables import deed as deed_table
from ledger.store.tables import dimension_value, trust, trust_head
from ledger.store.tables import setting as setting_table
from ledger.store.tables import unit as unit_table
from ledger.trust.act import Act

UNKNOWN_PARTY = "UNKNOWN"
"""Who money belongs to until its payer is found (待查款, 224105)."""
_SLUG = re.compile(r"[a-z][a-z0-9-]{1,40}")


@dataclass(frozen=True, slots=True)
class Deed:
    """A version of the trust deed (信托文件) with the five elements of 信托法 9.

    ``benefit_form`` must say how owners benefit (by area); if it is silent the law means equal shares
    (信托法 45). ``authority`` names the resolution it rests on.
    """

    effective_on: date
    purpose: str
    parties: str
    beneficiaries: str
    property_scope: str
    benefit_form: str
    authority: str


@dataclass(frozen=True, slots=True)
class Unit:
    """A home, shop or unsold unit. ``area`` in 0.01 m²; ``use_kind`` home, shop or unsold."""

    unit: str
    building: str
    use_kind: str
    area: int


@dataclass(frozen=True, slots=True)
class BankAccount:
    """An account at a bank (``kind`` bank) or a payment channel (``kind`` channel) of one fund."""

    code: str
    kind: str
    book: str
    fund: str
    account: str
    bank: str
    holder: str
    number: str


@dataclass(frozen=True, slots=True)
class Contract:
    """A purchase or shared-revenue contract; ``party`` is a vendor or party code, ``site`` may be ''."""

    contract: str
    title: str
    party: str
    site: str
    starts_on: date
    ends_on: date | None


def open_trust(
    conn: Connection,
    *,
    trust_id: int,
    slug: str,
    name: str,
    trustee: str,
    host: str,
    opened_on: date,
    deed: Deed,
    act: Act,
) -> int:
    """Open the books of one community: trust, first deed, default charts, empty log.

    ``trust_id`` is chosen by the caller (random, so that no machine needs to hand out numbers);
    ``host`` is the public host name, part of the log's origin. Returns ``trust_id``. Raises
    :class:`~ledger.errors.Refused` for a bad slug or a deed that lacks an element.
    """
    if not _SLUG.fullmatch(slug):
        raise refuse("bad_slug", f"小区网址名“{slug}”只能用小写字母、数字和短横线，以字母开头", "网址名")
    if conn.execute(select(trust.c.trust_id).where(trust.c.slug == slug)).first():
        raise refuse("slug_taken", f"网址名“{slug}”已被另一个小区使用", "网址名")
    conn.execute(
        insert(trust).values(
            trust_id=trust_id,
            slug=slug,
            name=name,
            trustee=trustee,
            origin=f"{host}/c/{slug}/log",
            currency="CNY",
            opened_on=opened_on,
            created_at=act.now,
        )
    )
    conn.execute(
        insert(trust_head).values(
            trust_id=trust_id, size=0, frontier=b"", numbers="{}", closed="{}", setup_version=1
        )
    )
    write_accounts(conn, trust_id, load_default_chart())
    record_deed(conn, trust_id, deed, act)
    funds = [{"code": code, "name": title} for code, title in _COUNTER_FUNDS.items()]
    add_dimension_values(conn, trust_id, "counter_fund", funds)
    add_dimension_values(conn, trust_id, "party", [{"code": UNKNOWN_PARTY, "name": "待核实付款人"}])
    return trust_id


_COUNTER_FUNDS = {
    "F1": "物业服务资金",
    "F2": "公共收益",
    "F3": "押金",
    "F4": "代收代付",
    "F5": "专项项目资金",
}
_ELEMENTS = {
    "purpose": "信托目的",
    "parties": "当事人",
    "beneficiaries": "受益人范围",
    "property_scope": "信托财产范围",
    "benefit_form": "受益方式",
}


def record_deed(conn: Connection, trust_id: int, deed: Deed, act: Act) -> int:
    """Record a version of the deed and return its number. All five elements must be there."""
    missing = [title for field, title in _ELEMENTS.items() if not getattr(deed, field).strip()]
    if missing:
        raise Refused(
            Problem("deed_incomplete", f"信托文件缺少“{title}”，不能启用账套（信托法第九条）", title)
            for title in missing
        )
    last = conn.execute(
        select(func.max(deed_table.c.version)).where(deed_table.c.trust_id == trust_id)
    ).scalar()
    version = (last or 0) + 1
    if version > 1 and not deed.authority.strip():
        raise refuse("no_authority", "修改信托文件须写明决议号", "决议号")
    conn.execute(
        insert(deed_table).values(
            trust_id=trust_id,
            version=version,
            effective_on=deed.effective_on,
            purpose=deed.purpose,
            parties=deed.parties,
            beneficiaries=deed.beneficiaries,
            property_scope=deed.property_scope,
            benefit_form=deed.benefit_form,
            authority=deed.authority,
            recorded_at=act.now,
        )
    )
    return version


def record_setting(
    conn: Connection, trust_id: int, name: str, value: Any, *, effective_on: date, authority: str, act: Act
) -> None:
    """Record a rule of this community from a day on, such as ``co_sign_above`` (fen)."""
    conn.execute(
        insert(setting_table).values(
            trust_id=trust_id,
            name=name,
            effective_on=effective_on,
            value=msgspec.json.encode(value).decode(),
            authority=authority,
            recorded_at=act.now,
        )
    )
    mark_setup_changed(conn, trust_id)


def add_dimension_values(
    conn: Connection, trust_id: int, dimension: str, values: Sequence[dict[str, Any]]
) -> None:
    """Let postings name these vendors, parties, projects, sites: ``{"code", "name", "related"?}``."""
    rows = [
        {
            "trust_id": trust_id,
            "dimension": dimension,
            "code": value["code"],
            "name": value["name"],
            "related": value.get("related", False),
            "closed_on": None,
        }
        for value in values
    ]
    if rows:
        conn.execute(insert(dimension_value), rows)
        mark_setup_changed(conn, trust_id)


def add_units(conn: Connection, trust_id: int, units: Sequence[Unit]) -> None:
    """Record homes, shops and unsold units."""
    if not units:
        return
    conn.execute(
        insert(unit_table),
        [
            {
                "trust_id": trust_id,
                "unit": u.unit,
                "building": u.building,
                "use_kind": u.use_kind,
                "area": u.area,
            }
            for u in units
        ],
    )
    add_dimension_values(conn, trust_id, "unit", [{"code": u.unit, "name": u.unit} for u in units])


def add_bank_accounts(conn: Connection, trust_id: int, accounts: Sequence[BankAccount]) -> None:
    """Record the trust's own bank accounts and payment channels, one fund each.

    An account held in the trustee's own name is refused: trust money must be kept apart (信托法 29).
    """
    if not accounts:
        return
    trustee = conn.execute(select(trust.c.trustee).where(trust.c.trust_id == trust_id)).scalar_one()
    for item in accounts:
        if item.holder.strip() == trustee.strip():
            raise refuse(
                "trustee_own_account",
                f"账户“{item.bank}”的户名是受托人自己，不能用来存放信托资金；请用以本小区名义开立的专户（信托法第二十九条）",
                item.code,
            )
    conn.execute(
        insert(bank_account_table),
        [
            {
                "trust_id": trust_id,
                "bank_account": item.code,
                "kind": item.kind,
                "book": item.book,
                "fund": item.fund,
                "account": item.account,
                "bank": item.bank,
                "holder": item.holder,
                "number": item.number,
            }
            for item in accounts
        ],
    )
    add_dimension_values(conn, trust_id, "bank_account", [{"code": a.code, "name": a.bank} for a in accounts])


def add_contracts(conn: Connection, trust_id: int, contracts: Sequence[Contract]) -> None:
    """Record contracts."""
    if not contracts:
        return
    conn.execute(
        insert(contract_table),
        [
            {
                "trust_id": trust_id,
                "contract": item.contract,
                "title": item.title,
                "party": item.party,
                "site": item.site,
                "starts_on": item.starts_on,
                "ends_on": item.ends_on,
            }
            for item in contracts
        ],
    )
    add_dimension_values(
        conn, trust_id, "contract", [{"code": item.contract, "name": item.title} for item in contracts]
    )
