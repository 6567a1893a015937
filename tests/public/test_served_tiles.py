"""The log as it is served, checked by programs of others: tiles and bundles fetched, trees rebuilt, proofs verified."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger.log.note import Verifier
from ledger.log.tiles import all_tiles, decode_bundle, entry_bundles, hash_tiles, level_tiles
from tests.log.interop import run_node
from tests.log.test_interop import accepted_by_sigstore
from tests.public.community import SLUG
from tests.public.conftest import Site

LOG = f"/c/{SLUG}/log"


class Served:
    """Everything a mirror sees."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.note = site.client.get(f"{LOG}/checkpoint").text
        lines = self.note.split("\n")
        self.size, self.root = int(lines[1]), base64.b64decode(lines[2])
        self.files = {tile.path: self.get(tile.path).content for tile in all_tiles(self.size)}
        self.leaves = [
            leaf for tile in entry_bundles(self.size) for leaf in decode_bundle(self.files[tile.path])
        ]

    def get(self, path: str):  # type: ignore[no-untyped-def]
        answer = self.site.client.get(f"{LOG}/{path}")
        assert answer.status_code == 200, path
        return answer

    def proof(self, seq: int) -> list[bytes]:
        head = self.get(f"leaf/{seq}/proof").text.split("\n\n", 1)[0].split("\n")
        assert head[:2] == ["c2sp.org/tlog-proof@v1", f"index {seq}"]
        return [base64.b64decode(line) for line in head[2:]]

    def consistency(self, old: int) -> list[bytes]:
        return [base64.b64decode(x) for x in self.get(f"consistency/{old}/{self.size}").text.split("\n") if x]


@pytest.fixture
def served(site: Site) -> Iterator[Served]:
    yield Served(site)


def test_the_tiles_hold_the_hashes_of_the_served_leaves(served: Served) -> None:
    from hashlib import sha256

    level = [sha256(b"\0" + leaf).digest() for leaf in served.leaves]
    assert len(level) == served.size
    stored = b"".join(served.files[tile.path] for tile in level_tiles(0, served.size))
    assert stored == b"".join(level)
    assert len(list(hash_tiles(served.size))) >= 1


def test_sigstore_python_verifies_every_leaf_against_the_served_root(served: Served) -> None:
    for seq, leaf in enumerate(served.leaves):
        assert accepted_by_sigstore(leaf, seq, served.size, served.proof(seq), served.root), seq
    assert not accepted_by_sigstore(b"other", 0, served.size, served.proof(0), served.root)


@pytest.mark.db("sqlite")
def test_transmute_makes_the_same_tree_and_takes_the_proofs(served: Served, tmp_path: Path) -> None:
    hexes = [leaf.hex() for leaf in served.leaves]
    roots: list[str] = []
    from ledger.log.tree import Frontier, leaf_hash

    frontier = Frontier()
    roots.append(frontier.root().hex())
    for leaf in served.leaves:
        frontier.append(leaf_hash(leaf))
        roots.append(frontier.root().hex())
    roots[served.size] = served.root.hex()  # what the site signed, not what we computed
    payload = {
        "leaves": hexes,
        "roots": roots,
        "inclusion": [
            [seq, served.size, [item.hex() for item in served.proof(seq)]] for seq in range(served.size)
        ],
        "consistency": [
            [old, served.size, [item.hex() for item in served.consistency(old)]]
            for old in range(1, served.size)
        ],
        "generate": [],
        "made": {},
    }
    assert run_node("check_transmute.cjs", payload, tmp_path) == []


@pytest.mark.db("sqlite")
def test_sigstore_js_opens_the_served_checkpoint(served: Served, tmp_path: Path) -> None:
    key = Verifier.from_vkey(served.get("key").text)
    case = {
        "publicKey": key.public.hex(),
        "keyId": key.key_id.hex(),
        "name": key.name,
        "leaf": served.leaves[3].hex(),
        "index": 3,
        "proof": [item.hex() for item in served.proof(3)],
        "checkpoint": served.note,
    }
    assert run_node("check_sigstore.cjs", [case], tmp_path) == [
        [key.name, str(served.size), served.root.hex()]
    ]
