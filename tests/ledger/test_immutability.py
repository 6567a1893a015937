"""What is posted stays, and is whole: the database itself says so, to the application and to the owner.

Everything here goes around the application, with plain SQL, over every kind of connection there is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from itertools import permutations
from typing import Any

import psycopg
import pytest
from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Connection,
    Date,
    Engine,
    Integer,
    LargeBinary,
    Table,
    create_engine,
    event,
    insert,
    select,
    text,
)
from sqlalchemy.exc import DBAPIError

from ledger.store.engine import open_engine, writing
from ledger.store.tables import APPEND_ONLY, entry, leaf, posting, posting_detail
from ledger.store.types import UtcTime
from tests.ledger.books import Books, fee_charge, fee_receipt, invoice, open_books, petty
from tests.servers import APP_GROUP, APP_LOGIN, OWNER, Database, Databases, Kind, PostgresServer

REFUSED = (DBAPIError, psycopg.Error)
REASONS = ("append-only", "permission denied", "late line refused", "late detail refused", "cannot truncate")
TABLE = {table.name: table for table in APPEND_ONLY}
each_table = pytest.mark.parametrize("name", TABLE)


@dataclass(frozen=True)
class Full:
    """A database in which every append-only table holds something; ``engines`` by the way in."""

    database: Database
    rows: dict[str, list[tuple[Any, ...]]]
    engines: dict[str, Engine] = field(default_factory=dict)


def furnish(url: str) -> dict[str, list[tuple[Any, ...]]]:
    engine = open_engine(url)
    books = open_books(engine, 7, co_sign_above=0)
    posted = books.post_many([fee_charge(), fee_receipt(), invoice(), petty()])
    books.reverse(posted[3].ref)
    with writing(engine) as conn:
        for table in APPEND_ONLY:
            if conn.execute(select(table).limit(1)).first() is None:
                conn.execute(insert(table).values({c.key: _sample(c) for c in table.columns}))
        books_now = dump(conn)
    engine.dispose()
    assert all(books_now.values()), "every table holds something"
    return books_now


def _sample(column: Any) -> Any:
    if column.name == "trust_id":
        return 7
    for kind, value in (
        (UtcTime, datetime(2024, 2, 1, tzinfo=UTC)),
        (Date, date(2024, 1, 31)),
        (Boolean, True),
        (Integer, 1),
        (LargeBinary, b"x"),
    ):
        if isinstance(column.type, kind):
            return value
    return _first_allowed(column) or "A"


def _first_allowed(column: Any) -> str:
    """The first word of a column that takes only a few, as its CHECK names them."""
    for check in column.table.constraints:
        if isinstance(check, CheckConstraint):
            found = re.match(rf"{column.name} IN \('(\w+)'", str(check.sqltext))
            if found:
                return found[1]
    return ""


def dump(conn: Connection) -> dict[str, list[tuple[Any, ...]]]:
    return {table.name: rows_of(conn, table) for table in APPEND_ONLY}


def rows_of(conn: Connection, table: Table) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in conn.execute(select(table).order_by(*table.primary_key))]


@pytest.fixture(scope="module")
def full_of(databases: Databases) -> Iterator[Callable[[Kind], Full]]:
    opened, made = ExitStack(), dict[Kind, Full]()

    def full(kind: Kind) -> Full:
        if kind not in made:
            database = opened.enter_context(databases.database(kind))
            made[kind] = Full(database, furnish(database.url))
        return made[kind]

    yield full
    for one in made.values():
        for engine in one.engines.values():
            engine.dispose()
        with connected(as_application(one.database)) as conn:
            assert dump(conn) == one.rows, "all that was refused left everything as it was"
    opened.close()


@pytest.fixture
def full(full_of: Callable[[Kind], Full], db_kind: Kind) -> Full:
    return full_of(db_kind)


# --- Connections: each a way in that does not go through the application ------------------------------------


@contextmanager
def connected(engine: Engine) -> Iterator[Connection]:
    try:
        with engine.connect() as conn:
            yield conn
    finally:
        engine.dispose()


def as_application(database: Database) -> Engine:
    return open_engine(database.url)


def as_owner(database: Database) -> Engine:
    return open_engine(database.owner_url, as_owner=True)


def by_a_stranger(database: Database) -> Engine:
    """SQLite as any other program opens it: foreign keys and recursive triggers off."""
    return create_engine(database.url)


def as_superuser_in_replica_mode(database: Database) -> Engine:
    engine = create_engine(database.owner_url.replace(f"//{OWNER}@", "//postgres@"))

    @event.listens_for(engine, "connect")
    def _replica(connection: Any, _record: object) -> None:
        connection.execute("SET session_replication_role = replica")
        connection.commit()

    return engine


Way = Callable[[Database], Engine]
WAYS: dict[Kind, list[Way]] = {
    "sqlite": [as_application, by_a_stranger],
    "postgresql": [as_application, as_owner, as_superuser_in_replica_mode],
}
SQLITE_WAYS, POSTGRESQL_WAYS = WAYS["sqlite"], WAYS["postgresql"]


def refuses(full: Full, way: Way, name: str, statements: list[str]) -> None:
    """Each statement fails with a message that says why, and every row of the table is as it was."""
    if way.__name__ not in full.engines:
        full.engines[way.__name__] = way(full.database)
    with full.engines[way.__name__].connect() as conn:
        for statement in statements:
            with pytest.raises(REFUSED) as refused:
                conn.execute(text(statement.replace(":", r"\:")))
                conn.commit()
            conn.rollback()
            message = str(refused.value.__cause__ or refused.value)
            assert any(reason in message for reason in REASONS), f"{statement}\n{message}"
        assert rows_of(conn, TABLE[name]) == full.rows[name]


def columns_of(table: Table) -> tuple[str, str, str]:
    """Key columns, all columns, and one column to change, quoted."""
    key = ", ".join(f'"{column.name}"' for column in table.primary_key)
    every = ", ".join(f'"{column.name}"' for column in table.columns)
    return key, every, f'"{list(table.columns)[-1].name}"'


@pytest.mark.db("sqlite")
@pytest.mark.parametrize("way", SQLITE_WAYS, ids=lambda way: way.__name__)
@each_table
def test_sqlite_refuses_every_way_to_change_a_row(full: Full, way: Way, name: str) -> None:
    table = TABLE[name]
    key, every, last = columns_of(table)
    rows = f"SELECT {every} FROM {name} WHERE true"
    refuses(
        full,
        way,
        name,
        [
            f"UPDATE {name} SET {last} = {last}",
            f"UPDATE OR REPLACE {name} SET trust_id = 8",
            f"UPDATE OR IGNORE {name} SET trust_id = 8",
            f"DELETE FROM {name}",
            f"DELETE FROM {name} WHERE trust_id = 7",
            f"INSERT OR REPLACE INTO {name} ({every}) {rows}",
            f"REPLACE INTO {name} ({every}) {rows}",
            f"INSERT OR IGNORE INTO {name} ({every}) {rows}",
            f"INSERT INTO {name} ({every}) {rows} ON CONFLICT ({key}) DO UPDATE SET {last} = excluded.{last}",
            f"INSERT INTO {name} ({every}) {rows} ON CONFLICT DO NOTHING",
        ],
    )


@pytest.mark.db("sqlite")
@pytest.mark.parametrize("way", SQLITE_WAYS, ids=lambda way: way.__name__)
@pytest.mark.parametrize(
    "name", [t.name for t in APPEND_ONLY if t.dialect_options["sqlite"]["with_rowid"] is not False]
)
def test_sqlite_refuses_to_push_a_row_out_by_its_hidden_rowid(full: Full, way: Way, name: str) -> None:
    """A new key under an old rowid: REPLACE would delete the old row without firing a trigger."""
    table = TABLE[name]
    every = [f'"{column.name}"' for column in table.columns]
    moved = ", ".join("8" if column == '"trust_id"' else column for column in every)
    refuses(
        full,
        way,
        name,
        [
            f"{how} INTO {name} (rowid, {', '.join(every)}) SELECT rowid, {moved} FROM {name}"
            for how in ("INSERT OR REPLACE", "REPLACE")
        ],
    )


@pytest.mark.db("sqlite")
@pytest.mark.parametrize("way", SQLITE_WAYS, ids=lambda way: way.__name__)
@pytest.mark.parametrize("kept", ["number", "idempotency_key", "reverses"])
def test_sqlite_refuses_to_push_an_entry_out_by_its_other_keys(full: Full, way: Way, kept: str) -> None:
    """The new entry comes with a leaf and lines of its own: only the old one's key is in its way."""
    fresh = {"seq": "99", "number": "99", "idempotency_key": "'fresh'", "reverses": "99", kept: kept}
    with connected(way(full.database)) as conn:
        for name in ("leaf", "posting", "entry"):
            columns = [f'"{column.name}"' for column in TABLES[name].columns]
            values = [fresh.get(column.strip('"'), column) for column in columns]
            copy = f"({', '.join(columns)}) SELECT {', '.join(values)} FROM {name} WHERE seq = 4"
            if name != "entry":
                conn.execute(text(f"INSERT INTO {name} {copy}"))
                continue
            with pytest.raises(DBAPIError, match="append-only: REPLACE on entry refused"):
                conn.execute(text(f"INSERT OR REPLACE INTO {name} {copy}"))
        conn.rollback()
    with connected(way(full.database)) as conn:
        assert dump(conn) == full.rows


