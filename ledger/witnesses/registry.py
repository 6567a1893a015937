"""Which witnesses a community recognises. Rows are only added: a witness that stops gets an end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select

from ledger.errors import Problem, Refused, refuse
from ledger.journal.privacy import private_data_in
from ledger.log.cosignature import WitnessKey
from ledger.log.note import NoteError, Verifier
from ledger.log.store import log_vkey
from ledger.people.roles import Actor, require
from ledger.store.tables import witness, witness_end
from ledger.trust.act import Act
from ledger.trust.lock import lock_trust

MOST = 16
"""Witnesses of one community that sign at the same time: what every reader of signed notes takes."""
LONGEST_NAME, LONGEST_TITLE, LONGEST_REASON = 100, 60, 200


@dataclass(frozen=True, slots=True)
class Registered:
    """A witness. ``title`` says who it is; ``ended_at`` is None while its signatures are taken."""

    key: WitnessKey
    title: str
    registered_by: str
    registered_at: datetime
    ended_at: datetime | None
    reason: str

    @property
    def active(self) -> bool:
        """Whether it still signs."""
        return self.ended_at is None


def read_witnesses(conn: Connection, trust_id: int) -> tuple[Registered, ...]:
    """All witnesses there ever were, in the order of their registration."""
    rows = conn.execute(
        select(witness, witness_end.c.ended_at, witness_end.c.reason)
        .outerjoin(
            witness_end,
            (witness_end.c.trust_id == witness.c.trust_id) & (witness_end.c.name == witness.c.name),
        )
        .where(witness.c.trust_id == trust_id)
        .order_by(witness.c.registered_at, witness.c.name)
    )
    return tuple(
        Registered(
            WitnessKey.from_vkey(row.vkey),
            row.title,
            row.registered_by,
            row.registered_at,
            row.ended_at,
            row.reason or "",
        )
        for row in rows
    )


def register_witness(
    conn: Connection, trust_id: int, vkey: str, title: str, actor: Actor, act: Act
) -> Registered:
    """Recognise a witness by its public key (C2SP vkey of type 04).

    Raises Refused: not a witness's key, the log's own key, a name or key that was registered before (also one
    that ended: its old signatures stay), more than ``MOST``; Forbidden for people who may not.
    """
    require(actor, "witness.register")
    title = title.strip()
    problems: list[Problem] = []
    if not title or len(title) > LONGEST_TITLE:
        problems.append(
            Problem("bad_title", f"请写明见证人是谁，如“业主委员会”，最多 {LONGEST_TITLE} 个字", "见证人")
        )
    problems += _private(title, "见证人")
    key = _read_key(vkey, problems)
    if key is None or problems:
        raise Refused(problems)
    lock_trust(conn, trust_id)
    _check_new(conn, trust_id, key)
    conn.execute(
        insert(witness).values(
            trust_id=trust_id,
            name=key.name,
            vkey=key.vkey,
            title=title,
            registered_by=actor.signature,
            registered_at=act.now,
        )
    )
    return Registered(key, title, actor.signature, act.now, None, "")


def end_witness(conn: Connection, trust_id: int, name: str, reason: str, actor: Actor, act: Act) -> None:
    """Take no more signatures of a witness. Raises Refused if there is none of this name, or it has ended."""
    require(actor, "witness.end")
    reason = reason.strip()
    if not reason or len(reason) > LONGEST_REASON:
        raise refuse("bad_reason", f"请写明停用的原因，最多 {LONGEST_REASON} 个字", "原因")
    if problems := _private(reason, "原因"):
        raise Refused(problems)
    lock_trust(conn, trust_id)
    known = {item.key.name: item for item in read_witnesses(conn, trust_id)}
    if name not in known:
        raise refuse("unknown_witness", f"没有登记过名为“{name[:LONGEST_NAME]}”的见证人")
    if not known[name].active:
        raise refuse("witness_ended", "这位见证人已经停用")
    conn.execute(
        insert(witness_end).values(
            trust_id=trust_id, name=name, reason=reason, ended_by=actor.signature, ended_at=act.now
        )
    )


def _private(text: str, where: str) -> list[Problem]:
    """Both texts stand on the public page."""
    return [
        Problem("private_data", f"“{text}”会被公开，但里面像有{kind}，请删去", where)
        for kind in private_data_in(text)
    ]


def _read_key(vkey: str, problems: list[Problem]) -> WitnessKey | None:
    try:
        key = WitnessKey.from_vkey(vkey)
    except NoteError as error:
        problems.append(Problem("bad_key", f"{error}请粘贴 mingzhang witness 打印的那一行", "公钥"))
        return None
    if len(key.name) > LONGEST_NAME or not key.name.isprintable():
        problems.append(Problem("bad_key", f"公钥的名字最多 {LONGEST_NAME} 个字，不能有控制字符", "公钥"))
    return key


def _check_new(conn: Connection, trust_id: int, key: WitnessKey) -> None:
    own = log_vkey(conn, trust_id)
    if own is not None and Verifier.from_vkey(own).public == key.public:
        raise refuse("own_key", "这是账本自己的签名钥匙，不能自己给自己见证", "公钥")
    known = read_witnesses(conn, trust_id)
    if any(item.key.name == key.name or item.key.public == key.public for item in known):
        raise refuse("known_witness", "这个名字或这把公钥已经登记过；换新钥匙请同时换一个名字", "公钥")
    if sum(item.active for item in known) >= MOST:
        raise refuse("too_many_witnesses", f"一个小区同时最多 {MOST} 位见证人，请先停用一位")
