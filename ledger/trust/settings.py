"""Rules of one community (小区规则) with their dates of effect; the known ones are in ``settings.toml``.

A rule is never changed in place: another value from another day is a new version, and what was booked
before that day was booked by the old one.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

import msgspec
from sqlalchemy import Connection, insert, select

from ledger.chart.store import mark_setup_changed
from ledger.errors import Problem, Refused, refuse
from ledger.journal.privacy import private_data_in
from ledger.money import format_yuan, parse_yuan
from ledger.people.roles import Actor, require
from ledger.resolutions.lacking import decision_lacking
from ledger.store.tables import setting as setting_table
from ledger.store.tables import trust, trust_head
from ledger.trust.act import Act
from ledger.trust.lock import lock_trust
from ledger.trust.remuneration import clause_from_form, read_clause

KINDS = ("fen", "int", "flag", "text", "choice", "pattern", "clause", "managed")
_YES = {
    "是": True,
    "1": True,
    "true": True,
    "yes": True,
    "否": False,
    "0": False,
    "false": False,
    "no": False,
}


@dataclass(frozen=True, slots=True)
class SettingKind:
    """A known setting; see ``settings.toml`` for the fields."""

    name: str
    group: str
    title: str
    unit: str
    kind: str
    help: str
    basis: str
    low: int | None
    high: int | None
    choices: Mapping[str, str]
    owners_rule: bool = False
    """Once set, only the owners' committee changes it: it binds the trustee's own hands."""
    owners_only: bool = False
    """The trustee doesn't set it at all, not even the first time."""
    public: bool = False
    """A text everybody reads: personal data is refused."""
    decided: tuple[str, ...] = ()
    """What binds the trustee changes by a decision of the owners about one of these matters, if any is named."""

    def shown(self, value: Any) -> str:
        """The value as people read it."""
        if value is None:
            return "未设置"
        return _SHOWN.get(self.kind, _plain)(self, value)


def _plain(kind: SettingKind, value: Any) -> str:
    return f"{value} {kind.unit}".strip()


def _clause_text(_kind: SettingKind, value: Any) -> str:
    clause = read_clause(value)
    return clause.sentence() if clause else "未设置"


_SHOWN: Mapping[str, Callable[[SettingKind, Any], str]] = {
    "fen": lambda _kind, value: f"{format_yuan(value)} 元",
    "flag": lambda _kind, value: "是" if value else "否",
    "choice": lambda kind, value: kind.choices.get(value, str(value)),
    "clause": _clause_text,
    "managed": lambda _kind, value: f"{len(value)} 条" if isinstance(value, (list, dict)) else "已设置",
}


@dataclass(frozen=True, slots=True)
class SettingVersion:
    """A value from a day on."""

    name: str
    effective_on: date
    value: Any
    authority: str
    recorded_at: datetime


@cache
def known_settings() -> Mapping[str, SettingKind]:
    """All known settings in the order of the file. Raises ValueError for a row that contradicts itself."""
    text = files("ledger.trust").joinpath("settings.toml").read_text(encoding="utf-8")
    found = {}
    for name, row in tomllib.loads(text).items():
        if row["kind"] not in KINDS:
            raise ValueError(f"setting {name} has unknown kind {row['kind']}")
        found[name] = SettingKind(
            name=name,
            group=row["group"],
            title=row["title"],
            unit=row.get("unit", ""),
            kind=row["kind"],
            help=row["help"],
            basis=row.get("basis", ""),
            low=row.get("low"),
            high=row.get("high"),
            choices=row.get("choices", {}),
            owners_rule=row.get("owners_rule", False),
            owners_only=row.get("owners_only", False),
            public=row.get("public", False),
            decided=tuple(row.get("decided", ())),
        )
    return MappingProxyType(found)


def parse_setting(name: str, typed: Mapping[str, str]) -> Any:
    """The value a person typed for a known setting: field ``value``, or a clause's fields.

    Raises :class:`~ledger.errors.Refused`.
    """
    kind = known_settings().get(name)
    if kind is None:
        raise refuse("unknown_setting", f"没有“{name}”这项规则，请从规则表中选择", "规则")
    text = typed.get("value", "").strip()
    if kind.kind == "clause":
        return clause_from_form(typed).to_value()
    if kind.kind == "managed":
        raise refuse("managed_setting", f"“{kind.title}”不在这里改，请到它自己的页面", kind.title)
    if not text:
        raise refuse("empty_setting", f"请填写{kind.title}", kind.title)
    return _parse(kind, text)


def _parse(kind: SettingKind, text: str) -> Any:
    match kind.kind:
        case "fen":
            return _bounded(kind, _number(kind, parse_yuan, text))
        case "int":
            return _bounded(kind, _number(kind, int, text))
        case "flag":
            if text.lower() not in _YES:
                raise refuse("bad_flag", f"{kind.title}请填“是”或“否”", kind.title)
            return _YES[text.lower()]
        case "choice":
            if text not in kind.choices:
                shown = "、".join(kind.choices.values())
                raise refuse("bad_choice", f"{kind.title}只能是{shown}", kind.title)
        case "text" if kind.public and (found := private_data_in(text)):
            raise refuse("private_data", f"{kind.title}会被公开，但里面像有{found[0]}，请删去", kind.title)
        case "pattern":
            try:
                re.compile(text)
            except re.error as error:
                raise refuse("bad_pattern", f"读不懂“{text}”，请检查括号和竖线", kind.title) from error
    return text