@pytest.mark.db("postgresql")
@pytest.mark.parametrize("way", POSTGRESQL_WAYS, ids=lambda way: way.__name__)
@each_table
def test_postgresql_refuses_every_way_to_change_a_row(full: Full, way: Way, name: str) -> None:
    table = TABLE[name]
    key, every, last = columns_of(table)
    rows = f"SELECT {every} FROM {name}"
    same = " AND ".join(f"t.{column} = s.{column}" for column in key.split(", "))
    refuses(
        full,
        way,
        name,
        [
            f"UPDATE {name} SET {last} = {last}",
            f"UPDATE {name} SET trust_id = 8 WHERE trust_id = 7",
            f"UPDATE ONLY {name} SET {last} = {last}",
            f"DELETE FROM {name}",
            f"DELETE FROM {name} USING trust",
            f"TRUNCATE {name}",
            f"TRUNCATE {name} CASCADE",
            f"WITH gone AS (DELETE FROM {name} RETURNING 1) SELECT count(*) FROM gone",
            f"INSERT INTO {name} ({every}) {rows} ON CONFLICT ({key}) DO UPDATE SET {last} = excluded.{last}",
            f"MERGE INTO {name} t USING {name} s ON {same} WHEN MATCHED THEN DELETE",
            f"MERGE INTO {name} t USING {name} s ON {same} WHEN MATCHED THEN UPDATE SET {last} = s.{last}",
        ],
    )


