"""A desk on each engine."""

from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.inquiries.desk import Desk, open_desk
from tests.office.conftest import office

__all__ = ["desk", "office"]


@pytest.fixture
def desk(engine: Engine, tmp_path: Path) -> Desk:
    return open_desk(engine, tmp_path)
