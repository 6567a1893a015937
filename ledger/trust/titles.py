"""Record who owns and who rents: titles of units, transfers on sale, tenancies.

Histories only grow. A mistake is put right by another record of the same day, which then holds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from sqlalchemy import Connection, func, insert, select

from ledger.errors import Problem, Refused
from ledger.store.tables import tenancy as tenancy_table
from ledger.store.tables import title as title_table
from ledger.store.tables import title_share as share_table
from ledger.trust.act import Act
from ledger.trust.dimensions import codes_of
from ledger.trust.lock import lock_trust
from ledger.trust.owner_register import owner_keys
from ledger.trust.owners import Share, owners_of

REASONS = {
    "first": "首次登记",
    "sale": "买卖",
    "delivery": "建设单位交付",
    "inheritance": "继承",
    "gift": "赠与",
    "court": "判决、裁定或拍卖",
    "share": "份额变更",
    "correction": "更正登记",
}
_AHEAD = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class NewTitle:
    """Who is to own a unit from a day on; ``shares`` by owner key add up to 1."""

    unit: str
    starts_on: date
    reason: str
    authority: str
    shares: Mapping[str, Fraction]


@dataclass(frozen=True, slots=True)
class NewTenancy:
    """Who is to rent a unit; ``ends_on`` is the last day, None if open-ended."""

    unit: str
    tenant: str
    starts_on: date
    ends_on: date | None


def record_title(conn: Connection, trust_id: int, title: NewTitle, *, signature: str, act: Act) -> None:
    """Record who owns a unit from a day on: the transfer (过户) on sale, inheritance and so on.

    What the unit owes and its maintenance sub-account stay with the unit. Raises
    :class:`~ledger.errors.Refused` with all problems.
    """
    record_titles(conn, trust_id, [title], signature=signature, act=act)


def record_titles(
    conn: Connection, trust_id: int, titles: Sequence[NewTitle], *, signature: str, act: Act
) -> None:
    """Record many titles, at most one a unit; set-based."""
    if not titles:
        return
    lock_trust(conn, trust_id)
    units, keys = codes_of(conn, trust_id, "unit"), owner_keys(conn, trust_id)
    problems = [p for title in titles for p in title_problems(title, units, keys, act.today)]
    if not problems and len(titles) == 1:
        problems += _unchanged(conn, trust_id, titles[0])
    if problems:
        raise Refused(problems)
    last = _last_numbers(conn, trust_id)
    rows = [(title, last.get(title.unit, 0) + 1) for title in titles]
    conn.execute(
        insert(title_table),
        [
            {
                "trust_id": trust_id,
                "unit": title.unit,
                "no": no,
                "starts_on": title.starts_on,
                "reason": title.reason,
                "authority": title.authority,
                "signature": signature,
                "recorded_at": act.now,
            }
            for title, no in rows
        ],
    )
    conn.execute(insert(share_table), [row for title, no in rows for row in _share_rows(trust_id, title, no)])


def _share_rows(trust_id: int, title: NewTitle, no: int) -> list[dict[str, object]]:
    return [
        {
            "trust_id": trust_id,
            "unit": title.unit,
            "no": no,
            "owner": key,
            "numerator": share.numerator,
            "denominator": share.denominator,
        }
        for key, share in title.shares.items()
    ]


def title_problems(title: NewTitle, units: set[str], keys: set[str], today: date) -> list[Problem]:
    """What is wrong with a title by itself, given the units and owners there are."""
    problems = []
    if title.unit not in units:
        problems.append(Problem("unknown_unit", f"没有登记过房号“{title.unit}”", "房号"))
    problems += [
        Problem("unknown_owner", f"没有编号为“{key}”的业主，请先登记", "业主")
        for key in title.shares
        if key not in keys
    ]
    if title.reason not in REASONS:
        problems.append(Problem("bad_reason", f"取得方式只能是{'、'.join(REASONS.values())}", "取得方式"))
    elif title.reason != "first" and not title.authority.strip():
        problems.append(Problem("no_authority", "请写明依据，如不动产权证号、买卖合同号或法律文书号", "依据"))
    if title.starts_on > today + _AHEAD:
        problems.append(Problem("far_future", f"{title.starts_on} 太远，最多提前一年登记", "生效日"))
    total = sum(title.shares.values(), Fraction(0))
    if not title.shares:
        problems.append(Problem("no_owner", "请至少填写一位业主", "业主"))
    elif total != 1 or min(title.shares.values()) <= 0:
        problems.append(
            Problem(
                "shares_not_whole", f"各业主份额合计是 {total}，应正好是 1；除不尽请写成分数如 1/3", "份额"
            )
        )
    return problems


def record_tenancies(conn: Connection, trust_id: int, tenancies: Sequence[NewTenancy], act: Act) -> None:
    """Record who rents; the same tenant and first day again replaces the earlier record, to end it."""
    if not tenancies:
        return
    lock_trust(conn, trust_id)
    units, keys = codes_of(conn, trust_id, "unit"), owner_keys(conn, trust_id)
    problems = []
    for item in tenancies:
        if item.unit not in units:
            problems.append(Problem("unknown_unit", f"没有登记过房号“{item.unit}”", "房号"))
        if item.tenant not in keys:
            problems.append(Problem("unknown_owner", f"没有编号为“{item.tenant}”的租户，请先登记", "租户"))
        if item.ends_on is not None and item.ends_on < item.starts_on:
            problems.append(Problem("ends_before_start", "租期的止日早于起日", item.unit))
    if problems:
        raise Refused(problems)
    last = _last_tenancies(conn, trust_id)
    rows = []
    for item in tenancies:
        last[item.unit] = last.get(item.unit, 0) + 1
        rows.append(
            {
                "trust_id": trust_id,
                "unit": item.unit,
                "no": last[item.unit],
                "tenant": item.tenant,
                "starts_on": item.starts_on,
                "ends_on": item.ends_on,
                "recorded_at": act.now,
            }
        )
    conn.execute(insert(tenancy_table), rows)


def _unchanged(conn: Connection, trust_id: int, title: NewTitle) -> list[Problem]:
    now = owners_of(conn, trust_id, title.starts_on, [title.unit]).get(title.unit, ())
    if now and _shares(now) == dict(title.shares):
        return [Problem("nothing_changed", "业主和份额与当日已登记的相同，没有要改的", "业主")]
    return []


def _shares(shares: Sequence[Share]) -> dict[str, Fraction]:
    return {share.owner: share.share for share in shares}


def _last_numbers(conn: Connection, trust_id: int) -> dict[str, int]:
    rows = conn.execute(
        select(title_table.c.unit, func.max(title_table.c.no))
        .where(title_table.c.trust_id == trust_id)
        .group_by(title_table.c.unit)
    )
    return {unit: int(no) for unit, no in rows}


def _last_tenancies(conn: Connection, trust_id: int) -> dict[str, int]:
    rows = conn.execute(
        select(tenancy_table.c.unit, func.max(tenancy_table.c.no))
        .where(tenancy_table.c.trust_id == trust_id)
        .group_by(tenancy_table.c.unit)
    )
    return {unit: int(no) for unit, no in rows}