# --- Rights on PostgreSQL: the lock that holds without triggers ---------------------------------------------


@pytest.mark.db("postgresql")
@each_table
def test_the_application_may_only_read_and_add(full: Full, name: str) -> None:
    with connected(as_owner(full.database)) as conn:
        for role in (APP_GROUP, APP_LOGIN):
            for right in ("UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER"):
                assert (
                    conn.scalar(text(f"SELECT has_table_privilege('{role}', '{name}', '{right}')")) is False
                )
            assert (
                conn.scalar(text(f"SELECT has_any_column_privilege('{role}', '{name}', 'UPDATE')")) is False
            )
            for right in ("SELECT", "INSERT"):
                assert conn.scalar(text(f"SELECT has_table_privilege('{role}', '{name}', '{right}')")) is True
        owner = conn.scalar(text(f"SELECT tableowner FROM pg_tables WHERE tablename = '{name}'"))
        assert owner == OWNER


@pytest.mark.db("postgresql")
@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE entry DISABLE TRIGGER ALL",
        "DROP TRIGGER entry_no_change ON entry",
        "DROP TABLE entry CASCADE",
        "ALTER TABLE entry RENAME TO old_entry",
        "CREATE OR REPLACE FUNCTION mz_refuse_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
        "CREATE TABLE entry_2 (x int)",
        "SET session_replication_role = replica",
        "SET ROLE mz_owner",
        "INSERT INTO alembic_version VALUES ('9999')",
    ],
)
def test_the_application_cannot_take_the_locks_off(full: Full, statement: str) -> None:
    with connected(as_application(full.database)) as conn:
        with pytest.raises(DBAPIError, match=r"must be owner|permission denied"):
            conn.execute(text(statement))
            conn.commit()
        conn.rollback()
        assert conn.scalar(text("SELECT has_schema_privilege('public', 'CREATE')")) is False


