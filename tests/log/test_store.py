"""The log as a database keeps it: every tile is served, and the signer signs only what extends the past."""

from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Engine, func, select

from ledger.errors import Unanswerable
from ledger.log.note import Signer
from ledger.log.store import (
    LogNodes,
    latest_checkpoint,
    log_vkey,
    origin_of,
    prove_entry,
    read_leaf,
    read_tile,
    sign_log,
)
from ledger.log.tiles import ENTRIES, TILE_WIDTH, Tile, all_tiles, decode_bundle
from ledger.log.tree import Frontier, NodeId, ProofError, leaf_hash
from ledger.store.engine import reading
from ledger.store.tables import checkpoint
from tests.ledger.books import Books, interest, open_books

NOW = datetime(2025, 6, 30, 8, tzinfo=UTC)
SIZE = 600


def signer_of(books: Books, seed: int = 1) -> Signer:
    with reading(books.engine) as conn:
        origin = origin_of(conn, books.trust_id)
    return Signer(origin, Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32))


def test_every_tile_of_the_signed_log_is_served_and_fits_the_leaves(engine: Engine) -> None:
    books = open_books(engine)
    books.post_many([interest(n + 1) for n in range(SIZE)])
    with reading(engine) as conn:
        hashes: dict[tuple[int, int], bytes] = {}
        leaves: list[bytes] = []
        for tile in all_tiles(SIZE):
            body = read_tile(conn, books.trust_id, tile, SIZE)
            if tile.level == ENTRIES:
                leaves += decode_bundle(body)
            else:
                for place in range(tile.width):
                    at = tile.index * TILE_WIDTH + place
                    hashes[tile.level, at] = body[32 * place : 32 * place + 32]
        nodes = LogNodes(conn, books.trust_id)
        assert [read_leaf(conn, books.trust_id, n) for n in (0, 599)] == [leaves[0], leaves[599]]
        assert {level for level, _ in hashes} == {0, 1}
        assert [hashes[1, n] for n in range(SIZE // TILE_WIDTH)] == nodes([NodeId(8, 0), NodeId(8, 1)])
    tree = Frontier()
    for n, leaf in enumerate(leaves):
        assert hashes[0, n] == leaf_hash(leaf)
        tree.append(leaf_hash(leaf))
    assert tree.size == SIZE


@pytest.mark.parametrize("tile", [Tile(0, 2, 89), Tile(1, 0, 3), Tile(2, 0, 1), Tile(ENTRIES, 3, 1)])
def test_a_tile_beyond_the_signed_log_is_not_there(engine: Engine, tile: Tile) -> None:
    books = open_books(engine)
    books.post_many([interest(n + 1) for n in range(SIZE)])
    with reading(engine) as conn, pytest.raises(Unanswerable):
        read_tile(conn, books.trust_id, tile, SIZE)


def test_the_signer_keeps_to_one_key(engine: Engine) -> None:
    books = open_books(engine)
    books.post(interest(1))
    first = signer_of(books)
    sign_log(engine, books.trust_id, first, NOW)
    books.post(interest(2))
    with pytest.raises(ProofError, match="不是同一把"):
        sign_log(engine, books.trust_id, signer_of(books, seed=2), NOW)
    with reading(engine) as conn:
        assert log_vkey(conn, books.trust_id) == first.verifier.vkey
        assert conn.execute(select(func.count()).select_from(checkpoint)).scalar_one() == 1


def test_signing_what_is_signed_changes_nothing(engine: Engine) -> None:
    books = open_books(engine)
    books.post(interest(1))
    first = sign_log(engine, books.trust_id, signer_of(books), NOW)
    again = sign_log(engine, books.trust_id, signer_of(books), NOW)
    assert first is not None
    assert again is not None
    assert (again.note, again.size) == (first.note, 1)


def test_a_proof_needs_a_checkpoint_that_covers_the_entry(engine: Engine) -> None:
    books = open_books(engine)
    books.post(interest(1))
    with reading(engine) as conn:
        assert latest_checkpoint(conn, books.trust_id) is None
        with pytest.raises(Unanswerable, match="稍后再试"):
            prove_entry(conn, books.trust_id, 0)
