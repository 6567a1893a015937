"""The log as static files and as a portable proof (C2SP tlog-tiles, tlog-proof)."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.log.checkpoint import Checkpoint, sign_checkpoint
from ledger.log.note import NoteError
from ledger.log.tiles import (
    ENTRIES,
    Tile,
    TileError,
    all_tiles,
    decode_bundle,
    encode_bundle,
    entry_bundles,
    hash_tiles,
    parse_tile_path,
)
from ledger.log.tlog_proof import LogProof
from ledger.log.tree import NodeId, ProofError, inclusion_proof
from tests.log.test_note import signer
from tests.log.trees import MemoryLog, naive_root, numbered


@pytest.mark.parametrize(
    ("tile", "path"),
    [
        (Tile(0, 1234067), "tile/0/x001/x234/067"),
        (Tile(0, 0, 1), "tile/0/000.p/1"),
        (Tile(63, 999, 255), "tile/63/999.p/255"),
        (Tile(ENTRIES, 1000), "tile/entries/x001/000"),
        (Tile(ENTRIES, 1234067, 17), "tile/entries/x001/x234/067.p/17"),
    ],
)
def test_paths(tile: Tile, path: str) -> None:
    assert tile.path == path
    assert parse_tile_path(path) == tile


@given(st.integers(-1, 63), st.integers(0, 10**18), st.integers(1, 256))
def test_paths_round_trip(level: int, index: int, width: int) -> None:
    tile = Tile(level, index, width)
    assert parse_tile_path(tile.path) == tile


@pytest.mark.parametrize(
    "path",
    [
        "",
        "tile/0",
        "tile/0/0",
        "tile/0/0000",
        "tile/0/001/002",
        "tile/0/x001/x002",
        "tile/0/x000/001",
        "tile/00/000",
        "tile/64/000",
        "tile/-1/000",
        "tile/0/000.p/0",
        "tile/0/000.p/01",
        "tile/0/000.p/256",
        "tile/0/000.p/",
        "tile/entry/000",
        "tile/0/000\n",
        "/tile/0/000",
        "tile/0/../000",
        "tile/0/٠٠٠",
        "tile/0/" + "x999/" * 7 + "999",
    ],
)
def test_misspelt_paths(path: str) -> None:
    with pytest.raises(TileError):
        parse_tile_path(path)


def test_no_such_tile() -> None:
    for tile in (Tile(64, 0), Tile(0, -1), Tile(0, 0, 0), Tile(0, 0, 257)):
        with pytest.raises(TileError):
            _ = tile.path
    with pytest.raises(TileError):
        Tile(ENTRIES, 0).nodes()


def test_tree_of_70000() -> None:
    """The example of the specification."""
    counts = Counter((tile.level, tile.width) for tile in all_tiles(70_000))
    assert counts == {
        (0, 256): 273,
        (0, 112): 1,
        (1, 256): 1,
        (1, 17): 1,
        (2, 1): 1,
        (ENTRIES, 256): 273,
        (ENTRIES, 112): 1,
    }
    assert [tile.path for tile in hash_tiles(256)] == ["tile/0/000", "tile/1/000.p/1"]
    assert list(all_tiles(0)) == []


def test_tiles_hold_the_nodes_of_the_definition() -> None:
    leaves = numbered(600)
    log = MemoryLog(leaves)
    tiles = list(hash_tiles(600))
    assert Tile(1, 0, 2).nodes() == [NodeId(8, 0), NodeId(8, 1)]
    for tile in tiles:
        span = 256**tile.level
        expected = [
            naive_root(leaves[at : at + span])
            for at in range(tile.start, tile.start + tile.width * span, span)
        ]
        assert log.read_nodes(tile.nodes()) == expected
        assert tile.stop == tile.start + tile.width * span <= 600
    assert [tile.stop for tile in entry_bundles(600)] == [256, 512, 600]


@given(st.lists(st.binary(max_size=300), max_size=20))
def test_bundles_round_trip(leaves: list[bytes]) -> None:
    data = encode_bundle(leaves)
    assert decode_bundle(data) == leaves
    for cut in (b"\0", b"\0\1"):
        with pytest.raises(TileError):
            decode_bundle(data + cut)


def test_leaf_length_limit() -> None:
    longest = b"x" * 65_535
    assert decode_bundle(encode_bundle([longest])) == [longest]
    with pytest.raises(TileError, match="65536 字节"):
        encode_bundle([longest + b"x"])


def proof_of(index: int, size: int) -> LogProof:
    log = MemoryLog(numbered(size))
    head = sign_checkpoint(Checkpoint(signer().name, size, log.frontier.root()), signer())
    return LogProof(index, tuple(inclusion_proof(index, size, log.read_nodes)), head)


def test_proof_file() -> None:
    proof = proof_of(5, 8)
    text = proof.encode()
    assert text.startswith("c2sp.org/tlog-proof@v1\nindex 5\n")
    assert text.endswith("\n\n" + proof.checkpoint)
    assert len(text.split("\n\n")[0].splitlines()) == 2 + 3
    assert LogProof.parse(text) == proof
    assert LogProof.parse(text).verify(b"leaf 5", signer().verifier).size == 8
    with pytest.raises(ProofError, match="不成立"):
        proof.verify(b"leaf 6", signer().verifier)
    with pytest.raises(NoteError):
        proof.verify(b"leaf 5", signer("other").verifier)


def test_proof_file_without_hashes_and_with_extra() -> None:
    proof = proof_of(0, 1)
    assert LogProof.parse(proof.encode()) == proof
    extra = LogProof(0, (), proof.checkpoint, b"salt")
    assert "\nextra c2FsdA==\nindex 0\n\n" in extra.encode()
    assert LogProof.parse(extra.encode()) == extra


@pytest.mark.parametrize(
    "change",
    [
        ("@v1", "@v2"),
        ("index 5", "index 05"),
        ("index 5", "index -5"),
        ("index 5", "place 5"),
        ("index 5\n", ""),
        ("index 5\n", "extra !\nindex 5\n"),
        ("index 5\n", "index 5\nAAAA\n"),
        ("=\n", "\n"),
        ("\n\n", "\n"),
    ],
)
def test_malformed_proof_files(change: tuple[str, str]) -> None:
    with pytest.raises(ProofError):
        LogProof.parse(proof_of(5, 8).encode().replace(*change))


def test_proof_that_cannot_be_written() -> None:
    for proof in (LogProof(-1, (), "x\n"), LogProof(0, (b"short",), "x\n")):
        with pytest.raises(ProofError):
            proof.encode()
