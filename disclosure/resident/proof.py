"""The opening of one's own part of an entry: what is needed to check, on this phone or anywhere else, that it is
in the published total."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Response, get
from litestar.params import FromPath

from disclosure.office.acting import PRIVATE
from disclosure.public.answers import JSON, Answer, Req, download_name
from disclosure.public.words import fund_name
from disclosure.resident.acting import Resident, reading_resident
from ledger.homes import Opening, homes_of, open_entry
from ledger.homes.account import OWN_ACCOUNTS

KIND = "mingzhang.opening.v1"


@get("/c/{slug:str}/mine/proof/{ref:str}", sync_to_thread=True, action="resident.money")
def proof(request: Req, slug: FromPath[str], ref: FromPath[str]) -> Answer:
    """The page, which checks by itself where the browser can."""
    with reading_resident(request, slug) as mine:
        opening = _opening(mine, ref)
        return mine.page(
            "resident/proof.html",
            opening=opening,
            title_of=lambda account: OWN_ACCOUNTS.get(account, "维修资金"),
            fund_name=fund_name,
            signed=opening.seq < mine.site.signed_size,
        )


@get("/c/{slug:str}/mine/proof/{ref:str}/file", sync_to_thread=True, action="resident.money")
def as_file(request: Req, slug: FromPath[str], ref: FromPath[str]) -> Answer:
    """The same as JSON, for other programs. Whoever holds it can show it to whom they like."""
    with reading_resident(request, slug) as mine:
        opening = _opening(mine, ref)
        body = opening_json(opening, slug, mine.site.origin)
    name = download_name(f"my-part-{opening.ref}.json")
    return Response(body, media_type=JSON, headers={**PRIVATE, **name})


def opening_json(opening: Opening, slug: str, origin: str) -> bytes:
    """All fields, and in a sentence each how to compute with them."""
    value: dict[str, Any] = {
        "kind": KIND,
        "trust": slug,
        "origin": origin,
        "ref": opening.ref,
        "seq": opening.seq,
        "how": [
            "parts：SHA-256(0x00 ‖ JSON[salt, path, unit, amount, basis]) 是第 detail_no 个叶子；"
            "按 RFC 6962 用 proof 算到根，应等于公开凭证第 line_no 行的 detail.root。",
            "units：SHA-256(JSON[salt, path, unit]) 应等于公开凭证第 line_no 行的 sealed.unit。",
            "JSON 用 UTF-8，不加空格；amount 单位为分。",
        ],
        "parts": opening.parts,
        "units": opening.units,
    }
    return msgspec.json.format(msgspec.json.encode(value), indent=1) + b"\n"


def _opening(mine: Resident, ref: str) -> Opening:
    homes = homes_of(mine.conn, mine.trust_id, mine.actor, mine.act.today)
    return open_entry(mine.conn, mine.trust_id, ref, homes)


HANDLERS = [proof, as_file]
