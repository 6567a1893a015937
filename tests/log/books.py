"""A small community's entries, as leaves, and copies of its log on disk."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import rfc8785

from ledger.log.bundle import write_bundle
from ledger.log.checkpoint import Checkpoint, sign_checkpoint
from tests.log.test_note import signer
from tests.log.trees import MemoryLog

Json = dict[str, Any]
SIGNER = signer("mingzhang.example/mingheyuan")
VKEY = SIGNER.verifier.vkey


def entry(seq: int, **changes: Any) -> Json:
    """Entry number seq + 1 of 2025: one household's fee received."""
    amount = 10_000 + seq
    made: Json = {
        "kind": "mingzhang.entry.v1",
        "trust": "mingheyuan",
        "seq": seq,
        "ref": f"A-2025-{seq + 1:06d}",
        "book": "A",
        "year": 2025,
        "number": seq + 1,
        "date": "2025-09-01",
        "posted_at": "2025-09-01T09:00:00Z",
        "event": "E02",
        "summary": "收到物业费（2025 年 9 月）",
        "sealed": {"preparer": f"{seq:063x}a", "reviewer": f"{seq:063x}b"},
        "lines": [
            {
                "no": 1,
                "account": "100201",
                "name": "物业服务资金户",
                "fund": "F1",
                "side": "D",
                "amount": amount,
                "dims": {"bank_account": "F1-CCB"},
                "sealed": {"unit": f"{seq:064x}"},
            },
            {
                "no": 2,
                "account": "1131",
                "name": "应收物业费",
                "fund": "F1",
                "side": "C",
                "amount": amount,
                "detail": {"count": 3, "root": "ab" * 32},
            },
        ],
        "documents": [{"kind": "receipt", "title": "收据", "original": "cd" * 32}],
    }
    return made | changes


def entries(count: int) -> list[Json]:
    return [entry(seq) for seq in range(count)]


def reversal(seq: int, target: Json) -> Json:
    """The red-letter entry that takes ``target`` back, through another bank account and with fresh salts."""
    lines = [dict(line) for line in target["lines"]]
    for line in lines:
        line["amount"] = -line["amount"]
    lines[0]["dims"] = {"bank_account": "F1-ICBC"}
    lines[0]["sealed"] = {"unit": "ee" * 32}
    return entry(seq, lines=lines, reverses=target["ref"], summary="红字冲销")


def leaves_of(items: Sequence[Json]) -> list[bytes]:
    return [rfc8785.dumps(item) for item in items]


def signed_head(log: MemoryLog) -> str:
    return sign_checkpoint(Checkpoint(SIGNER.name, len(log.leaves), log.frontier.root()), SIGNER)


def write_copy(directory: Path, leaves: Sequence[bytes]) -> str:
    """Write the copy of a log of these leaves, rightly signed; return its checkpoint."""
    log = MemoryLog(leaves)
    head = signed_head(log)
    write_bundle(directory, len(leaves), head, VKEY, log.read_leaves, log.read_nodes)
    return head
