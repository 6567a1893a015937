"""Two witnesses of the demo's log: they signed once, with keys that nobody keeps."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Engine

from disclosure.demo.bookkeeper import Bookkeeper
from ledger.log.cosignature import Witness
from ledger.log.store import latest_checkpoint
from ledger.people import Actor, Role
from ledger.store.engine import writing
from ledger.witnesses import receive_cosignatures, register_witness

WITNESSES = (
    ("committee.mingheyuan.example", "明和苑业主委员会"),
    ("jinxi-street.example", "锦溪街道办事处"),
)


def cosign(engine: Engine, keeper: Bookkeeper, people: Mapping[Role, Actor], today: date) -> None:
    """Register both, and let them sign the newest checkpoint."""
    act = keeper.act(today)
    with writing(engine) as conn:
        signed = latest_checkpoint(conn, keeper.trust_id)
        if signed is None:
            raise LookupError("the demo's log was never signed")
        body, gap, lines = signed.note.partition("\n\n")
        for name, title in WITNESSES:
            witness = Witness(name, Ed25519PrivateKey.from_private_bytes(act.entropy(32)))
            register_witness(conn, keeper.trust_id, witness.key.vkey, title, people[Role.CHAIR], act)
            lines += witness.cosign(body + "\n", int(act.now.timestamp())) + "\n"
        receive_cosignatures(conn, keeper.trust_id, body + gap + lines, act)
