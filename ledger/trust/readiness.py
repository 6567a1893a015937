"""What is done and what is missing before the first month can be kept (开账准备)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, func, select

from ledger.chart import FUNDS
from ledger.money import format_yuan
from ledger.people import Role
from ledger.people.members import list_grants
from ledger.people.roles import ROLE_NAMES
from ledger.store.tables import charge_standard, fee_standard, trust
from ledger.trust.accounts import list_bank_accounts
from ledger.trust.deeds import deed_versions
from ledger.trust.opening_balances import opened_funds
from ledger.trust.owners import owners_of
from ledger.trust.settings import in_force, known_settings, setting_history
from ledger.trust.tenure import tenures
from ledger.trust.units import Unit, units_on
from ledger.trust.uses import USE_KINDS

_STAFF = (Role.PREPARER, Role.REVIEWER, Role.CASHIER, Role.CHAIR)
_WANTED = ("co_sign_above", "remuneration_clause")


@dataclass(frozen=True, slots=True)
class ReadyItem:
    """One thing to have ready. ``state``: done, missing (cannot do without) or later (can wait)."""

    name: str
    title: str
    state: str
    finding: str


def readiness(conn: Connection, trust_id: int, today: date) -> list[ReadyItem]:
    """The checklist in the order in which things are best done."""
    opened_on = conn.execute(select(trust.c.opened_on).where(trust.c.trust_id == trust_id)).scalar_one()
    day = max(today, opened_on)
    units = units_on(conn, trust_id, day)
    return [
        _deed(conn, trust_id),
        _tenure(conn, trust_id, day),
        _settings(conn, trust_id, day),
        _staff(conn, trust_id, day),
        _accounts(conn, trust_id),
        _units(units),
        _owners(conn, trust_id, day, units),
        _fees(conn, trust_id, units),
        _opening(conn, trust_id),
    ]


def _deed(conn: Connection, trust_id: int) -> ReadyItem:
    newest = deed_versions(conn, trust_id)[0]
    return ReadyItem(
        "deed", "信托文件", "done", f"第 {newest.version} 版，{newest.deed.effective_on} 起生效，五要素齐全"
    )


def _tenure(conn: Connection, trust_id: int, day: date) -> ReadyItem:
    known = tenures(conn, trust_id)
    if not known:
        return ReadyItem("tenure", "受托人任期", "missing", "还没有登记任期和合同")
    now = known[0].tenure
    until = f"到 {now.ends_on}" if now.ends_on else "不定期"
    if now.ends_on is not None and now.ends_on < day:
        return ReadyItem("tenure", "受托人任期", "missing", f"任期{until}，已经届满，请登记续聘或办理移交")
    return ReadyItem("tenure", "受托人任期", "done", f"{now.trustee}，{now.starts_on} 起，{until}")


def _settings(conn: Connection, trust_id: int, day: date) -> ReadyItem:
    history, kinds = setting_history(conn, trust_id), known_settings()
    missing = [kinds[name].title for name in _WANTED if in_force(history.get(name, []), day) is None]
    if missing:
        return ReadyItem("settings", "审批限额和酬金条款", "later", f"还没有定：{'、'.join(missing)}")
    limit = in_force(history["co_sign_above"], day)
    shown = format_yuan(limit.value) if limit is not None else ""
    return ReadyItem("settings", "审批限额和酬金条款", "done", f"超过 {shown} 元须双签；酬金条款已定")


def _staff(conn: Connection, trust_id: int, day: date) -> ReadyItem:
    held = {g.role for g in list_grants(conn, trust_id, _STAFF) if g.in_force(day)}
    missing = [ROLE_NAMES[role] for role in _STAFF if role not in held]
    if missing:
        return ReadyItem("staff", "办事的人", "missing", f"还没有：{'、'.join(missing)}")
    return ReadyItem("staff", "办事的人", "done", "制单、审核、出纳和业委会主任都有人")


def _accounts(conn: Connection, trust_id: int) -> ReadyItem:
    have = {account.fund for account in list_bank_accounts(conn, trust_id) if account.kind == "bank"}
    missing = [f"{code} {fund.name}" for code, fund in FUNDS.items() if code not in have]
    if "F1" not in have:
        return ReadyItem("accounts", "资金账户", "missing", "至少要有一个物业服务资金的专户")
    said = f"还没有登记：{'、'.join(missing)}（用不到的可以没有）" if missing else "每个基金都有专户"
    return ReadyItem("accounts", "资金账户", "done", said)


def _units(units: list[Unit]) -> ReadyItem:
    if not units:
        return ReadyItem("units", "房屋", "missing", "还没有登记房屋，可以用表格一次导入")
    area = sum(unit.area for unit in units)
    return ReadyItem("units", "房屋", "done", f"{len(units):,} 套，共 {format_yuan(area)} 平方米")


def _owners(conn: Connection, trust_id: int, day: date, units: list[Unit]) -> ReadyItem:
    owned = owners_of(conn, trust_id, day)
    without = sum(1 for unit in units if unit.unit not in owned)
    if not units or without == len(units):
        return ReadyItem("owners", "业主", "later", "还没有登记业主；表决和过户要用")
    said = f"还有 {without:,} 套没有登记业主" if without else "每套房都有业主"
    return ReadyItem("owners", "业主", "later" if without else "done", said)


def _fees(conn: Connection, trust_id: int, units: list[Unit]) -> ReadyItem:
    plain = set(
        conn.execute(
            select(fee_standard.c.use_kind).where(fee_standard.c.trust_id == trust_id).distinct()
        ).scalars()
    )
    other = conn.execute(
        select(func.count()).select_from(charge_standard).where(charge_standard.c.trust_id == trust_id)
    ).scalar_one()
    missing = [USE_KINDS.get(use, use) for use in sorted({u.use_kind for u in units} - plain)]
    if not plain and not other:
        return ReadyItem("fees", "收费标准", "missing", "还没有收费标准，不能计提物业费")
    if missing and not other:
        return ReadyItem("fees", "收费标准", "missing", f"还没有：{'、'.join(missing)}")
    return ReadyItem("fees", "收费标准", "done", "已登记")


def _opening(conn: Connection, trust_id: int) -> ReadyItem:
    done = opened_funds(conn, trust_id)
    if not done:
        return ReadyItem("opening", "期初余额", "later", "还没有入账；从零开始的小区可以没有")
    return ReadyItem(
        "opening", "期初余额", "done", f"已入账：{'、'.join(FUNDS[fund].name for fund in sorted(done))}"
    )
