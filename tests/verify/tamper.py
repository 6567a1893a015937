"""What a dishonest operator can do: the owner's connection with every guard of the database taken away."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import msgspec
from sqlalchemy import Connection, text

from ledger.log.tree import Frontier, leaf_hash
from ledger.store.engine import open_engine, writing
from tests.servers import Database
from tests.verify.books import TRUST


@contextmanager
def behind_the_back(database: Database) -> Iterator[Connection]:
    """A writing transaction of the owner, without triggers and foreign keys."""
    engine = open_engine(database.owner_url, as_owner=True)
    try:
        with writing(engine) as conn:
            _drop_guards_sqlite(conn) if database.kind == "sqlite" else _drop_guards_postgresql(conn)
        with engine.connect() as raw:
            if database.kind == "sqlite":  # a pragma works outside a transaction only
                assert raw.connection.driver_connection is not None
                raw.connection.driver_connection.execute("PRAGMA foreign_keys = OFF")
            with raw.execution_options(mingzhang_writes=True).begin():
                yield raw
    finally:
        engine.dispose()


def _drop_guards_sqlite(conn: Connection) -> None:
    for (name,) in conn.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all():
        conn.execute(text(f"DROP TRIGGER {name}"))


def _drop_guards_postgresql(conn: Connection) -> None:
    tables = conn.execute(
        text(
            "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() AND tablename <> 'alembic_version'"
        )
    )
    for (name,) in tables.all():
        conn.execute(text(f"ALTER TABLE {name} DISABLE TRIGGER USER"))
    keys = conn.execute(
        text(
            "SELECT conrelid::regclass::text, conname FROM pg_constraint WHERE contype = 'f' AND conparentid = 0"
        )
    )
    for table, name in keys.all():
        conn.execute(text(f"ALTER TABLE {table} DROP CONSTRAINT {name}"))


def sql(conn: Connection, statement: str, **values: object) -> None:
    """Run a statement that must change something; ``:t`` is the trust."""
    result = conn.execute(text(statement), {"t": TRUST, **values})
    assert result.rowcount, f"nothing changed by {statement}"


def leaf_body(conn: Connection, seq: int) -> bytes:
    body = conn.execute(
        text("SELECT body FROM leaf WHERE trust_id = :t AND seq = :s"), {"t": TRUST, "s": seq}
    ).scalar_one()
    return bytes(body)


def edit_leaf(conn: Connection, seq: int, old: str, new: str) -> None:
    """Change the published bytes of an entry; the hashes stay as they were."""
    body = leaf_body(conn, seq)
    assert old.encode() in body
    sql(
        conn,
        "UPDATE leaf SET body = :b WHERE trust_id = :t AND seq = :s",
        b=body.replace(old.encode(), new.encode()),
        s=seq,
    )


def rehash(conn: Connection) -> None:
    """Compute the whole tree and the head's cache again, as if the log had always been so."""
    rows = conn.execute(
        text("SELECT seq, body FROM leaf WHERE trust_id = :t ORDER BY seq"), {"t": TRUST}
    ).all()
    tree = Frontier()
    numbers: dict[str, int] = {}
    for seq, body in rows:
        hashes = tree.append(leaf_hash(bytes(body)))
        sql(conn, "UPDATE leaf SET hashes = :h WHERE trust_id = :t AND seq = :s", h=hashes, s=seq)
    for book, year, number in conn.execute(
        text(
            "SELECT book, fiscal_year, max(number) FROM entry WHERE trust_id = :t GROUP BY book, fiscal_year"
        ),
        {"t": TRUST},
    ):
        numbers[f"{book}-{year}"] = number
    sql(
        conn,
        "UPDATE trust_head SET size = :n, frontier = :f, numbers = :m WHERE trust_id = :t",
        n=tree.size,
        f=tree.to_bytes(),
        m=msgspec.json.encode(numbers).decode(),
    )


OF_ENTRY = (
    "bank_match",
    "invoice_use",
    "entry_reference",
    "entry_document",
    "entry_salt",
    "posting_detail",
    "posting",
    "entry",
    "leaf",
)


def delete_from(conn: Connection, first: int, last: int = 1 << 40) -> None:
    """Delete entries by place with all that belongs to them; nothing remains."""
    for table in OF_ENTRY:
        conn.execute(
            text(f"DELETE FROM {table} WHERE trust_id = :t AND seq BETWEEN :a AND :b"),
            {"t": TRUST, "a": first, "b": last},
        )
