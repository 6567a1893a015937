"""Vendors (供应商): whom the community buys from, how they are paid, and their ties to the trustee."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, func, insert, select

from ledger.errors import Problem, Refused, Unanswerable, refuse
from ledger.journal.privacy import private_data_in
from ledger.people import Actor, require
from ledger.store.tables import dimension_value, setting, vendor_detail
from ledger.trust import add_dimension_values, record_setting
from ledger.trust.act import Act
from ledger.trust.lock import lock_trust

_CODE = "V{:03d}"
_CODE_TEXT = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,19}")
_MAX_TEXT = 100


@dataclass(frozen=True, slots=True)
class Vendor:
    """A vendor. ``code`` may be empty: the next free one. The name is public, the rest is not.

    ``related``: tied to the trustee (信托法 25–28), ``relation`` says how.
    """

    name: str
    code: str = ""
    tax_no: str = ""
    bank: str = ""
    bank_number: str = ""
    contact: str = ""
    related: bool = False
    relation: str = ""


@dataclass(frozen=True, slots=True)
class VendorVersion:
    """What was on record of a vendor from a moment on."""

    version: int
    vendor: Vendor
    recorded_by: str
    recorded_at: datetime


def add_vendor(conn: Connection, trust_id: int, vendor: Vendor, actor: Actor, act: Act) -> str:
    """Register a vendor and return its code. Raises :class:`~ledger.errors.Refused`."""
    require(actor, "vendor.prepare")
    lock_trust(conn, trust_id)
    vendor = _trimmed(vendor)
    taken = _known(conn, trust_id)
    problems = _problems(vendor)
    if vendor.code in taken:
        problems.append(Problem("vendor_known", f"编号“{vendor.code}”已经有了，请换一个或留空", "编号"))
    for code, name in taken.items():
        if name == vendor.name:
            problems.append(
                Problem("vendor_known", f"“{name}”已经登记过，编号 {code}，请直接使用", "供应商名称")
            )
    if problems:
        raise Refused(problems)
    code = vendor.code or _next_code(taken)
    add_dimension_values(
        conn, trust_id, "vendor", [{"code": code, "name": vendor.name, "related": vendor.related}]
    )
    _keep(conn, trust_id, replace(vendor, code=code), 1, actor, act)
    return code


def change_vendor(conn: Connection, trust_id: int, vendor: Vendor, actor: Actor, act: Act) -> None:
    """Record what has changed of a vendor; ties to the trustee count from today on.

    The name stays: another company is another vendor. Raises :class:`~ledger.errors.Refused`.
    """
    require(actor, "vendor.prepare")
    lock_trust(conn, trust_id)
    known = read_vendor(conn, trust_id, vendor.code)
    vendor = _trimmed(replace(vendor, name=known.name))
    if problems := _problems(vendor):
        raise Refused(problems)
    if vendor == known:
        raise refuse("no_change", "没有改动", "供应商")
    if known.related and not vendor.related:
        raise refuse("tie_stays", "关联标记只能由业委会主任在供应商页解除", "与受托人关联")
    if vendor.related != known.related:
        _record_tie(conn, trust_id, vendor, act)
    _keep_next(conn, trust_id, vendor, actor, act)


def untie_vendor(conn: Connection, trust_id: int, code: str, reason: str, actor: Actor, act: Act) -> None:
    """Say that a vendor has no ties to the trustee any more: the owners' side does, not the trustee.

    Raises :class:`~ledger.errors.Refused`.
    """
    require(actor, "vendor.untie")
    lock_trust(conn, trust_id)
    known = read_vendor(conn, trust_id, code)
    if not known.related:
        raise refuse("not_tied", "这家供应商没有关联标记", "与受托人关联")
    if not reason.strip():
        raise refuse("no_reason", "请写明为什么不再关联", "原因")
    vendor = replace(known, related=False, relation=reason.strip())
    _record_tie(conn, trust_id, vendor, act)
    _keep_next(conn, trust_id, vendor, actor, act)


def _keep_next(conn: Connection, trust_id: int, vendor: Vendor, actor: Actor, act: Act) -> None:
    last = conn.execute(
        select(func.max(vendor_detail.c.version)).where(
            vendor_detail.c.trust_id == trust_id, vendor_detail.c.vendor == vendor.code
        )
    ).scalar()
    _keep(conn, trust_id, vendor, (last or 0) + 1, actor, act)


def _record_tie(conn: Connection, trust_id: int, vendor: Vendor, act: Act) -> None:
    """The gate of related parties looks at this setting (:mod:`ledger.journal.rules`)."""
    name = f"related:vendor:{vendor.code}"
    if act.today in _tie_days(conn, trust_id, name):
        raise refuse("changed_today", "这个供应商的关联标记今天已经改过，请明天再改", "与受托人关联")
    record_setting(
        conn,
        trust_id,
        name,
        vendor.related,
        effective_on=act.today,
        authority=vendor.relation or "解除关联",
        act=act,
    )


def _tie_days(conn: Connection, trust_id: int, name: str) -> set[Any]:
    query = select(setting.c.effective_on).where(setting.c.trust_id == trust_id, setting.c.name == name)
    return set(conn.execute(query).scalars())


def list_vendors(
    conn: Connection, trust_id: int, *, after: str = "", find: str = "", limit: int = 50
) -> list[Vendor]:
    """Vendors by code; ``after`` is the code of the last one seen, ``find`` a part of name or code."""
    query = _vendors(trust_id).order_by(dimension_value.c.code).limit(limit)
    if after:
        query = query.where(dimension_value.c.code > after)
    if find:
        query = query.where(
            dimension_value.c.name.contains(find, autoescape=True)
            | dimension_value.c.code.contains(find, autoescape=True)
        )
    return [_vendor(row) for row in conn.execute(query)]


def read_vendor(conn: Connection, trust_id: int, code: str) -> Vendor:
    """One vendor as now on record. Raises :class:`~ledger.errors.Unanswerable`."""
    row = conn.execute(_vendors(trust_id).where(dimension_value.c.code == code)).first()
    if row is None:
        raise Unanswerable("unknown_vendor", f"没有登记过供应商“{code}”")
    return _vendor(row)


def vendor_history(conn: Connection, trust_id: int, code: str) -> list[VendorVersion]:
    """All versions of a vendor, newest first."""
    name = read_vendor(conn, trust_id, code).name
    rows = conn.execute(
        select(vendor_detail)
        .where(vendor_detail.c.trust_id == trust_id, vendor_detail.c.vendor == code)
        .order_by(vendor_detail.c.version.desc())
    )
    return [
        VendorVersion(
            row.version,
            Vendor(
                name,
                code,
                row.tax_no,
                row.bank,
                row.bank_number,
                row.contact,
                row.related,
                row.relation,
            ),
            row.recorded_by,
            row.recorded_at,
        )
        for row in rows
    ]


def payee_changes(conn: Connection, trust_id: int) -> dict[str, datetime]:
    """When the bank account now on record of each vendor was recorded: what was agreed to before then, was
    agreed to for another account or none."""
    rows = conn.execute(
        select(vendor_detail)
        .where(vendor_detail.c.trust_id == trust_id)
        .order_by(vendor_detail.c.vendor, vendor_detail.c.version)
    )
    accounts: dict[str, tuple[str, str]] = {}
    changes: dict[str, datetime] = {}
    for row in rows:
        account = (row.bank, row.bank_number)
        if accounts.get(row.vendor) != account:
            changes[row.vendor] = row.recorded_at
        accounts[row.vendor] = account
    return changes


def _vendors(trust_id: int) -> Select[Any]:
    newest = (
        select(vendor_detail.c.vendor, func.max(vendor_detail.c.version).label("version"))
        .where(vendor_detail.c.trust_id == trust_id)
        .group_by(vendor_detail.c.vendor)
        .subquery()
    )
    return (
        select(
            dimension_value.c.code,
            dimension_value.c.name,
            dimension_value.c.related.label("first_related"),
            vendor_detail,
        )
        .outerjoin(newest, newest.c.vendor == dimension_value.c.code)
        .outerjoin(
            vendor_detail,
            (vendor_detail.c.trust_id == dimension_value.c.trust_id)
            & (vendor_detail.c.vendor == dimension_value.c.code)
            & (vendor_detail.c.version == newest.c.version),
        )
        .where(dimension_value.c.trust_id == trust_id, dimension_value.c.dimension == "vendor")
    )


def _vendor(row: Any) -> Vendor:
    return Vendor(
        name=row.name,
        code=row.code,
        tax_no=row.tax_no or "",
        bank=row.bank or "",
        bank_number=row.bank_number or "",
        contact=row.contact or "",
        related=row.first_related if row.related is None else row.related,
        relation=row.relation or "",
    )


def _known(conn: Connection, trust_id: int) -> dict[str, str]:
    query = select(dimension_value.c.code, dimension_value.c.name).where(
        dimension_value.c.trust_id == trust_id, dimension_value.c.dimension == "vendor"
    )
    return {row.code: row.name for row in conn.execute(query)}


def _next_code(taken: dict[str, str]) -> str:
    number = len(taken) + 1
    while _CODE.format(number) in taken:
        number += 1
    return _CODE.format(number)


def _trimmed(vendor: Vendor) -> Vendor:
    return replace(
        vendor,
        name=vendor.name.strip(),
        code=vendor.code.strip(),
        tax_no="".join(vendor.tax_no.split()).upper(),
        bank=vendor.bank.strip(),
        bank_number="".join(vendor.bank_number.split()),
        contact=vendor.contact.strip(),
        relation=vendor.relation.strip(),
    )


def _problems(vendor: Vendor) -> list[Problem]:
    problems = []
    if not vendor.name:
        problems.append(Problem("missing", "请填写供应商全称", "供应商名称"))
    if vendor.code and not _CODE_TEXT.fullmatch(vendor.code):
        problems.append(Problem("bad_code", "编号只能用字母、数字和短横线，最多 20 个字符", "编号"))
    problems += [
        Problem("private_data", f"供应商名称会被公开，但里面像有{kind}，请删去", "供应商名称")
        for kind in private_data_in(vendor.name)
    ]
    if vendor.related and not vendor.relation:
        problems.append(
            Problem("no_relation", "请写明与受托人是什么关系，例如“受托人的全资子公司”", "关联关系")
        )
    for text, where in (
        (vendor.name, "供应商名称"),
        (vendor.code, "编号"),
        (vendor.tax_no, "税号"),
        (vendor.bank, "开户行"),
        (vendor.bank_number, "收款账号"),
        (vendor.contact, "联系人"),
        (vendor.relation, "关联关系"),
    ):
        if len(text) > _MAX_TEXT:
            problems.append(Problem("too_long", f"最多 {_MAX_TEXT} 个字", where))
    return problems


def _keep(conn: Connection, trust_id: int, vendor: Vendor, version: int, actor: Actor, act: Act) -> None:
    conn.execute(
        insert(vendor_detail).values(
            trust_id=trust_id,
            vendor=vendor.code,
            version=version,
            tax_no=vendor.tax_no,
            bank=vendor.bank,
            bank_number=vendor.bank_number,
            contact=vendor.contact,
            related=vendor.related,
            relation=vendor.relation,
            recorded_by=actor.signature,
            recorded_at=act.now,
        )
    )
