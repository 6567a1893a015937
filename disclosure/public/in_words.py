"""An entry in one plain sentence; which sentence for which business event is ``data/in_words.toml``.

Everything in a sentence comes from the leaf, but for the names of vendors.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from disclosure.public.leaves import PublicEntry
from disclosure.public.words import fund_name
from ledger.money import format_yuan
from ledger.totals import is_cash

Names = Mapping[tuple[str, str], str]
_MOST = 3
_VERBS = re.compile(
    "^(支付|付给|付|预付|收到|缴纳|计提|使用维修资金|偿还|预收|代付|代收|按业主大会决议)?[：:，, ]*"
)
_MANY_HOUSEHOLDS = "业主"


@dataclass(frozen=True, slots=True)
class Sentence:
    """How an event is said."""

    say: str
    who: str = "对方"
    side: str = "DC"


@cache
def sentences() -> Mapping[str, Sentence]:
    """The sentence of every event."""
    text = files("disclosure.public").joinpath("data", "in_words.toml").read_text(encoding="utf-8")
    return {event: Sentence(**row) for event, row in tomllib.loads(text).items()}


def in_words(item: PublicEntry, fen: int, names: Names) -> str:
    """The sentence. ``fen``: the amount the page of the entry leads with."""
    sentence = sentences().get(item.event)
    if sentence is None:
        return item.summary
    cash = [line for line in item.lines if is_cash(item.book, line.account)]
    party = _who(item, names)
    red = fen < 0 and not item.reverses
    said = sentence.say.format(
        who=party or sentence.who,
        topic=_topic(item.summary, party, sentence.say),
        things=_joined(
            _plain(line.name)
            for line in item.lines
            if line.side in sentence.side and not is_cash(item.book, line.account)
        )
        or "款项",
        households=_households(item),
        funds=_joined(fund_name(line.fund) for line in item.lines),
        to=_joined(fund_name(line.fund) for line in cash if line.side == "D") or "别的资金",
        amount=f"¥{format_yuan(abs(fen))}",
        target=item.reverses or item.amends or "另一笔",
    )
    return f"{said}（红字：从以前记的数里减去）" if red else said


def _plain(account: str) -> str:
    """An account's name as people speak: ``物业费`` for 应收物业费 and 物业费收入-住宅."""
    name, _, part = account.removeprefix("应收").removeprefix("预收").partition("-")
    return f"{name}（{part}）" if part and not name.endswith("收入") else name.removesuffix("收入") or account


def _who(item: PublicEntry, names: Names) -> str:
    """The other side as published: its name, or the vendors'; '' if that is sealed."""
    if item.counterparty:
        return item.counterparty
    codes = {line.dims["vendor"]: None for line in item.lines if line.dims.get("vendor")}
    return _joined(names.get(("vendor", code), code) for code in codes)


def _topic(summary: str, party: str, say: str) -> str:
    """What the summary says besides the verb and the other side; '' if nothing is left or all is said."""
    text = _VERBS.sub("", summary)
    if party:
        text = text.removeprefix(party).lstrip("：:，, 的")
    return f" {text}" if text and text not in say else ""


def _households(item: PublicEntry) -> str:
    """``812 户``; ``1 户`` if a line names one unit."""
    count = max((line.detail.count for line in item.lines if line.detail), default=0)
    if not count and any("unit" in line.sealed for line in item.lines):
        count = 1
    return f"{count:,} 户" if count else _MANY_HOUSEHOLDS


def _joined(texts: Iterable[str]) -> str:
    """The different texts, the first few of them by name."""
    found = list(dict.fromkeys(texts))
    return "、".join(found[:_MOST]) + ("等" if len(found) > _MOST else "")
