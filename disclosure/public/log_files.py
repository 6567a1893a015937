"""Controllers of the public log: checkpoint, key, consistency, and the tiles of C2SP tlog-tiles."""

from __future__ import annotations

from base64 import b64encode

from litestar import route
from litestar.params import FromPath

from disclosure.public.answers import BINARY, IMMUTABLE, JSON, TEXT, Answer, Req, answer, download_name
from disclosure.public.pages import READ
from disclosure.public.services import reading_site
from ledger.errors import Unanswerable
from ledger.log.store import LogNodes, latest_checkpoint, log_vkey, prove_entry, read_leaf, read_tile
from ledger.log.tiles import TILE_WIDTH, TileError, parse_tile_path
from ledger.log.tree import consistency_proof

_LONGEST_PLACE = 16


@route("/c/{slug:str}/log/checkpoint", http_method=READ, sync_to_thread=True)
def checkpoint(request: Req, slug: FromPath[str]) -> Answer:
    """The newest signed head of the log."""
    with reading_site(request, slug) as (_, conn, site):
        signed = latest_checkpoint(conn, site.trust_id)
        if signed is None:
            raise Unanswerable("no_checkpoint", "这本账还没有签名凭据，请稍后再来")
        return answer(request, signed.note.encode, media_type=TEXT, version=signed.note)


@route("/c/{slug:str}/log/key", http_method=READ, sync_to_thread=True)
def key(request: Req, slug: FromPath[str]) -> Answer:
    """The public key of the log (C2SP vkey)."""
    with reading_site(request, slug) as (_, conn, site):
        known = log_vkey(conn, site.trust_id)
        if known is None:
            raise Unanswerable("no_key", "这本账还没有签过名，请稍后再来")
        vkey = known + "\n"
        return answer(request, vkey.encode, media_type=TEXT, version=vkey)


@route("/c/{slug:str}/log/consistency/{old:str}/{new:str}", http_method=READ, sync_to_thread=True)
def consistency(request: Req, slug: FromPath[str], old: FromPath[str], new: FromPath[str]) -> Answer:
    """RFC 6962 proof that the log of ``old`` entries is the beginning of that of ``new``; base64 lines."""
    with reading_site(request, slug) as (_, conn, site):
        sizes = [
            int(text) if text.isascii() and text.isdecimal() and len(text) < 16 else -1 for text in (old, new)
        ]
        low, high = sizes
        if not 0 < low <= high <= site.signed_size:
            raise Unanswerable("unknown_size", "公开日志没有这两个长度之间的证明")
        hashes = consistency_proof(low, high, LogNodes(conn, site.trust_id)) if low < high else []
        body = "".join(b64encode(item).decode() + "\n" for item in hashes).encode()
        return answer(request, lambda: body, media_type=TEXT, version=body)


@route("/c/{slug:str}/log/tile/{path:path}", http_method=READ, sync_to_thread=True)
def tile(request: Req, slug: FromPath[str], path: FromPath[str]) -> Answer:
    """A hash tile or entry bundle within the signed log. None of them ever changes."""
    with reading_site(request, slug) as (_, conn, site):
        try:
            wanted = parse_tile_path(f"tile/{path.lstrip('/')}")
        except TileError as error:
            raise Unanswerable("bad_tile", str(error)) from error
        body = read_tile(conn, site.trust_id, wanted, site.signed_size)
        cache = IMMUTABLE if wanted.width == TILE_WIDTH else "public, max-age=3600"
        return answer(request, lambda: body, media_type=BINARY, version=body, cache=cache)


@route("/c/{slug:str}/log/leaf/{place:str}", http_method=READ, sync_to_thread=True)
def leaf(request: Req, slug: FromPath[str], place: FromPath[str]) -> Answer:
    """Exactly the bytes of one leaf, by its place from 0: an entry or a record."""
    with reading_site(request, slug) as (_, conn, site):
        body = read_leaf(conn, site.trust_id, _place(place))
        return answer(request, lambda: body, media_type=JSON, version=body, cache=IMMUTABLE)


@route("/c/{slug:str}/log/leaf/{place:str}/proof", http_method=READ, sync_to_thread=True)
def leaf_proof(request: Req, slug: FromPath[str], place: FromPath[str]) -> Answer:
    """The proof that a leaf is in the newest signed log (C2SP tlog-proof)."""
    with reading_site(request, slug) as (_, conn, site):
        seq = _place(place)
        if seq >= site.size:
            raise Unanswerable("unknown_entry", f"公开日志里没有第 {seq + 1} 条记录")
        made = prove_entry(conn, site.trust_id, seq)
        return answer(
            request,
            lambda: made.encode().encode(),
            media_type=TEXT,
            version=made.checkpoint,
            headers=download_name(f"{slug}-{seq}.tlog-proof"),
        )


def _place(text: str) -> int:
    """A place typed in an address. Raises :class:`~ledger.errors.Unanswerable`."""
    if not (text.isascii() and text.isdecimal() and len(text) < _LONGEST_PLACE):
        raise Unanswerable("unknown_entry", "日志的位置是从 0 起的整数，请核对网址")
    return int(text)


HANDLERS = [checkpoint, key, consistency, tile, leaf, leaf_proof]
