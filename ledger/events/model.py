"""The shape of the event table and its loading. See ``data/events.toml`` for the meaning of fields."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

DOCUMENT_KINDS = {
    "acceptance": "验收单",
    "agreement": "协议",
    "apportionment": "分摊清册",
    "approval": "审批单",
    "bank_line": "银行流水",
    "channel_line": "渠道流水",
    "channel_settlement": "渠道对账单",
    "charge_list": "应收明细表",
    "clearing_note": "待查款核实记录",
    "contract": "合同",
    "cost_proof": "成本证明",
    "damage_proof": "损失证明",
    "decision": "处理决定",
    "expense_sheet": "报销单",
    "filing": "备案回执",
    "handover": "移交清册",
    "invoice": "发票",
    "liquidation_report": "清算报告",
    "meter_record": "抄表记录",
    "other": "其他凭证",
    "payment_order": "付款单",
    "payroll_summary": "工资汇总表",
    "plan": "使用方案",
    "quote": "比价单",
    "receipt": "收据",
    "remuneration_sheet": "酬金计算表",
    "resolution": "决议",
    "schedule": "收入确认表",
    "tax_return": "完税凭证",
    "tax_sheet": "税费计算表",
    "utility_bill": "水电费账单",
}
"""Kinds of source documents with the names people see."""


@dataclass(frozen=True, slots=True)
class LinePattern:
    """A side (D, C or * for either) and the beginnings of the account codes it admits."""

    side: str
    prefixes: tuple[str, ...]
    optional: bool

    def matches(self, side: str, account: str) -> bool:
        """Whether a posting fits this pattern."""
        return self.side in (side, "*") and account.startswith(self.prefixes)


@dataclass(frozen=True, slots=True)
class Gate:
    """One precondition of an event; see ``data/gates.toml``."""

    name: str
    kind: str
    subject: str
    message: str
    basis: str
    when: str = ""
    above: str = ""
    when_related: bool = False
    paper: str = ""
    at_least: int = 0
    matters: tuple[str, ...] = ()
    """Of kind ``resolution``: the matters (民法典 278) that it may be, empty for any."""


@dataclass(frozen=True, slots=True)
class Event:
    """One business event (业务事件)."""

    id: str
    name: str
    books: str
    lines: tuple[LinePattern, ...]
    documents: tuple[tuple[str, ...], ...] | None
    gates: tuple[Gate, ...]
    correction: bool
    closing: bool
    cross_fund: bool
    opening: bool


@cache
def load_gates() -> Mapping[str, Gate]:
    """All gates by name."""
    return MappingProxyType(
        {
            name: Gate(
                name=name,
                kind=row["kind"],
                subject=row["name"],
                message=row["message"],
                basis=row["basis"],
                when=row.get("when", ""),
                above=row.get("above", ""),
                when_related=row.get("when_related", False),
                paper=row.get("paper", ""),
                at_least=row.get("at_least", 0),
                matters=tuple(row.get("matters", ())),
            )
            for name, row in _toml("gates.toml").items()
        }
    )


@cache
def load_events() -> Mapping[str, Event]:
    """All events by id. Raises ValueError for a row that contradicts itself."""
    return MappingProxyType({id_: _event(id_, row) for id_, row in _toml("events.toml").items()})


def _event(id_: str, row: Mapping[str, Any]) -> Event:
    documents = row.get("documents")
    kinds = tuple(tuple(group.split("|")) for group in documents) if documents is not None else None
    unknown = {kind for group in kinds or () for kind in group} - set(DOCUMENT_KINDS)
    if unknown:
        raise ValueError(f"event {id_} asks for unknown documents {sorted(unknown)}")
    gates = load_gates()
    return Event(
        id=id_,
        name=row["name"],
        books=row["book"],
        lines=tuple(_pattern(text) for text in row["lines"]),
        documents=kinds,
        gates=tuple(gates[name] for name in row.get("gates", ())),
        correction=row.get("correction", False),
        closing=row.get("closing", False),
        cross_fund=row.get("cross_fund", False),
        opening=row.get("opening", False),
    )


def _pattern(text: str) -> LinePattern:
    side, _, accounts = text.partition(" ")
    return LinePattern(side[0], tuple(accounts.split("|")), side.endswith("?"))


def _toml(name: str) -> dict[str, Any]:
    return tomllib.loads(files("ledger.events").joinpath("data", name).read_text(encoding="utf-8"))
