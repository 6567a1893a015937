"""The receipt of a ballot or of an answered questionnaire as people keep it, and the check that the public log holds
its seal.

The check needs nobody's word: the seal is computed from what the receipt says, the leaf is read from the
log, the proof leads to the signed checkpoint. It doesn't say whether a later ballot replaced this one: who
was shown a receipt against the voter's will must not learn that.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import sha256

import msgspec
from litestar import get, post
from litestar.params import FromPath
from sqlalchemy import Connection

from disclosure.identity.answers import stranger_page
from disclosure.office.forms import FormData
from disclosure.public.answers import Answer, Req
from disclosure.public.services import reading_site
from disclosure.public.words import moment_text
from ledger.errors import Problem, Refused, Unanswerable
from ledger.log.store import prove_entry, read_leaf
from ledger.resolutions.ballots import Receipt
from ledger.resolutions.read import read_resolution
from ledger.resolutions.records import BALLOT_FIELD

LONGEST = 4_000
_HEX = re.compile(r"[0-9a-f]{16,128}")


@dataclass(frozen=True, slots=True)
class Kind:
    """What a receipt is for. ``number`` and ``no``: what its lines call the vote and the ballot; ``record`` and
    ``field``: how the log seals it; ``names``: what the log calls both."""

    title: str
    thing: str
    counted: str
    number: str
    no: str
    record: str
    field: str
    names: tuple[str, str]
    what: str
    after: str

    @property
    def lines(self) -> dict[str, str]:
        """The labels of a receipt's lines."""
        return {
            "community": "小区",
            "number": self.number,
            "ballot": self.no,
            "seq": "日志位置",
            "salt": "随机数",
            "text": "内容",
        }


BALLOT = Kind(
    title="明账选票回执",
    thing="选票",
    counted="张选票",
    number="表决",
    no="选票号",
    record="mingzhang.ballot.v1",
    field=BALLOT_FIELD,
    names=("resolution", "ballot"),
    what="号表决",
    after="这里不显示您后来有没有改投，免得拿到回执的人知道。计票以每位业主最后一张票为准。",
)


class _Leaf(msgspec.Struct, frozen=True):
    kind: str
    trust: str
    seq: int
    value: dict[str, object]