@pytest.mark.db("postgresql")
def test_the_application_grants_itself_nothing(full: Full) -> None:
    with connected(as_application(full.database)) as conn:
        conn.execute(
            text("GRANT ALL ON entry TO PUBLIC")
        )  # PostgreSQL warns, and grants what one has to give
        conn.commit()
        for right in ("UPDATE", "DELETE", "TRUNCATE"):
            assert conn.scalar(text(f"SELECT has_table_privilege('entry', '{right}')")) is False


@pytest.mark.db("postgresql")
def test_the_applications_roles_are_ordinary(full: Full) -> None:
    with connected(as_owner(full.database)) as conn:
        for role in (APP_GROUP, APP_LOGIN):
            powers = "rolsuper OR rolcreaterole OR rolcreatedb OR rolbypassrls OR rolreplication"
            assert conn.scalar(text(f"SELECT {powers} FROM pg_roles WHERE rolname = '{role}'")) is False
            assert conn.scalar(text(f"SELECT pg_has_role('{role}', '{OWNER}', 'MEMBER')")) is False


@pytest.mark.db("postgresql")
def test_every_guard_fires_in_replica_mode_too(full: Full) -> None:
    with connected(as_owner(full.database)) as conn:
        modes = conn.execute(text("SELECT tgname, tgenabled FROM pg_trigger WHERE NOT tgisinternal")).all()
    assert len(modes) > len(APPEND_ONLY)
    assert {row.tgname for row in modes if row.tgenabled != "A"} == set()


# --- An entry is whole --------------------------------------------------------------------------------------


@pytest.fixture
def whole(database: Database) -> Database:
    engine = open_engine(database.url)
    books = open_books(engine, 7)
    books.post_many([fee_charge(), petty()])
    engine.dispose()
    return database


Rows = dict[str, list[dict[str, Any]]]
TABLES: dict[str, Table] = {
    "leaf": leaf,
    "posting_detail": posting_detail,
    "posting": posting,
    "entry": entry,
}
SEQ = 2


def next_entry(conn: Connection) -> Rows:
    """The rows of a sound charge of two households, made from entry 0."""
    rows: Rows = {}
    for name, table in TABLES.items():
        found = conn.execute(select(table).where(table.c.seq == 0).order_by(*table.primary_key)).mappings()
        rows[name] = [
            {**{table.c[key].key: value for key, value in row.items()}, "seq": SEQ} for row in found
        ]
    rows["entry"][0] |= {"number": 3, "idempotency_key": "raw", "content_hash": b"raw"}
    return rows


def write(conn: Connection, rows: Rows, order: tuple[str, ...]) -> None:
    for name in order:
        if rows[name]:
            conn.execute(insert(TABLES[name]), rows[name])
    conn.commit()


def _set(table: str, no: int, **values: Any) -> Callable[[Rows], None]:
    def spoil(rows: Rows) -> None:
        rows[table][no] |= values

    return spoil


def _drop(table: str, keep: int = 0) -> Callable[[Rows], None]:
    def spoil(rows: Rows) -> None:
        rows[table] = rows[table][:keep]

    return spoil


