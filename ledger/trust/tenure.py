"""The trustee's tenure (任期): from when to when, by which contract, how long before it must be given notice.

Dismissal asks for 60 days' notice, not renewing for 90, ending a contract of no fixed term for 60
(民法典 946–948); a contract may ask for more. :mod:`ledger.selection.notice` counts the days.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, insert, select, update

from ledger.chart.store import mark_setup_changed
from ledger.errors import Problem, Refused
from ledger.resolutions.lacking import decision_lacking
from ledger.store.tables import bank_account as bank_account_table
from ledger.store.tables import tenure as tenure_table
from ledger.store.tables import trust
from ledger.trust.accounts import same_name
from ledger.trust.act import Act
from ledger.trust.lock import lock_trust

LEAST_NOTICE_DAYS = 60
MATTERS = ("trustee_selection",)
"""What a decision on a tenure has to be about (民法典 278(4))."""


@dataclass(frozen=True, slots=True)
class Tenure:
    """A trustee's time in office. ``ends_on`` None: of no fixed term. ``contract``: its number or title."""

    trustee: str
    starts_on: date
    ends_on: date | None
    contract: str
    notice_days: int
    authority: str


@dataclass(frozen=True, slots=True)
class TenureVersion:
    """A recorded tenure."""

    version: int
    tenure: Tenure
    recorded_at: datetime


def record_tenure(
    conn: Connection, trust_id: int, tenure: Tenure, act: Act, *, handed_over: bool = False
) -> int:
    """Record the tenure of the present trustee, or its renewal; returns the version.

    From the second on it rests on a decision of the owners, named in ``authority``. Another trustee comes in
    by a handover only, which sets ``handed_over``. Raises
    :class:`~ledger.errors.Refused` with all problems.
    """
    lock_trust(conn, trust_id)
    now = conn.execute(select(trust.c.trustee).where(trust.c.trust_id == trust_id)).scalar_one()
    versions = tenures(conn, trust_id)
    problems = tenure_problems(tenure, versions[0].tenure if versions else None)
    if same_name(tenure.trustee) != same_name(now) and not handed_over:
        problems.append(
            Problem(
                "other_trustee",
                f"现任受托人是“{now}”。更换受托人请办理“受托人移交”，不能直接改任期",
                "受托人",
            )
        )
    problems += _own_accounts(conn, trust_id, tenure.trustee)
    if versions:
        day = max(tenure.starts_on, act.today)
        problems += decision_lacking(conn, trust_id, tenure.authority, matters=MATTERS, on=day)
    if problems:
        raise Refused(problems)
    version = versions[0].version + 1 if versions else 1
    conn.execute(
        insert(tenure_table).values(
            trust_id=trust_id,
            version=version,
            trustee=tenure.trustee.strip(),
            starts_on=tenure.starts_on,
            ends_on=tenure.ends_on,
            contract=tenure.contract,
            notice_days=tenure.notice_days,
            authority=tenure.authority,
            recorded_at=act.now,
        )
    )
    if handed_over:
        conn.execute(update(trust).where(trust.c.trust_id == trust_id).values(trustee=tenure.trustee.strip()))
    mark_setup_changed(conn, trust_id)
    return version


def tenure_problems(tenure: Tenure, before: Tenure | None) -> list[Problem]:
    """Everything wrong with a tenure that would follow ``before``."""
    problems = []
    for title, text in {
        "受托人": tenure.trustee,
        "合同": tenure.contract,
        "选聘或续聘决议号": tenure.authority,
    }.items():
        if not text.strip():
            problems.append(Problem("empty_field", f"请填写{title}", title))
    if tenure.ends_on is not None and tenure.ends_on < tenure.starts_on:
        problems.append(Problem("ends_before_start", "任期的止日早于起日", "任期"))
    if tenure.notice_days < LEAST_NOTICE_DAYS:
        problems.append(
            Problem(
                "short_notice",
                f"解聘或不续聘至少提前 {LEAST_NOTICE_DAYS} 日通知（民法典第九百四十六至九百四十八条）",
                "通知天数",
            )
        )
    if before is not None and tenure.starts_on < before.starts_on:
        problems.append(
            Problem("before_last_tenure", f"起日不能早于上一任期的起日 {before.starts_on}", "任期")
        )
    return problems


def tenures(conn: Connection, trust_id: int) -> list[TenureVersion]:
    """All tenures, newest first."""
    rows = conn.execute(
        select(tenure_table)
        .where(tenure_table.c.trust_id == trust_id)
        .order_by(tenure_table.c.version.desc())
    )
    return [
        TenureVersion(
            r.version,
            Tenure(r.trustee, r.starts_on, r.ends_on, r.contract, r.notice_days, r.authority),
            r.recorded_at,
        )
        for r in rows
    ]


def _own_accounts(conn: Connection, trust_id: int, trustee: str) -> list[Problem]:
    """A trustee whose own name stands on an account of the trust (信托法 29)."""
    rows = conn.execute(
        select(bank_account_table.c.bank_account, bank_account_table.c.holder).where(
            bank_account_table.c.trust_id == trust_id
        )
    )
    return [
        Problem(
            "trustee_own_account",
            f"账户“{row.bank_account}”的户名就是“{trustee}”，信托资金不能存在受托人自己的账户里（信托法第二十九条）",
            row.bank_account,
        )
        for row in rows
        if same_name(row.holder) == same_name(trustee)
    ]
