"""A community on each engine."""

from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.inquiries.desk import Desk, open_desk


@pytest.fixture
def desk(engine: Engine, tmp_path: Path) -> Desk:
    return open_desk(engine, tmp_path)
