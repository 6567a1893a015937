"""Live the demo: found the community, then month by month until today."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random

from sqlalchemy import Engine, select

from disclosure.config import Config
from disclosure.demo.bookkeeper import PEOPLE, Bookkeeper, per_unit
from disclosure.demo.budgets import adjust, plan_year
from disclosure.demo.community import ACCOUNTS, OPENING, SLUG, STATEMENT_FORMATS, found
from disclosure.demo.desks import leave_work
from disclosure.demo.disclosures import disclose_month
from disclosure.demo.district import DISTRICT, place, settle_district
from disclosure.demo.evaluations import record_schemes
from disclosure.demo.life import Life
from disclosure.demo.neighbourhood import Neighbourhood
from disclosure.demo.owners import register
from disclosure.demo.people import settle, signature
from disclosure.demo.projects import project_month
from disclosure.demo.resolutions import paper_decisions, resolution_month
from disclosure.demo.statement_files import write_statement
from disclosure.demo.statements import publish_month, tell
from disclosure.demo.terms import agree
from disclosure.demo.witnesses import cosign
from disclosure.demo.world import World, months_between
from ledger.errors import refuse
from ledger.journal import Document, Draft, Line, post
from ledger.log.keys import create_key, load_signer
from ledger.log.note import Signer
from ledger.log.store import sign_log
from ledger.money import split_largest_remainder
from ledger.people import Role
from ledger.periods.calendar import last_day, period_name, period_of
from ledger.store.engine import reading, writing
from ledger.store.tables import trust
from ledger.trust import Unit, load_setup, record_setting
from ledger.trust.act import BEIJING

MONTHS = 14
PARKING_SPACES = 240
PARKING_FEE = 150_00
_SEED = 20250901
_COMPLETE = "demo_complete"
_PAY_DAY, _DECISION_DAY = 16, 25
_DONE_BY = 21
"""The hour, in China, by which everything of a day has been done."""
Say = Callable[[str], None]


def last_day_lived(now: datetime) -> date:
    """The last day that is over for the demo at ``now``: nothing in it may come from the future."""
    local = now.astimezone(BEIJING)
    return local.date() - timedelta(days=local.hour < _DONE_BY)


def run_demo(engine: Engine, config: Config, *, today: date, say: Say) -> str:
    """Make the demo community in an empty database; returns its slug. Progress goes to ``say``.

    An unfinished demo is refused: its months can't be lived twice.
    """
    rng = Random(_SEED)  # noqa: S311 - an invented world must be the same every time
    months = list(months_between(_months_back(today, MONTHS - 1), today))
    if demo_exists(engine):
        raise refuse("demo_exists", "数据库里已有演示小区；要重做，请换一个 DATA_DIR 或先删除旧的数据目录")
    trust_id = rng.getrandbits(48)
    keeper = Bookkeeper(engine, trust_id, config.documents_dir, rng)
    host = config.public_url.split("://", 1)[-1]
    with writing(engine) as conn:
        units = found(conn, trust_id, months[0], host, rng, keeper.act(months[0], hour=8))
        first = keeper.act(months[0], hour=8)
        people = settle(conn, trust_id, units[0].unit, config.password_cost, first, config.code_key_path)
        register(conn, trust_id, units, signature(Role.PREPARER), first)
        paper_decisions(conn, keeper, people[Role.CHAIR], 0, months[0])
        agree(conn, trust_id, people[Role.PREPARER], first)
        place(conn, trust_id, "明和社区第一网格", months[0], first)
        record_schemes(conn, keeper, people, DISTRICT, today)
        _opening_entry(conn, keeper, units, months[0])
    say(f"已建账：明和苑，{len(units)} 套房屋，{months[0]} 启用")
    create_key(config.key_path(SLUG), rng.randbytes)
    signer = load_signer(config.key_path(SLUG), f"{host}/c/{SLUG}/log")
    parking = {unit.unit: PARKING_FEE for unit in units[:PARKING_SPACES]}
    world = World(units, parking, OPENING, rng)
    life = Life(keeper, world, units)
    neighbourhood = Neighbourhood(keeper, config.documents_dir, people, units, months[0], today)
    files = config.data_dir / "demo-statements"
    for number, month in enumerate(months):
        until = min(last_day(period_of(month)), today)
        resolution_month(engine, keeper, people, number, month, today)
        project_month(engine, keeper, people, number, month)
        disclose_month(engine, keeper, people, number, month, today)
        count = _live_month(keeper, world, life, neighbourhood, files, number, month, until, parking)
        neighbourhood.evaluate(until)
        if month == date(today.year - 1, 12, 1):
            plan_year(engine, trust_id, people, keeper, today.year)
        if number + 1 < len(months):
            _close_and_publish(keeper, engine, signer, month, months[number + 1])
        else:
            sign_log(engine, trust_id, signer, _instant(until))
        say(
            f"{period_name(period_of(month))}：导入 {count} 条流水"
            + ("，已结账并公示" if number + 1 < len(months) else "")
        )
    leave_work(engine, trust_id, people, keeper.act(today))
    adjust(engine, trust_id, people, keeper, today)
    tell(engine, keeper, people, signer, today)
    cosign(engine, keeper, people, today)
    settle_district(engine, config, today=today)
    say("同一街道的另外两个小区也已建好，供比较")
    with writing(engine) as conn:
        record_setting(
            conn, trust_id, _COMPLETE, True, effective_on=months[0], authority="演示", act=keeper.act(today)
        )
    return SLUG


def demo_exists(engine: Engine) -> bool:
    """Whether the demo is there. Refuses one that was interrupted: its months can't be lived twice."""
    with reading(engine) as conn:
        trust_id = conn.execute(select(trust.c.trust_id).where(trust.c.slug == SLUG)).scalar_one_or_none()
        if trust_id is None:
            return False
        if load_setup(conn, trust_id).setting(_COMPLETE, date.max) is None:
            raise refuse(
                "demo_unfinished",
                "上次的演示没有做完就中断了，无法接着做；请删除数据目录（默认 data）后重新运行",
            )
        return True


