"""A community to evaluate, on each engine."""

from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.evaluation.rounds import Community, open_community


@pytest.fixture
def community(engine: Engine, tmp_path: Path) -> Community:
    return open_community(engine, tmp_path)