def _number(kind: SettingKind, read: Any, text: str) -> int:
    try:
        return int(read(text))
    except ValueError as error:
        wanted = "金额，如 30000.00" if kind.kind == "fen" else "整数"
        raise refuse("bad_number", f"读不懂“{text}”，{kind.title}应是{wanted}", kind.title) from error


def _bounded(kind: SettingKind, value: int) -> int:
    low_ok = kind.low is None or value >= kind.low
    high_ok = kind.high is None or value <= kind.high
    if low_ok and high_ok:
        return value
    shown = [kind.shown(bound) for bound in (kind.low, kind.high) if bound is not None]
    raise refuse("out_of_bounds", f"{kind.title}应在 {' 与 '.join(shown)} 之间", kind.title)


def record_setting(
    conn: Connection, trust_id: int, name: str, value: Any, *, effective_on: date, authority: str, act: Act
) -> None:
    """Record a rule of this community from a day on, such as ``co_sign_above`` (fen).

    Raises :class:`~ledger.errors.Refused` if one is recorded for that day already.
    """
    taken = conn.execute(
        select(setting_table.c.name).where(
            setting_table.c.trust_id == trust_id,
            setting_table.c.name == name,
            setting_table.c.effective_on == effective_on,
        )
    ).first()
    if taken is not None:
        kind = known_settings().get(name)
        raise refuse(
            "setting_taken",
            f"“{kind.title if kind else name}”已登记过 {effective_on} 起的值；登记过的不能改，请换一个生效日",
            "生效日",
        )
    conn.execute(
        insert(setting_table).values(
            trust_id=trust_id,
            name=name,
            effective_on=effective_on,
            value=msgspec.json.encode(value).decode(),
            authority=authority,
            recorded_at=act.now,
        )
    )
    mark_setup_changed(conn, trust_id)


def change_setting(
    conn: Connection,
    trust_id: int,
    name: str,
    typed: Mapping[str, str],
    *,
    effective_on: date,
    authority: str,
    actor: Actor,
    act: Act,
) -> Any:
    """Record what a person typed for a known setting and return the value.

    It needs the paper it rests on, for the remuneration clause from the second time on and for how votes are
    counted always the number of the owners' decision, and takes effect in a month that is still open: a rule can't be slipped under books that are closed. Raises :class:`~ledger.errors.Refused` with all problems, and
    :class:`~ledger.people.Forbidden` when the trustee would loosen a rule the owners made.
    """
    lock_trust(conn, trust_id)
    require(actor, "deed.record")
    kind = known_settings().get(name)
    problems: list[Problem] = []
    if kind is not None and (kind.owners_only or (kind.owners_rule and _was_set(conn, trust_id, name))):
        require(actor, "rule.change")
        if kind.decided:
            problems += decision_lacking(
                conn, trust_id, authority, matters=kind.decided, on=effective_on, where="依据"
            )
    value = None
    try:
        value = parse_setting(name, typed)
    except Refused as error:
        problems += error.problems
    if not authority.strip():
        problems.append(Problem("no_authority", "请写明依据，如信托文件条款或决议号", "依据"))
    row = conn.execute(
        select(trust.c.opened_on, trust_head.c.closed)
        .join(trust_head, trust_head.c.trust_id == trust.c.trust_id)
        .where(trust.c.trust_id == trust_id)
    ).one()
    closed = max(msgspec.json.decode(row.closed, type=dict[str, date]).values(), default=None)
    if effective_on < row.opened_on:
        problems.append(Problem("before_opening", f"生效日不能早于建账日 {row.opened_on}", "生效日"))
    elif closed is not None and effective_on <= closed:
        problems.append(Problem("period_closed", f"{closed} 以前已经结账，生效日请填以后的日子", "生效日"))
    if problems:
        raise Refused(problems)
    record_setting(conn, trust_id, name, value, effective_on=effective_on, authority=authority, act=act)
    return value


def _was_set(conn: Connection, trust_id: int, name: str) -> bool:
    query = select(setting_table.c.name).where(
        setting_table.c.trust_id == trust_id, setting_table.c.name == name
    )
    return conn.execute(query.limit(1)).first() is not None


def setting_history(conn: Connection, trust_id: int) -> dict[str, list[SettingVersion]]:
    """All recorded values by name, latest date of effect first."""
    found: dict[str, list[SettingVersion]] = {}
    for row in conn.execute(
        select(setting_table)
        .where(setting_table.c.trust_id == trust_id)
        .order_by(setting_table.c.name, setting_table.c.effective_on.desc())
    ):
        value = msgspec.json.decode(row.value)
        found.setdefault(row.name, []).append(
            SettingVersion(row.name, row.effective_on, value, row.authority, row.recorded_at)
        )
    return found


def in_force(versions: list[SettingVersion], day: date) -> SettingVersion | None:
    """Of one setting's versions, latest first, the one in force on a day."""
    return next((version for version in versions if version.effective_on <= day), None)
