"""A desk on each engine; a town whose pages are served."""

from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from litestar.testing import TestClient
from sqlalchemy import Engine

from disclosure.app import create_app
from disclosure.config import Config
from ledger.log.keys import create_key
from tests.inquiries.desk import Desk, open_desk
from tests.inquiries.town import Town, settle_town
from tests.ledger.books import TODAY, open_books
from tests.office.conftest import CHEAP, Clock, OfficeSite, office, settle
from tests.serving import serving

__all__ = ["desk", "office", "served"]


@pytest.fixture
def desk(engine: Engine, tmp_path: Path) -> Desk:
    return open_desk(engine, tmp_path)


@pytest.fixture
def served(engine: Engine, database_url: str, tmp_path: Path) -> Iterator[tuple[str, Town]]:
    """The town on a real port, its log signed."""
    books = open_books(engine)
    config = Config(tmp_path, database_url, "http://127.0.0.1", password_cost=CHEAP)
    create_key(config.key_path("trust-1"), Random(1).randbytes)
    clock = Clock(TODAY)
    app = create_app(config, now=clock)
    town = settle_town(OfficeSite(app, config, engine, books, clock, settle(books), TestClient(app)))
    with serving(app) as address:
        yield address, town
