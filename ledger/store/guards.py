"""What later migrations call to guard the tables they add: append-only triggers, rights, planner figures.

The same locks as migration 0002 puts on the first tables. Migrations of the past depend on these
functions: what they do to a database must not change, so a new kind of guard is a new function.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from alembic import op

APP_ROLE = "mingzhang_app"
Keys = tuple[tuple[str, ...], ...]
"""Every set of columns, besides ``trust_id``, by which INSERT OR REPLACE could push an old row out."""


def guard_append_only(tables: Mapping[str, Keys]) -> None:
    """Refuse UPDATE, DELETE, TRUNCATE and INSERT OR REPLACE; let the application insert and read."""
    if op.get_bind().dialect.name == "postgresql":
        for table in tables:
            op.execute(
                f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION mz_refuse_change()"
            )
            op.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_no_change")
            op.execute(f"GRANT SELECT, INSERT ON {table} TO {APP_ROLE}")
        return
    for table, keys in tables.items():
        for action in ("UPDATE", "DELETE"):
            _refuse(table, f"{table}_no_{action.lower()}", action, "", action)
        clashes = [" AND ".join(f"{c} = NEW.{c}" for c in ("trust_id", *key)) for key in keys]
        for no, clash in enumerate((*clashes, "rowid = NEW.rowid")):
            when = f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {clash})"  # noqa: S608
            _refuse(table, f"{table}_no_replace_{no}", "INSERT", when, "REPLACE")


def _refuse(table: str, name: str, action: str, when: str, said: str) -> None:
    tail = ": UNIQUE" if said == "REPLACE" else ""
    op.execute(
        f"CREATE TRIGGER {name} BEFORE {action} ON {table} {when} BEGIN "
        f"SELECT RAISE(ABORT, 'append-only: {said} on {table} refused{tail}'); END"
    )


def let_change(tables: Mapping[str, Sequence[str]], *, delete: Sequence[str] = ()) -> None:
    """Let the application insert, read, and update these columns; delete only where named."""
    if op.get_bind().dialect.name != "postgresql":
        return
    for table, columns in tables.items():
        op.execute(f"GRANT SELECT, INSERT ON {table} TO {APP_ROLE}")
        if columns:
            op.execute(f"GRANT UPDATE ({', '.join(columns)}) ON {table} TO {APP_ROLE}")
        if table in delete:
            op.execute(f"GRANT DELETE ON {table} TO {APP_ROLE}")
