"""A log that says it has more leaves than any disk can hold is not fetched, and costs no memory."""

from __future__ import annotations

from pathlib import Path

import pytest

from disclosure.watching.mirror import MOST_LEAVES, _count, mirror
from disclosure.watching.remote import Remote, Unreachable
from ledger.log.checkpoint import Checkpoint, sign_checkpoint
from ledger.log.tiles import all_tiles
from tests.log.books import SIGNER, VKEY
from tests.witness.served import NOW, Operator, operating, small_log


@pytest.mark.parametrize("size", [MOST_LEAVES + 1, 1 << 62])
def test_a_size_beyond_belief_is_not_fetched(tmp_path: Path, size: int) -> None:
    operator = Operator(small_log(3))
    operator.spoil["checkpoint"] = sign_checkpoint(
        Checkpoint(SIGNER.name, size, b"\x01" * 32), SIGNER
    ).encode()
    with (
        operating(operator) as address,
        Remote(address) as remote,
        pytest.raises(Unreachable, match="多得不可信"),
    ):
        mirror(tmp_path / "copy", remote, VKEY, NOW)
    assert not [path for path in operator.asked if path.startswith("tile/")]
    assert not (tmp_path / "copy" / "checkpoint").exists()


def test_a_large_size_is_not_listed_beforehand(tmp_path: Path) -> None:
    operator = Operator(small_log(3))
    operator.spoil["checkpoint"] = sign_checkpoint(
        Checkpoint(SIGNER.name, MOST_LEAVES, b"\x01" * 32), SIGNER
    ).encode()
    with (
        operating(operator) as address,
        Remote(address) as remote,
        pytest.raises(Unreachable, match="tile/0/000"),
    ):
        mirror(tmp_path / "copy", remote, VKEY, NOW)


@pytest.mark.parametrize("size", [0, 1, 255, 256, 257, 65_535, 65_536, 65_537, 196_609])
def test_files_are_counted_as_they_are_named(size: int) -> None:
    assert _count(size) == len(list(all_tiles(size)))
