"""The Merkle tree: published vectors, agreement with the definitions, and refusal of everything else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.log.tree import (
    EMPTY_ROOT,
    Frontier,
    NodeId,
    ProofError,
    consistency_plan,
    consistency_proof,
    inclusion_plan,
    inclusion_proof,
    leaf_hash,
    root_at,
    root_plan,
    verify_consistency,
    verify_inclusion,
)
from tests.log.trees import MemoryLog, naive_consistency, naive_path, naive_root, numbered

# Known answers published with the certificate-transparency project (eight leaves).
LEAVES = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
PATHS = {  # (index, size)
    (0, 1): [],
    (0, 8): [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
    (5, 8): [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
    (2, 3): ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"],
    (1, 5): [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ],
}
CONSISTENCY = {  # (old, new)
    (1, 1): [],
    (1, 8): PATHS[0, 8],
    (6, 8): [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
    (2, 5): [
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ],
}


def hexes(hashes: list[bytes]) -> list[str]:
    return [item.hex() for item in hashes]


def test_published_roots() -> None:
    log = MemoryLog()
    assert log.frontier.root().hex() == ROOTS[0] == EMPTY_ROOT.hex()
    for size, leaf in enumerate(LEAVES, 1):
        log.append(leaf)
        assert log.frontier.root().hex() == ROOTS[size]
    assert [root_at(size, log.read_nodes).hex() for size in range(9)] == ROOTS


@pytest.mark.parametrize(("index", "size"), PATHS)
def test_published_inclusion_proofs(index: int, size: int) -> None:
    proof = inclusion_proof(index, size, MemoryLog(LEAVES).read_nodes)
    assert hexes(proof) == PATHS[index, size]
    verify_inclusion(leaf_hash(LEAVES[index]), index, size, proof, bytes.fromhex(ROOTS[size]))


@pytest.mark.parametrize(("old", "new"), CONSISTENCY)
def test_published_consistency_proofs(old: int, new: int) -> None:
    proof = consistency_proof(old, new, MemoryLog(LEAVES).read_nodes)
    assert hexes(proof) == CONSISTENCY[old, new]
    verify_consistency(old, bytes.fromhex(ROOTS[old]), new, bytes.fromhex(ROOTS[new]), proof)


def test_storage_layout() -> None:
    """Row i holds the complete subtrees that end at leaf i: 1 + (trailing zeroes of i + 1) hashes."""
    rows = MemoryLog(numbered(1024)).rows
    assert [len(row) // 32 for row in rows[:8]] == [1, 2, 1, 3, 1, 2, 1, 4]
    assert sum(map(len, rows)) <= 64 * 1024
    assert (NodeId(2, 1).row, NodeId(2, 1).offset) == (7, 64)
    leaves = numbered(1024)
    for level in range(11):
        for index in range(1024 >> level):
            node = NodeId(level, index)
            stored = rows[node.row][node.offset : node.offset + 32]
            assert stored == naive_root(leaves[index << level : (index + 1) << level])


@given(st.lists(st.binary(max_size=40), min_size=1, max_size=300), st.data())
def test_agrees_with_the_definitions(items: list[bytes], data: st.DataObject) -> None:
    leaves = tuple(items)
    log = MemoryLog(leaves)
    size = data.draw(st.integers(1, len(leaves)))
    index = data.draw(st.integers(0, size - 1))
    old = data.draw(st.integers(1, size))
    root = naive_root(leaves[:size])
    assert root_at(size, log.read_nodes) == root

    path = inclusion_proof(index, size, log.read_nodes)
    assert path == naive_path(index, leaves[:size])
    verify_inclusion(leaf_hash(leaves[index]), index, size, path, root)

    proof = consistency_proof(old, size, log.read_nodes)
    assert proof == naive_consistency(old, leaves[:size])
    verify_consistency(old, naive_root(leaves[:old]), size, root, proof)
    assert log.reads == 3  # one query each


@given(st.integers(0, 300), st.integers(0, 300))
def test_frontier_survives_storage(size: int, more: int) -> None:
    log = MemoryLog(numbered(size))
    again = Frontier.from_bytes(size, log.frontier.to_bytes())
    other = log.frontier.copy()
    for leaf in numbered(size + more)[size:]:
        assert again.append(leaf_hash(leaf)) == other.append(leaf_hash(leaf))
    assert log.frontier.size == size
    assert again.root() == other.root() == naive_root(numbered(size + more))


def test_verification_refuses_every_single_change() -> None:
    log = MemoryLog(numbered(21))
    other = leaf_hash(b"other")
    for size in range(1, 22):
        root = root_at(size, log.read_nodes)
        for index in range(size):
            proof = inclusion_proof(index, size, log.read_nodes)
            leaf = leaf_hash(log.leaves[index])
            wrong = [(other, index, size, proof, root), (leaf, index, size, proof, other)]
            wrong += [(leaf, at, size, proof, root) for at in range(-1, size + 1) if at != index]
            wrong += [(leaf, index, size, changed, root) for changed in damaged(proof, other)]
            for case in wrong:
                with pytest.raises(ProofError):
                    verify_inclusion(*case)


def test_consistency_refuses_every_single_change() -> None:
    log = MemoryLog(numbered(21))
    roots = [root_at(size, log.read_nodes) for size in range(22)]
    other = leaf_hash(b"other")
    for new in range(1, 22):
        for old in range(1, new + 1):
            proof = consistency_proof(old, new, log.read_nodes)
            wrong = [(old, other, new, roots[new], proof), (old, roots[old], new, other, proof)]
            wrong += [(at, roots[old], new, roots[new], proof) for at in range(-1, new + 2) if at != old]
            wrong += [(old, roots[old], new, roots[new], changed) for changed in damaged(proof, other)]
            if old < new:
                wrong.append((new, roots[new], old, roots[old], proof))
            for case in wrong:
                with pytest.raises(ProofError):
                    verify_consistency(*case)


def damaged(proof: list[bytes], other: bytes) -> list[list[bytes]]:
    """Each item replaced, dropped, shortened; one too many at either end."""
    changed = [[*proof, other], [other, *proof]]
    for at in range(len(proof)):
        changed += [
            [*proof[:at], other, *proof[at + 1 :]],
            [*proof[:at], *proof[at + 1 :]],
            [*proof[:at], proof[at][:31], *proof[at + 1 :]],
        ]
    return changed


def test_empty_tree() -> None:
    assert root_plan(0).nodes == ()
    assert consistency_proof(0, 5, MemoryLog(numbered(5)).read_nodes) == []
    root = naive_root(numbered(5))
    verify_consistency(0, EMPTY_ROOT, 5, root, [])
    verify_consistency(0, EMPTY_ROOT, 0, EMPTY_ROOT, [])
    for case in ((0, root, 5, root, []), (0, EMPTY_ROOT, 5, root, [root]), (0, EMPTY_ROOT, 0, root, [])):
        with pytest.raises(ProofError):
            verify_consistency(*case)


@pytest.mark.parametrize(("index", "size"), [(0, 0), (-1, 3), (3, 3)])
def test_no_such_leaf(index: int, size: int) -> None:
    with pytest.raises(ProofError, match="没有第"):
        inclusion_plan(index, size)
    with pytest.raises(ProofError, match="没有第"):
        verify_inclusion(EMPTY_ROOT, index, size, [], EMPTY_ROOT)


def test_impossible_requests() -> None:
    for old, new in ((-1, 3), (4, 3)):
        with pytest.raises(ProofError):
            consistency_plan(old, new)
    with pytest.raises(ProofError):
        root_plan(-1)
    with pytest.raises(ProofError):
        Frontier.from_bytes(3, b"\0" * 32)
    with pytest.raises(ProofError):
        Frontier().append(b"short")
    with pytest.raises(ProofError, match="不完整"):
        inclusion_proof(0, 4, lambda nodes: [b"\0" * 32] * (len(nodes) - 1))
    with pytest.raises(ProofError, match="不完整"):
        root_at(4, lambda nodes: [b""] * len(nodes))
