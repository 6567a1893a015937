"""Code by others accepts every proof we make, and makes the same ones.

Exhaustive up to 130 leaves: every (index, size) and every (old, new).
"""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from sigstore._internal.merkle import verify_merkle_inclusion
from sigstore.errors import VerificationError

from ledger.log.checkpoint import Checkpoint, sign_checkpoint
from ledger.log.tree import consistency_proof, inclusion_proof, root_at
from tests.log.interop import run_node
from tests.log.test_note import signer
from tests.log.trees import MemoryLog, numbered

LARGEST = 130
LOG = MemoryLog(numbered(LARGEST))
ROOTS = [root_at(size, LOG.read_nodes) for size in range(LARGEST + 1)]
INCLUSION = {
    (index, size): inclusion_proof(index, size, LOG.read_nodes)
    for size in range(1, LARGEST + 1)
    for index in range(size)
}
CONSISTENCY = {
    (old, new): consistency_proof(old, new, LOG.read_nodes)
    for new in range(1, LARGEST + 1)
    for old in range(1, new)
}


def hexes(hashes: list[bytes]) -> list[str]:
    return [item.hex() for item in hashes]


def accepted_by_sigstore(leaf: bytes, index: int, size: int, proof: list[bytes], root: bytes) -> bool:
    inclusion = SimpleNamespace(log_index=index, tree_size=size, hashes=proof, root_hash=root)
    entry = SimpleNamespace(_inner=SimpleNamespace(inclusion_proof=inclusion, canonicalized_body=leaf))
    try:
        verify_merkle_inclusion(cast(Any, entry))
    except VerificationError:
        return False
    return True


def test_sigstore_python_accepts_every_inclusion_proof() -> None:
    assert len(INCLUSION) == LARGEST * (LARGEST + 1) // 2
    for (index, size), proof in INCLUSION.items():
        assert accepted_by_sigstore(LOG.leaves[index], index, size, proof, ROOTS[size]), (index, size)
    assert not accepted_by_sigstore(LOG.leaves[1], 0, 130, INCLUSION[0, 130], ROOTS[130])


def as_transmute_writes(old: int, proof: list[bytes]) -> list[str]:
    """That package repeats the old root in front where the old tree is one complete subtree."""
    return hexes([ROOTS[old], *proof] if old & (old - 1) == 0 else proof)


def test_transmute_accepts_every_proof_and_makes_the_same(tmp_path: Path) -> None:
    sizes = [*range(1, 34), 63, 64, 65, 100, 129, 130]
    made = {
        size: [
            ROOTS[size].hex(),
            [hexes(INCLUSION[index, size]) for index in range(size)],
            [as_transmute_writes(old, CONSISTENCY[old, size]) for old in range(1, size)],
        ]
        for size in sizes
    }
    payload = {
        "leaves": hexes(LOG.leaves),
        "roots": hexes(ROOTS),
        "inclusion": [[*key, hexes(proof)] for key, proof in INCLUSION.items()],
        "consistency": [[*key, hexes(proof)] for key, proof in CONSISTENCY.items()],
        "generate": sizes,
        "made": made,
    }
    assert run_node("check_transmute.cjs", payload, tmp_path) == []


def test_transmute_would_have_said_no(tmp_path: Path) -> None:
    payload = {
        "leaves": hexes(LOG.leaves),
        "roots": hexes(ROOTS),
        "inclusion": [[3, 8, hexes(INCLUSION[2, 8])]],
        "consistency": [[5, 9, hexes(CONSISTENCY[6, 9])]],
        "generate": [4],
        "made": {"4": []},
    }
    assert run_node("check_transmute.cjs", payload, tmp_path) == [
        ["inclusion", 3, 8],
        ["consistency", 5, 9],
        ["generated", 4],
    ]


def sigstore_case(index: int, size: int) -> dict[str, Any]:
    key = signer().verifier
    return {
        "publicKey": key.public.hex(),
        "keyId": key.key_id.hex(),
        "name": key.name,
        "leaf": LOG.leaves[index].hex(),
        "index": index,
        "proof": hexes(INCLUSION[index, size]),
        "checkpoint": sign_checkpoint(Checkpoint(key.name, size, ROOTS[size]), signer()),
    }


def test_sigstore_js_opens_our_checkpoints(tmp_path: Path) -> None:
    size = LARGEST
    cases = [sigstore_case(index, size) for index in range(size)]
    forged = sigstore_case(0, size) | {"checkpoint": cases[0]["checkpoint"].replace("\n130\n", "\n131\n")}
    other = sigstore_case(0, size) | {"leaf": b"other".hex()}
    answers = run_node("check_sigstore.cjs", [*cases, forged, other], tmp_path)
    assert answers[:-2] == [[signer().name, str(size), ROOTS[size].hex()]] * size
    assert answers[-2] == "invalid checkpoint signature"
    assert answers[-1] == "calculated root hash does not match inclusion proof"
