"""The demo lives fourteen months through the real code paths, and its books hold."""

from datetime import UTC, date, datetime, time
from pathlib import Path

import pytest
from sqlalchemy import func, select

from disclosure.config import Config
from disclosure.demo.community import ACCOUNTS, OPENING
from disclosure.demo.run import last_day_lived, run_demo
from ledger.balances import account_totals, resolve_clock
from ledger.bank.importing import import_statement
from ledger.bank.lines import open_lines
from ledger.errors import Refused
from ledger.export import export_bundle
from ledger.log.bundle import verify_bundle
from ledger.periods import closed_periods
from ledger.store.engine import open_engine, reading, writing
from ledger.store.migrate import migrate
from ledger.store.tables import bank_balance, checkpoint, entry, metadata, statement, unit
from ledger.store.types import UtcTime
from ledger.trust import Act
from ledger.trust.act import BEIJING
from ledger.verify import verify_books
from tests.demo.conftest import TODAY, Demo
from tests.ledger.books import act


def test_the_books_and_the_log_agree_to_the_byte(demo: Demo) -> None:
    with reading(demo.engine) as conn:
        report = verify_books(conn, demo.trust_id, demo.verifier)
    assert report.ok, report.findings


def test_the_community_is_the_one_described(demo: Demo) -> None:
    with reading(demo.engine) as conn:
        homes, area, buildings = conn.execute(
            select(func.count(), func.sum(unit.c.area), func.count(unit.c.building.distinct())).where(
                unit.c.trust_id == demo.trust_id, unit.c.use_kind == "home"
            )
        ).one()
    assert (homes, area, buildings) == (782, 83_404_00, 16)


def test_every_month_but_the_present_one_is_closed_and_published(demo: Demo) -> None:
    with reading(demo.engine) as conn:
        closed = {book: [p.period for p in closed_periods(conn, demo.trust_id, book)] for book in "AM"}
        ours = select(statement.c.period).where(
            statement.c.trust_id == demo.trust_id, statement.c.version == 1
        )
        published = sorted(conn.execute(ours).scalars())
    months = [202510, 202511, 202512, *range(202601, 202611)]
    assert closed == {"A": months, "M": months}
    quarters_and_year = [202500, 202536, 202633, 202634, 202635]
    assert published == sorted([*months, *quarters_and_year])


def test_nothing_in_it_comes_from_the_future(demo: Demo) -> None:
    later = {"closes_at", "expires_at"}
    moments = [c for t in metadata.tables.values() for c in t.columns if isinstance(c.type, UtcTime)]
    with reading(demo.engine) as conn:
        newest = {str(c): conn.execute(select(func.max(c))).scalar() for c in moments if c.name not in later}
    over = datetime.combine(TODAY, time(21), BEIJING)
    assert {name: moment for name, moment in newest.items() if moment and moment > over} == {}
    assert last_day_lived(over) == TODAY
    assert last_day_lived(datetime(2026, 11, 22, 12, 59, tzinfo=UTC)) == date(2026, 11, 21)


def test_the_whole_life_is_in_the_books(demo: Demo) -> None:
    with reading(demo.engine) as conn:
        events = set(conn.execute(select(entry.c.event).distinct()).scalars())
    expected = """E00 E01 E01b E02 E02b E03 E04a E04b E05 E07 E08a E08b E08c E09a E09b E10 E11a E11b E12a E12b
        E13a E13b E14a E14b E15a E15b E16 E16b E17 E17b E18 E19a E19b E19c E20 E21a E21b E21c E23a E23b E23c
        E23d E23e E23f E23g E24 E24b E25a E25b E26a E26b E26c E26d E27 E27b E28a E28b E28c"""
    assert set(expected.split()) - events == set()


def test_each_bank_says_what_the_books_say(demo: Demo) -> None:
    with reading(demo.engine) as conn:
        clock = resolve_clock(conn, demo.trust_id, today=TODAY)
        for account in ACCOUNTS:
            if account.kind != "bank" or account.code not in OPENING:
                continue
            ours = account_totals(
                conn, demo.trust_id, account.book, account.account, clock, bank_account=account.code
            )
            said = conn.execute(
                select(bank_balance.c.balance)
                .where(bank_balance.c.trust_id == demo.trust_id, bank_balance.c.bank_account == account.code)
                .order_by(bank_balance.c.as_of.desc(), bank_balance.c.recorded_at.desc())
                .limit(1)
            ).scalar_one()
            assert ours.balance == said, account.bank
        assert open_lines(conn, demo.trust_id) == []


def test_importing_all_its_files_again_adds_nothing(demo: Demo) -> None:
    files = sorted((demo.folder / "demo-statements").glob("*.csv"))
    assert len(files) > 60
    with writing(demo.engine) as conn:
        for path in files:
            account = path.stem.rsplit("-", 1)[0]
            again = import_statement(
                conn, demo.trust_id, account, path.read_bytes(), path.name, by="x", act=act(TODAY)
            )
            assert again.already, path.name


def test_a_stranger_verifies_a_copy_with_the_key_and_the_first_checkpoint(demo: Demo, tmp_path: Path) -> None:
    with reading(demo.engine) as conn:
        export_bundle(conn, demo.trust_id, tmp_path, demo.verifier.vkey)
        kept = conn.execute(
            select(checkpoint.c.note)
            .where(checkpoint.c.trust_id == demo.trust_id)
            .order_by(checkpoint.c.size)
            .limit(1)
        ).scalar_one()
    report = verify_bundle(tmp_path, demo.verifier.vkey, [kept])
    assert report.ok, report.findings
    assert report.old_confirmed == 1


def test_a_second_run_in_the_same_database_is_refused(demo: Demo) -> None:
    with pytest.raises(Refused, match="已有演示小区"):
        run_demo(demo.engine, demo.config, today=TODAY, say=demo.said.append)


def test_an_interrupted_demo_is_refused_in_words(tmp_path: Path) -> None:
    class Enough(Exception):
        """Stands for Ctrl+C."""

    def stop(sentence: str) -> None:
        if "2025年10月" in sentence:
            raise Enough

    config = Config(tmp_path, f"sqlite:///{tmp_path / 'half.sqlite3'}", "https://books.example", demo=True)
    migrate(config.database_url)
    engine = open_engine(config.database_url)
    with pytest.raises(Enough):
        run_demo(engine, config, today=TODAY, say=stop)
    with pytest.raises(Refused, match="没有做完就中断了"):
        run_demo(engine, config, today=TODAY, say=stop)
    engine.dispose()


def test_no_household_is_named_in_any_leaf(demo: Demo) -> None:
    from ledger.log.store import stream_leaves

    with reading(demo.engine) as conn:
        size = conn.execute(select(func.count()).select_from(entry)).scalar_one()
        households = entry.c.event.in_(("E02", "E02b", "E04a", "E07", "E08a", "E08b", "E09a"))
        payers = select(entry.c.counterparty).where(households, ~entry.c.counterparty_public)
        names = set(conn.execute(payers).scalars())
        units = set(conn.execute(select(unit.c.unit)).scalars())
        text = b"\n".join(stream_leaves(conn, demo.trust_id, size)).decode()
    private = {name for name in names if len(name) >= 2}
    assert len(private) > 100
    assert not [name for name in private | units if name in text]


def test_acts_know_the_day_in_china() -> None:
    from datetime import UTC, datetime

    assert Act(datetime(2025, 3, 31, 17, tzinfo=UTC), bytes).today == date(2025, 4, 1)
