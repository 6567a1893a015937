"""The migrations make the tables we declare, and every key of a trust's data begins with its trust.

The second is what a distributed PostgreSQL (Citus) asks for: trust_id in every key, none across trusts.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import CheckConstraint, Engine, ForeignKeyConstraint, Table, UniqueConstraint, inspect, select

from ledger.store.engine import open_engine, reading
from ledger.store.migrate import alembic_config, migrate, migrations_folder
from ledger.store.tables import APPEND_ONLY, DIMENSIONS, metadata, posting, trust
from tests.ledger.books import open_books
from tests.servers import Database

TABLES = list(metadata.tables.values())
ONE_WORLD_WIDE = {("trust", ("slug",))}
"""What must be unique over all trusts; on a cluster ``trust`` is a reference table."""


@pytest.fixture
def owner(database: Database) -> Iterator[Engine]:
    engine = open_engine(database.owner_url, as_owner=True)
    yield engine
    engine.dispose()


def migrations() -> list[Any]:
    """The migrations as modules, oldest first."""
    modules = []
    for path in sorted(migrations_folder().glob("versions/0*.py")):
        spec = importlib.util.spec_from_file_location(f"migration_{path.stem}", path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        modules.append(module)
    return modules


def guarded_tables(name: str) -> dict[str, Any]:
    """What all migrations declare under one name, such as APPEND_ONLY."""
    return {table: keys for module in migrations() for table, keys in dict(getattr(module, name, {})).items()}


def guards() -> Any:
    return migrations()[1]


def test_the_migrations_make_exactly_the_declared_tables(owner: Engine) -> None:
    with owner.connect() as conn:
        context = MigrationContext.configure(conn, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_every_table_is_there_and_no_other(owner: Engine) -> None:
    assert set(inspect(owner).get_table_names()) == {*metadata.tables, "alembic_version"}


def test_keys_indexes_and_checks_are_in_the_database_as_declared(owner: Engine) -> None:
    found, named = inspect(owner), owner.dialect.identifier_preparer.format_constraint
    for table in TABLES:
        assert found.get_pk_constraint(table.name)["constrained_columns"] == [
            c.name for c in table.primary_key
        ]
        declared = {named(c) for c in table.constraints if isinstance(c, CheckConstraint)}
        assert {c["name"] for c in found.get_check_constraints(table.name)} == declared, table.name
        unique = {
            tuple(x.name for x in c.columns) for c in table.constraints if isinstance(c, UniqueConstraint)
        }
        assert {tuple(c["column_names"]) for c in found.get_unique_constraints(table.name)} == unique, (
            table.name
        )


def test_migrating_a_second_time_changes_nothing(engine: Engine, owner_url: str) -> None:
    books = open_books(engine)
    before = books.footprint()
    migrate(owner_url)
    assert books.footprint() == before


def test_there_is_one_line_of_migrations() -> None:
    script = ScriptDirectory.from_config(alembic_config())
    assert len(script.get_heads()) == 1
    assert len(list(script.walk_revisions())) == len(list(migrations_folder().glob("versions/0*.py")))


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_the_trust_leads_every_key_and_index(table: Table) -> None:
    assert next(iter(table.primary_key.columns)).name == "trust_id"
    for index in table.indexes:
        assert next(iter(index.columns)).name == "trust_id", index.name
    for constraint in table.constraints:
        if isinstance(constraint, UniqueConstraint):
            names = tuple(column.name for column in constraint.columns)
            assert names[0] == "trust_id" or (table.name, names) in ONE_WORLD_WIDE


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_nothing_refers_across_trusts(table: Table) -> None:
    for constraint in table.constraints:
        if isinstance(constraint, ForeignKeyConstraint):
            pairs = [(element.parent.name, element.column.name) for element in constraint.elements]
            assert pairs[0] == ("trust_id", "trust_id")


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_no_column_can_hold_a_float(table: Table) -> None:
    for column in table.columns:
        assert column.type.python_type is not float, column.name
        assert "DECIMAL" not in str(column.type).upper()


def test_the_guards_cover_the_append_only_tables_and_name_their_keys() -> None:
    guarded = guarded_tables("APPEND_ONLY")
    assert set(guarded) == {table.name for table in APPEND_ONLY}
    for table in APPEND_ONLY:
        keys = {("trust_id", *key) for key in guarded[table.name]}
        unique = {tuple(c.columns.keys()) for c in table.constraints if isinstance(c, UniqueConstraint)}
        unique |= {tuple(index.columns.keys()) for index in table.indexes if index.unique}
        assert keys == {tuple(table.primary_key.columns.keys()), *unique}, table.name


def test_every_table_is_append_only_or_known_to_change() -> None:
    module = guards()
    changing = {"trust_head", "entry_salt", *module.INSERT_AND_CLOSE, *module.INSERT_ONLY}
    changing |= set(guarded_tables("CHANGING"))
    assert set(metadata.tables) == {table.name for table in APPEND_ONLY} | changing


def test_the_guards_know_which_sqlite_tables_have_no_rowid() -> None:
    without = {t.name for t in TABLES if t.dialect_options["sqlite"]["with_rowid"] is False}
    assert set(guards().WITHOUT_ROWID) == without


def test_the_dimensions_are_the_columns_of_a_posting() -> None:
    assert set(DIMENSIONS) <= set(posting.columns.keys())
    assert len(set(DIMENSIONS)) == 8


def test_a_slug_is_given_once(engine: Engine) -> None:
    open_books(engine, 1)
    open_books(engine, 2)
    with reading(engine) as conn:
        assert conn.scalars(select(trust.c.slug).order_by(trust.c.trust_id)).all() == ["trust-1", "trust-2"]