def _more(table: str, **values: Any) -> Callable[[Rows], None]:
    def spoil(rows: Rows) -> None:
        rows[table].append(rows[table][-1] | values)

    return spoil


def _all(*spoils: Callable[[Rows], None]) -> Callable[[Rows], None]:
    def spoil(rows: Rows) -> None:
        for one in spoils:
            one(rows)

    return spoil


no_details = _all(
    _drop("posting_detail"), _set("posting", 0, detail_count=0), _set("posting", 1, detail_count=0)
)
SPOILT: dict[str, Callable[[Rows], None]] = {
    "not balanced": _all(no_details, _set("posting", 1, amount=1)),
    "balanced only across funds": _all(no_details, _set("posting", 1, fund="F2")),
    "without lines": _all(_drop("posting_detail"), _drop("posting")),
    "with one line": _all(_drop("posting_detail"), _drop("posting", 1), _set("entry", 0, line_count=1)),
    "more lines than it says": _all(
        no_details,
        _more("posting", line_no=3, side="D", amount=5),
        _more("posting", line_no=4, side="C", amount=5),
    ),
    "fewer lines than it says": _set("entry", 0, line_count=3),
    "a line of another day": _set("posting", 1, business_date=date(2025, 3, 11)),
    "all lines of another day": _all(
        _set("posting", 0, business_date=date(2025, 3, 11)),
        _set("posting", 1, business_date=date(2025, 3, 11)),
    ),
    "a line of the other book": _set("posting", 1, book="M"),
    "without details, a line of another day": _all(
        no_details, _set("posting", 1, business_date=date(2025, 3, 11))
    ),
    "without details, a line of the other book": _all(no_details, _set("posting", 1, book="M")),
    "without details, fewer lines than it says": _all(no_details, _set("entry", 0, line_count=3)),
    "without details, numbered in another year": _all(
        no_details, _set("entry", 0, fiscal_year=2024, number=1)
    ),
    "numbered in another year": _set("entry", 0, fiscal_year=2024, number=1),
    "details that do not add up": _set("posting_detail", 0, amount=1),
    "fewer details than its line says": _drop("posting_detail", 3),
    "details its line does not tell of": _all(
        _set("posting", 0, detail_count=0), _set("posting", 1, detail_count=0)
    ),
    "fewer than no details": _all(no_details, _set("posting", 0, detail_count=-1)),
    "prepared and reviewed by one person": _set("entry", 0, preparer="甲", reviewer="甲"),
    "number nought": _set("entry", 0, number=0),
    "a number that is taken": _set("entry", 0, number=2),
    "a line of nothing": _all(no_details, _set("posting", 0, amount=0), _set("posting", 1, amount=0)),
    "a line on neither side": _all(no_details, _set("posting", 0, side="X"), _set("posting", 1, side="X")),
    "without a leaf": _drop("leaf"),
    "lines without an entry": _drop("entry"),
    "details without a line": _all(_drop("entry"), _drop("posting")),
}
LEFT_TO_FOREIGN_KEYS = {"without a leaf", "lines without an entry", "details without a line"}


@pytest.mark.parametrize("spoilt", SPOILT)
def test_the_database_refuses_an_unsound_entry_in_whatever_order_it_is_written(
    whole: Database, spoilt: str
) -> None:
    for way in WAYS[whole.kind]:
        if spoilt in LEFT_TO_FOREIGN_KEYS and way in (by_a_stranger, as_superuser_in_replica_mode):
            continue  # foreign keys are not checked there: the log tells
        engine = way(whole)
        with engine.connect() as conn:
            before, rows = dump(conn), next_entry(conn)
        SPOILT[spoilt](rows)
        for order in permutations(TABLES):
            with engine.connect() as conn, pytest.raises(DBAPIError):
                write(conn, rows, order)
        with connected(engine) as conn:
            assert dump(conn) == before


