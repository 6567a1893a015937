"""Books opened before there was cash at the counter get the account for it when they are migrated."""

from __future__ import annotations

from alembic import command
from sqlalchemy import text

from ledger.store.engine import open_engine
from ledger.store.migrate import alembic_config, migrate
from tests.servers import Database

_ACCOUNT = (
    "INSERT INTO account (trust_id, book, code, name, parent, class, side, funds, dimensions, leaf) "
    "VALUES (:trust, 'A', :code, :name, '1012', 'A', 'D', 'F1|F2', '', true)"
)


def test_older_books_get_the_account_for_cash_once(bare_database: Database) -> None:
    engine = open_engine(bare_database.owner_url, as_owner=True)
    config = alembic_config()
    with engine.connect() as conn:
        config.attributes["connection"] = conn
        command.upgrade(config, "0006")
        for trust, code, name in ((1, "101203", "POS"), (2, "101203", "POS"), (2, "101204", "自设")):
            conn.execute(text(_ACCOUNT), {"trust": trust, "code": code, "name": name})
        head = "INSERT INTO trust_head VALUES (1, 0, :empty, '{}', '{}', 4)"
        conn.execute(text(head), {"empty": b""})
        conn.commit()
    migrate(bare_database.owner_url)
    with engine.connect() as conn:
        cash = conn.execute(
            text("SELECT trust_id, name, funds FROM account WHERE code = '101204' ORDER BY trust_id")
        ).all()
        version = conn.scalar(text("SELECT setup_version FROM trust_head"))
    engine.dispose()
    assert [tuple(row) for row in cash] == [(1, "现金待缴存", "F1|F2"), (2, "自设", "F1|F2")]
    assert version >= 5
