"""A desk on each engine; a town whose pages are served."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.inquiries.desk import Desk, open_desk
from tests.inquiries.town import Town, settle_town
from tests.office.conftest import office, signing_office
from tests.serving import serving

__all__ = ["desk", "office", "served"]


@pytest.fixture
def desk(engine: Engine, tmp_path: Path) -> Desk:
    return open_desk(engine, tmp_path)


@pytest.fixture
def served(engine: Engine, database_url: str, tmp_path: Path) -> Iterator[tuple[str, Town]]:
    """The town on a real port, its log signed."""
    town = settle_town(signing_office(engine, database_url, tmp_path))
    with serving(town.office.app) as address:
        yield address, town