def test_the_same_rows_unspoilt_are_taken(whole: Database) -> None:
    """Else the refusals above would prove nothing."""
    taken = 0
    engine = as_application(whole)
    for order in permutations(TABLES):
        in_order = order.index("posting_detail") < order.index("posting") < order.index("entry")
        with engine.connect() as conn:
            rows = next_entry(conn)
            conn.rollback()
            for row in (row for name in TABLES for row in rows[name]):
                row["seq"] = SEQ + taken
            rows["entry"][0] |= {"number": 3 + taken, "idempotency_key": f"raw{taken}"}
            if whole.kind == "sqlite" and not in_order:
                with pytest.raises(DBAPIError):
                    write(conn, rows, order)
            elif in_order:
                write(conn, rows, order)
                taken += 1
    engine.dispose()
    assert taken == 4, "details, lines, entry; the leaf at any time"


LATE: dict[str, list[tuple[Table, dict[str, Any]]]] = {
    "a line": [(posting, {"line_no": 3, "side": "D", "amount": 5})],
    "a pair of lines that balances": [
        (posting, {"line_no": 3, "side": "D", "amount": 5}),
        (posting, {"line_no": 4, "side": "C", "amount": 5}),
    ],
    "a line of another day": [(posting, {"line_no": 3, "business_date": date(2025, 4, 1)})],
    "a detail": [(posting_detail, {"line_no": 1, "detail_no": 1, "unit": "1-101", "amount": 5, "basis": ""})],
    "details that cancel out": [
        (posting_detail, {"line_no": 1, "detail_no": 1, "unit": "1-101", "amount": 5, "basis": ""}),
        (posting_detail, {"line_no": 1, "detail_no": 2, "unit": "1-102", "amount": -5, "basis": ""}),
    ],
}


@pytest.mark.parametrize("late", LATE)
@pytest.mark.parametrize("seq", [0, 1], ids=["an entry with details", "an entry without"])
def test_nothing_is_added_to_a_posted_entry(whole: Database, seq: int, late: str) -> None:
    for way in WAYS[whole.kind]:
        with connected(way(whole)) as conn:
            before = dump(conn)
            line = conn.execute(select(posting).where(posting.c.seq == seq).limit(1)).mappings().one()
            conn.rollback()
            for table, values in LATE[late]:
                if table is posting:
                    row = {**line, "detail_count": 0, **values}
                else:
                    row = {"trust_id": 7, "seq": seq, **values, "detail_no": values["detail_no"] + 10}
                with pytest.raises(DBAPIError, match="late"):
                    conn.execute(insert(table), [row])
                    conn.commit()
                conn.rollback()
            assert dump(conn) == before


@pytest.mark.db("postgresql")
def test_a_pair_of_late_lines_is_refused_in_one_statement_too(whole: Database) -> None:
    with connected(as_owner(whole)) as conn:
        line = dict(conn.execute(select(posting).where(posting.c.seq == 1).limit(1)).mappings().one())
        pair = [line | {"line_no": 3, "side": "D"}, line | {"line_no": 4, "side": "C"}]
        with pytest.raises(DBAPIError, match="late line refused"):
            conn.execute(insert(posting).values(pair))


def test_salts_alone_may_be_deleted(whole: Database) -> None:
    """That is how a household is forgotten; no proof depends on them."""
    engine = as_application(whole)
    with writing(engine) as conn:
        assert conn.execute(text("DELETE FROM entry_salt WHERE seq = 0")).rowcount == 1
    assert Books(engine, 7).stored("A-2025-000001").salt is None
    engine.dispose()


@pytest.mark.db("postgresql")
def test_the_fixtures_superuser_really_is_in_replica_mode(
    whole: Database, postgres_server: PostgresServer
) -> None:
    """Else the tests above would not try what they say: in that mode foreign keys are not checked."""
    assert postgres_server.folder.exists()
    with connected(as_superuser_in_replica_mode(whole)) as conn:
        assert conn.scalar(text("SHOW session_replication_role")) == "replica"
        conn.execute(text("INSERT INTO entry_document VALUES (7, 999, 1, 'other', '', '', '', '')"))
        conn.rollback()