@dataclass(frozen=True, slots=True)
class Kept:
    """A receipt as pasted."""

    community: str
    number: str
    ballot: int
    seq: int
    salt: str
    text: str
    field: str = BALLOT_FIELD

    @property
    def seal(self) -> str:
        """The commitment that the log should hold, in hex."""
        return sha256(msgspec.json.encode([self.salt, self.field, self.text])).hexdigest()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check found. ``kind``: good, bad or unsure."""

    kind: str
    title: str
    texts: tuple[str, ...]


def receipt_text(slug: str, receipt: Receipt) -> str:
    """The receipt of a ballot to save or to copy down. Private: it says what was chosen."""
    return kept_text(
        Kept(slug, receipt.number, receipt.ballot_no, receipt.seq, receipt.salt, receipt.text),
        moment_text(receipt.cast_at),
        BALLOT,
    )


def kept_text(kept: Kept, at: str, kind: Kind) -> str:
    """A receipt as people keep it."""
    lines = [f"{label}：{getattr(kept, name)}" for name, label in kind.lines.items()]
    return "\n".join([kind.title, *lines, f"时间：{at}", ""])


def parse_receipt(text: str, kind: Kind = BALLOT) -> Kept:
    """A receipt from what was pasted. Raises :class:`~ledger.errors.Refused` with what is missing."""
    found: dict[str, str] = {}
    for line in text[:LONGEST].splitlines():
        label, _, value = re.sub("[:：]", "\n", line, count=1).partition("\n")
        for name, title in kind.lines.items():
            if label.strip() == title:
                found[name] = value.strip()
    missing = [label for name, label in kind.lines.items() if not found.get(name)]
    if missing:
        raise Refused([Problem("receipt_part", f"回执里缺少“{'”“'.join(missing)}”，请整段粘贴", "回执")])
    numbers = [name for name in ("ballot", "seq") if not re.fullmatch(r"[0-9]{1,12}", found[name])]
    if numbers or not _HEX.fullmatch(found["salt"]):
        raise Refused([Problem("receipt_part", "回执里的号码或随机数抄错了，请核对", "回执")])
    return Kept(
        found["community"], found["number"], int(found["ballot"]), int(found["seq"]), found["salt"],
        found["text"], kind.field,
    )  # fmt: skip


def check_receipt(
    conn: Connection, trust_id: int, slug: str, number: str, kept: Kept, kind: Kind = BALLOT
) -> Verdict:
    """Compare a receipt with the log. ``number`` as the log writes it."""
    if (kept.community, kept.number) != (slug, number):
        other = f"这是“{kept.community}”第 {kept.number} {kind.what}的回执，请到那次{kind.number}的页面核对"
        return Verdict("unsure", "无法核对", (other,))
    try:
        leaf = msgspec.json.decode(read_leaf(conn, trust_id, kept.seq), type=_Leaf)
    except (Unanswerable, msgspec.ValidationError):
        return Verdict(
            "bad", "不一致", (f"公开日志的这个位置没有{kind.thing}。请带着回执找业委会或监督人。",)
        )
    said = {kind.names[0]: number, kind.names[1]: str(kept.ballot), "commitment": kept.seal}
    written = {name: str(value) for name, value in leaf.value.items()}
    if leaf.kind != kind.record or written != said:
        return Verdict(
            "bad",
            "不一致",
            (
                f"按回执算出的指纹，与公开日志里这{kind.counted}的指纹不同。",
                "请先核对回执有没有抄错；没有抄错的，请带着回执找业委会或监督人。",
            ),
        )
    try:
        proof = prove_entry(conn, trust_id, kept.seq)
    except Unanswerable:
        return Verdict("unsure", "请稍后再核对", (f"{kind.thing}已经写进公开日志，签名凭据一会儿就好。",))
    size = proof.checkpoint.split("\n")[1]
    return Verdict(
        "good",
        "一致",
        (
            f"这{kind.counted}在公开日志的第 {kept.seq + 1:,} 条，内容与回执一字不差。",
            f"它在签过名的前 {int(size):,} 条之中，以后谁改了、删了都会被发现。",
            kind.after,
        ),
    )


@get("/c/{slug:str}/resolutions/{number:str}/receipt", sync_to_thread=True)
def receipt_page(request: Req, slug: FromPath[str], number: FromPath[str]) -> Answer:
    """Where to paste a receipt."""
    return _page(request, slug, number)


@post("/c/{slug:str}/resolutions/{number:str}/receipt", sync_to_thread=True, stranger=True)
def check(request: Req, slug: FromPath[str], number: FromPath[str], data: FormData) -> Answer:
    """Check what was pasted. Nothing of it is kept."""
    text = str(data.get("receipt", ""))[:LONGEST]
    try:
        kept = parse_receipt(text)
    except Refused as error:
        return _page(request, slug, number, 422, text=text, problems=error.problems)
    with reading_site(request, slug) as (_, conn, site):
        verdict = check_receipt(conn, site.trust_id, slug, number, kept)
    return _page(request, slug, number, text=text, verdict=verdict)


def _page(request: Req, slug: str, number: str, status: int = 200, **values: object) -> Answer:
    with reading_site(request, slug) as (_, conn, site):
        file = read_resolution(conn, site.trust_id, number)
        if file.roll is None:
            raise Unanswerable("no_roll", f"“{number}”还没有开始表决，没有选票可以核对")
    shown = {"text": "", "problems": (), "verdict": None}
    return stranger_page(
        request, "receipt.html", status, **{"site": site, "number": number, "title": file.state.draft.title, **shown, **values}
    )  # fmt: skip


HANDLERS = [receipt_page, check]