def _live_month(
    keeper: Bookkeeper,
    world: World,
    life: Life,
    neighbourhood: Neighbourhood,
    files: Path,
    number: int,
    month: date,
    until: date,
    parking: Mapping[str, int],
) -> int:
    """What is booked at the end comes after what was asked on the days before it: the log is in that order."""
    keeper.charge(month, parking)
    paid_on = min(month.replace(day=_PAY_DAY), until)
    neighbourhood.talk(month, paid_on - timedelta(days=1))
    keeper.wages(month, paid_on)
    world.households_pay(month)
    world.water_bills(month)
    decided_on = min(month.replace(day=_DECISION_DAY), until)
    neighbourhood.talk(paid_on, decided_on - timedelta(days=1))
    life.before(number, month)
    neighbourhood.talk(decided_on, until)
    count = _fetch_and_import(keeper, world, files, month, until)
    keeper.match(until)
    life.after(number, month, until)
    keeper.accrue(month, until)
    return count


def _fetch_and_import(keeper: Bookkeeper, world: World, files: Path, month: date, until: date) -> int:
    """The cashier downloads each account's statement and imports the file."""
    files.mkdir(parents=True, exist_ok=True)
    count = 0
    for account in ACCOUNTS:
        opening, lines = world.take_lines(account.code, until)
        if not lines:
            if account.kind == "bank" and opening:
                keeper.confirm_balance(account.code, until, opening)
            continue
        data = write_statement(
            STATEMENT_FORMATS[account.code],
            lines,
            account_no=account.number,
            account_name=account.holder,
            opening=opening,
        )
        path = files / f"{account.code}-{month:%Y%m}.csv"
        path.write_bytes(data)
        keeper.import_file(account.code, data, path.name, until)
        count += len(lines)
    return count


def _close_and_publish(
    keeper: Bookkeeper, engine: Engine, signer: Signer, month: date, following: date
) -> None:
    day = following.replace(day=1)
    keeper.close(month, day)
    sign_log(engine, keeper.trust_id, signer, _instant(day))
    with writing(engine) as conn:
        publish_month(conn, keeper, period_of(month), day)


def _opening_entry(conn: object, keeper: Bookkeeper, units: list[Unit], day: date) -> None:
    """What the former manager handed over: bank balances, deposits, the maintenance fund by household."""
    homes = [unit for unit in units if unit.use_kind == "home"]
    deposits = {unit.unit: 2_000_00 for unit in homes[5:28]}
    shares = split_largest_remainder(OPENING["M-ICBC"], [unit.area for unit in homes])
    fund = dict(zip((unit.unit for unit in homes), shares, strict=True))
    entries: Mapping[str, tuple[Line, ...]] = {
        "A": (
            Line("100201", "F1", "D", OPENING["F1-CCB"], bank_account="F1-CCB"),
            Line("3001", "F1", "C", OPENING["F1-CCB"]),
            Line("100202", "F2", "D", OPENING["F2-CMB"], bank_account="F2-CMB"),
            Line("3002", "F2", "C", OPENING["F2-CMB"]),
            Line("100203", "F3", "D", OPENING["F3-ICBC"], bank_account="F3-ICBC"),
            Line("224101", "F3", "C", OPENING["F3-ICBC"], details=per_unit(deposits, "期初押金")),
        ),
        "M": (
            Line("1001", "M", "D", OPENING["M-ICBC"], bank_account="M-ICBC"),
            Line("3001", "M", "C", OPENING["M-ICBC"], details=per_unit(fund, "期初户分账")),
        ),
    }
    for book, lines in entries.items():
        draft = Draft(
            book=book,  # type: ignore[arg-type]
            date=day,
            event="E00",
            summary="期初建账：接收移交的资金" if book == "A" else "期初建账：接收移交的维修资金",
            lines=lines,
            key=f"demo:opening:{book}",
            documents=(Document("handover", "资金移交清册"),),
            **PEOPLE,
        )
        post(conn, keeper.trust_id, draft, keeper.act(day, hour=8))  # type: ignore[arg-type]


def _months_back(today: date, count: int) -> date:
    total = today.year * 12 + today.month - 1 - count
    return date(total // 12, total % 12 + 1, 1)


def _instant(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
