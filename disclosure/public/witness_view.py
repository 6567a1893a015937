"""What others have signed, put into words and into JSON, in one place for page and program."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from disclosure.public.trusts import Site
from disclosure.public.words import moment_text
from ledger.log.store import log_vkey
from ledger.witnesses import Cosigned, TimeStamp, cosigned_notes, latest_stamp, signed_by

TELL = ("业主委员会", "街道办事处（或乡镇政府）", "邻居")
"""Whom to tell when a check says 不一致, nearest first."""


@dataclass(frozen=True, slots=True)
class WitnessRow:
    """A witness as residents read it."""

    title: str
    name: str
    vkey: str
    since: str
    ended: str
    reason: str
    size: int
    behind: int
    signed_at: str


def witness_rows(cosigned: tuple[Cosigned, ...], site: Site) -> list[WitnessRow]:
    """Witnesses in the order they were registered."""
    return [
        WitnessRow(
            title=item.witness.title,
            name=item.witness.key.name,
            vkey=item.witness.key.vkey,
            since=moment_text(item.witness.registered_at),
            ended=moment_text(item.witness.ended_at) if item.witness.ended_at else "",
            reason=item.witness.reason,
            size=item.size,
            behind=max(site.signed_size - item.size, 0),
            signed_at=moment_text(item.signed_at) if item.signed_at else "",
        )
        for item in cosigned
    ]


def log_state(conn: Connection, site: Site) -> dict[str, Any]:
    """For programs: whose log, its key, how far it is signed and by whom, whom to tell."""
    stamp = latest_stamp(conn, site.trust_id)
    notes = cosigned_notes(conn, site.trust_id)
    return {
        "origin": site.origin,
        "name": site.name,
        "vkey": log_vkey(conn, site.trust_id) or "",
        "size": site.signed_size,
        "witnesses": [
            {
                "name": item.witness.key.name,
                "title": item.witness.title,
                "vkey": item.witness.key.vkey,
                "registered_at": item.witness.registered_at.isoformat(),
                "active": item.witness.active,
                "size": item.size,
                "signed_at": item.signed_at.isoformat() if item.signed_at else None,
                "note": notes.get(item.witness.key.name),
            }
            for item in signed_by(conn, site.trust_id)
        ],
        "time_stamp": _stamp(stamp),
        "tell": list(TELL),
    }


def _stamp(stamp: TimeStamp | None) -> dict[str, Any] | None:
    if stamp is None:
        return None
    return {"size": stamp.size, "stamped_at": stamp.stamped_at.isoformat(), "authority": stamp.authority}
