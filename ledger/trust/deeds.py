"""The trust deed (信托文件) and its versions. A version is never changed: a change is a new version."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from difflib import SequenceMatcher

from sqlalchemy import Connection, func, insert, select

from ledger.errors import Problem, Refused
from ledger.resolutions.lacking import decision_lacking
from ledger.store.tables import deed as deed_table
from ledger.store.tables import trust
from ledger.trust.accounts import same_name
from ledger.trust.act import Act
from ledger.trust.lock import lock_trust

_MEASURES = ("面积", "均等", "平均", "等额", "份额")
"""One of these words says how much each owner benefits."""
MATTERS = ("trustee_selection", "management_covenant", "other")
"""What a decision that changes the deed can be about."""
_PHRASE = re.compile(r"[^、，。；：,;.:\s]+|[、，。；：,;.:\s]")


@dataclass(frozen=True, slots=True)
class Deed:
    """A version of the trust deed (信托文件) with the five elements of 信托法 9.

    ``benefit_form`` must say how owners benefit (by area); if it is silent the law means equal shares
    (信托法 45). ``authority`` names the resolution it rests on.
    """

    effective_on: date
    purpose: str
    parties: str
    beneficiaries: str
    property_scope: str
    benefit_form: str
    authority: str


ELEMENTS = {
    "purpose": "信托目的",
    "parties": "当事人",
    "beneficiaries": "受益人范围",
    "property_scope": "信托财产范围",
    "benefit_form": "受益方式",
}
"""The five elements in the order of the law, with the names people see."""
ELEMENT_HELP = {
    "purpose": "为什么设立：例如“管理和使用本小区物业费、公共收益等共有资金，为全体业主提供物业服务”。",
    "parties": "谁委托、谁受托：委托人是业主大会，受托人是物业企业，写全称。",
    "beneficiaries": "谁受益：一般是本小区全体业主。受托人不能是唯一的受益人。",
    "property_scope": "哪些钱和东西交给受托人管：物业费、停车费、公共收益、押金、代收代付款等。",
    "benefit_form": "怎样受益：要写明“按专有部分面积”；不写，法律上视为人人均等。",
}


@dataclass(frozen=True, slots=True)
class DeedVersion:
    """A recorded version."""

    version: int
    deed: Deed
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class Piece:
    """Part of an element's text compared with the version before: ``same``, ``added`` or ``removed``."""

    how: str
    text: str


def record_deed(conn: Connection, trust_id: int, deed: Deed, act: Act) -> int:
    """Record a version of the deed and return its number. All five elements must be there.

    From the second on a version needs the owners' decision it rests on, in force when it begins; it may not
    begin before the version it replaces, and must differ from it. Raises :class:`~ledger.errors.Refused` with all problems.
    """
    lock_trust(conn, trust_id)
    versions = deed_versions(conn, trust_id)
    trustee = conn.execute(select(trust.c.trustee).where(trust.c.trust_id == trust_id)).scalar_one()
    problems = deed_problems(deed, versions[0] if versions else None, trustee)
    if versions:
        problems += decision_lacking(conn, trust_id, deed.authority, matters=MATTERS, on=deed.effective_on)
    if problems:
        raise Refused(problems)
    version = versions[0].version + 1 if versions else 1
    conn.execute(
        insert(deed_table).values(
            trust_id=trust_id,
            version=version,
            effective_on=deed.effective_on,
            authority=deed.authority,
            recorded_at=act.now,
            **{field: getattr(deed, field) for field in ELEMENTS},
        )
    )
    return version


def deed_problems(deed: Deed, before: DeedVersion | None, trustee: str) -> list[Problem]:
    """Everything wrong with a version that would follow ``before``."""
    problems = [
        Problem("deed_incomplete", f"信托文件缺少“{title}”，不能启用账套（信托法第九条）", title)
        for field, title in ELEMENTS.items()
        if not getattr(deed, field).strip()
    ]
    if deed.benefit_form.strip() and not any(word in deed.benefit_form for word in _MEASURES):
        problems.append(
            Problem(
                "no_measure",
                "受益方式要写明怎样分，如“按专有部分面积”；不写明，法律上视为人人均等（信托法第四十五条）",
                ELEMENTS["benefit_form"],
            )
        )
    if trustee.strip() and same_name(deed.beneficiaries) == same_name(trustee):
        problems.append(
            Problem(
                "sole_beneficiary",
                "受托人不能是唯一的受益人（信托法第四十三条）；受益人一般是本小区全体业主",
                ELEMENTS["beneficiaries"],
            )
        )
    if before is None:
        return problems
    if not deed.authority.strip():
        problems.append(Problem("no_authority", "修改信托文件须写明决议号", "决议号"))
    if deed.effective_on < before.deed.effective_on:
        problems.append(
            Problem(
                "before_last_version",
                f"生效日不能早于上一版的生效日 {before.deed.effective_on}",
                "生效日",
            )
        )
    if all(getattr(deed, field).strip() == getattr(before.deed, field).strip() for field in ELEMENTS):
        problems.append(
            Problem("nothing_changed", "五项内容与上一版完全相同，没有需要登记的改动", "信托文件")
        )
    return problems


def deed_versions(conn: Connection, trust_id: int) -> list[DeedVersion]:
    """All versions, newest first."""
    rows = conn.execute(
        select(deed_table).where(deed_table.c.trust_id == trust_id).order_by(deed_table.c.version.desc())
    )
    return [
        DeedVersion(
            row.version,
            Deed(
                effective_on=row.effective_on,
                authority=row.authority,
                **{field: getattr(row, field) for field in ELEMENTS},
            ),
            row.recorded_at,
        )
        for row in rows
    ]


def deed_on(conn: Connection, trust_id: int, day: date) -> DeedVersion | None:
    """The version in force on a day."""
    newest = (
        select(func.max(deed_table.c.version))
        .where(deed_table.c.trust_id == trust_id, deed_table.c.effective_on <= day)
        .scalar_subquery()
    )
    version = conn.execute(select(newest)).scalar()
    return next((v for v in deed_versions(conn, trust_id) if v.version == version), None)


def differences(before: Deed, after: Deed) -> dict[str, list[Piece]]:
    """For each element that changed, its text in pieces, removed and added parts marked."""
    return {
        field: compare(old, new)
        for field in ELEMENTS
        if (old := getattr(before, field)) != (new := getattr(after, field))
    }


def compare(old: str, new: str) -> list[Piece]:
    """``old`` and ``new`` in pieces: those not ``added`` make up the old text, those not ``removed`` the new.

    Compared phrase by phrase: a change inside a word would be hard to read.
    """
    before, after = _PHRASE.findall(old), _PHRASE.findall(new)
    pieces: list[Piece] = []
    for how, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if how == "equal":
            pieces.append(Piece("same", "".join(before[a:b])))
            continue
        if b > a:
            pieces.append(Piece("removed", "".join(before[a:b])))
        if d > c:
            pieces.append(Piece("added", "".join(after[c:d])))
    return pieces
