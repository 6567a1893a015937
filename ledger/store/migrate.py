"""Bring a database to the newest schema, through Alembic."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config

from ledger.store.engine import open_engine

_ROOT = Path(__file__).resolve().parents[2]


def migrations_folder() -> Path:
    """Where the migrations are: beside the packages in a checkout, inside them when installed."""
    installed = _ROOT / "ledger" / "_migrations"
    return installed if installed.is_dir() else _ROOT / "migrations"


def alembic_config() -> Config:
    """Alembic's settings, without a file of its own."""
    config = Config()
    config.set_main_option("script_location", str(migrations_folder()))
    return config


def migrate(url: str) -> None:
    """Upgrade the database at ``url`` (empty or older) to the newest schema.

    On PostgreSQL the log-in must own the schema; it also gets the group role of the application.
    """
    engine = open_engine(url, as_owner=True)
    config = alembic_config()
    try:
        with engine.connect() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            connection.commit()
    finally:
        engine.dispose()
