"""Two more communities beside 明和苑, so that the district has something to compare: one in good order, and one
that has fallen behind. Small, and lived through the same functions as any books."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from sqlalchemy import Connection, Engine, select

from disclosure.config import Config
from disclosure.demo.bookkeeper import Bookkeeper
from disclosure.demo.community import SLUG, Supplier
from disclosure.demo.district_duties import confirm_rest, publish_closed, publish_first
from disclosure.demo.district_life import live_beside_money, panel
from disclosure.demo.district_months import live_month
from disclosure.demo.evaluations import quarters
from disclosure.demo.people import PEOPLE as LOG_INS
from disclosure.district.refresh import refresh
from ledger.billing import record_fee_standard
from ledger.journal import Document, Line
from ledger.log.keys import create_key, load_signer
from ledger.log.store import sign_log
from ledger.people import Role
from ledger.people.accounts import Person, find_account
from ledger.people.members import grant
from ledger.periods.calendar import first_day, last_day, period_of, preceding
from ledger.store.engine import reading, writing
from ledger.store.tables import trust
from ledger.trust import (
    Act,
    BankAccount,
    Contract,
    Deed,
    Unit,
    add_bank_accounts,
    add_contracts,
    add_dimension_values,
    add_units,
    open_trust,
    record_setting,
)
from ledger.trust.tenure import Tenure, record_tenure

_SEED = 20250903
_RATE = 16_000
_OPENING = 86_000_00
_MONTHS = 4
"""How many months the communities have been here, this one included."""
_TERM = 300
_CHECKED = 25
"""The day of each month on which the one in good order looks what will be due."""
_DECISION = "首次业主大会决议"


@dataclass(frozen=True, slots=True)
class Small:
    """A small community. ``lived``: months it kept its books for before it fell silent, None to this day."""

    slug: str
    name: str
    trustee: str
    grid: str
    homes: int
    lived: int | None
    cleaner: Supplier


SMALL = (
    Small(
        "guihuli",
        "桂湖里",
        "溪桥物业服务有限公司",
        "桂湖社区第二网格",
        36,
        None,
        Supplier("V01", "净里环境服务部", "C-01", "保洁服务", "5003", 2_600_00),
    ),
    Small(
        "dongliyuan",
        "东篱苑",
        "望山物业服务有限公司",
        "桂湖社区第五网格",
        28,
        2,
        Supplier("V01", "篱前保洁服务部", "C-01", "保洁服务", "5003", 2_100_00),
    ),
)
DISTRICT = "锦溪街道"


def settle_district(engine: Engine, config: Config, *, today: date) -> list[str]:
    """Open the two communities beside the demo's own, let the Party and street log-ins see all three, and summarise them.

    Returns their slugs. To be called once, after the demo's own community was made.
    """
    rng = Random(_SEED)  # noqa: S311 - an invented world must be the same every time
    with reading(engine) as conn:
        above = {role: _log_in(conn, role) for role in (Role.PARTY, Role.STREET)}
    for small in SMALL:
        _live(engine, config, small, above, rng, today)
    slugs = [SLUG, *(small.slug for small in SMALL)]
    with reading(engine) as conn:
        found = conn.execute(select(trust.c.trust_id).where(trust.c.slug.in_(slugs))).scalars().all()
    refresh(engine, sorted(found), Bookkeeper(engine, 0, config.documents_dir, rng).act(today))
    return slugs[1:]


def _log_in(conn: Connection, role: Role) -> Person:
    account = next(item.account for item in LOG_INS if item.role is role)
    person = find_account(conn, account)
    if person is None:
        raise LookupError(account)
    return person


def place(conn: Connection, trust_id: int, grid: str, since: date, act: Act) -> None:
    """Say which district and grid a community belongs to."""
    for name, value in (("district", DISTRICT), ("grid", grid)):
        record_setting(conn, trust_id, name, value, effective_on=since, authority="街道的划分", act=act)


def _live(
    engine: Engine, config: Config, small: Small, above: Mapping[Role, Person], rng: Random, today: date
) -> None:
    trust_id = rng.getrandbits(48)
    keeper = Bookkeeper(engine, trust_id, config.documents_dir, rng)
    months = _months(today)
    host = config.public_url.split("://", 1)[-1]
    with writing(engine) as conn:
        first = keeper.act(months[0], hour=8)
        _found(conn, trust_id, small, months[0], host, first)
        for role, person in above.items():
            grant(conn, trust_id, person.person, role, by="demo", act=first, reason="演示")
        place(conn, trust_id, small.grid, min(months[0], quarters(today)[1].first), first)
        _opening(conn, keeper, months[0])
    create_key(config.key_path(small.slug), rng.randbytes)
    signer = load_signer(config.key_path(small.slug), f"{host}/c/{small.slug}/log")
    in_order = small.lived is None
    lived = months[: small.lived] if small.lived else months
    if in_order:
        with writing(engine) as conn:
            publish_first(conn, keeper, months[0])
    balance, day, account = _OPENING, months[0], _account(small, trust_id)
    for month in lived:
        day = min(last_day(period_of(month)), today)
        if in_order and (checked := month.replace(day=_CHECKED)) <= today:
            with writing(engine) as conn:
                confirm_rest(conn, keeper, checked, ahead=10)
        balance = live_month(keeper, account, small.cleaner, month, day, balance, mistaken=not in_order)
        if day < today:
            closing = day + timedelta(days=1)
            if in_order:
                keeper.close(month, closing)
                sign_log(engine, trust_id, signer, keeper.act(closing).now)
                with writing(engine) as conn:
                    publish_closed(conn, keeper, period_of(month), closing)
            day = closing
    if in_order:
        with writing(engine) as conn:
            confirm_rest(conn, keeper, today)
    people = panel(small.slug, above)
    units = _units(small.homes)
    live_beside_money(keeper, small.slug, config.documents_dir, people, units, months[0], today)
    sign_log(engine, trust_id, signer, keeper.act(today).now)


def _months(today: date) -> list[date]:
    found, period = [], period_of(today)
    for _ in range(_MONTHS):
        found.append(first_day(period))
        period = preceding(period)
    return found[::-1]


def _found(conn: Connection, trust_id: int, small: Small, day: date, host: str, act: Act) -> None:
    open_trust(
        conn,
        trust_id=trust_id,
        slug=small.slug,
        name=small.name,
        trustee=small.trustee,
        host=host,
        opened_on=day,
        deed=Deed(
            effective_on=day,
            purpose="管理和使用本小区物业费，为全体业主提供物业服务",
            parties=f"委托人：{small.name}业主大会；受托人：{small.trustee}",
            beneficiaries=f"{small.name}全体业主",
            property_scope="物业费",
            benefit_form="按专有部分面积享有，以物业服务形式受益",
            authority=_DECISION,
        ),
        act=act,
    )
    add_units(conn, trust_id, _units(small.homes))
    add_bank_accounts(conn, trust_id, [_account(small, trust_id)])
    vendor = {"code": small.cleaner.code, "name": small.cleaner.name}
    add_dimension_values(conn, trust_id, "vendor", [vendor])
    contract = Contract(small.cleaner.contract, small.cleaner.title, small.cleaner.code, "", day, None)
    add_contracts(conn, trust_id, [contract])
    record_fee_standard(conn, trust_id, "home", _RATE, effective_on=day, authority=_DECISION)
    ends_on = day + timedelta(days=_TERM)
    record_tenure(
        conn, trust_id, Tenure(small.trustee, day, ends_on, "物业服务（信托）合同", 90, _DECISION), act
    )
    for name, value in (("evaluation_rectify_days", 20), ("evaluation_renewal", True)):
        record_setting(conn, trust_id, name, value, effective_on=day, authority="信托文件", act=act)


def _account(small: Small, trust_id: int) -> BankAccount:
    number = f"62{trust_id % 10**12:012d}"
    bank, holder = "城市商业银行物业服务资金户", f"{small.name}业主大会共有资金"
    return BankAccount("F1-BANK", "bank", "A", "F1", "100201", bank, holder, number)


def _units(count: int) -> list[Unit]:
    return [
        Unit(
            f"{1 + no // 12}-{1 + no % 12 // 2}0{1 + no % 2}",
            str(1 + no // 12),
            "home",
            82_00 + 170 * (no % 9),
        )
        for no in range(count)
    ]


def _opening(conn: Connection, keeper: Bookkeeper, day: date) -> None:
    keeper.post(
        conn,
        day,
        "E00",
        "期初建账：接收移交的资金",
        (Line("100201", "F1", "D", _OPENING, bank_account="F1-BANK"), Line("3001", "F1", "C", _OPENING)),
        "opening:A",
        documents=(Document("handover", "资金移交清册"),),
    )
