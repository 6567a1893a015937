"""One annex of a few pages, set once for the tests that only look at it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.paper.documents import front, listing, printed, rows


@dataclass(frozen=True)
class Annex:
    """A finished document of ``count`` rows and the folder its pieces are kept in."""

    file: Path
    folder: Path
    count: int


@pytest.fixture(scope="module")
def annex(tmp_path_factory: pytest.TempPathFactory) -> Annex:
    folder = tmp_path_factory.mktemp("paper")
    months = [listing(rows(count), title) for count, title in ((60, "2025年2月"), (730, "2025年3月"))]
    return Annex(printed(folder, [front(), *months]), folder, 790)
