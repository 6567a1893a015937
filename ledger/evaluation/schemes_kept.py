"""Versions of schemes: a community's own, its district's, and the one that comes with the program.

A round is judged by rules that were known before its span began: it takes the version in force on its first day
and keeps a copy of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, func, insert, select
from sqlalchemy.exc import IntegrityError

from ledger.errors import Problem, Refused, refuse
from ledger.evaluation.checks import scheme_problems
from ledger.evaluation.scheme import Scheme, decode_scheme, default_scheme
from ledger.journal.head import peek_head
from ledger.people import Actor, require
from ledger.resolutions.texts import text_problems
from ledger.store.tables import INSTALLATION, evaluation_scheme
from ledger.trust.act import Act
from ledger.trust.lock import lock_trust
from ledger.trust.setup import load_setup

OWN, DISTRICT, DEFAULT = "own", "district", "default"
SCOPES = {OWN: "本小区的方案", DISTRICT: "街道的方案", DEFAULT: "默认方案"}


@dataclass(frozen=True, slots=True)
class SchemeVersion:
    """A recorded version; ``version`` 0 and ``recorded_at`` None: the default."""

    scope: str
    version: int
    district: str
    effective_on: date | None
    authority: str
    scheme: Scheme
    signature: str
    recorded_at: datetime | None

    @property
    def key(self) -> str:
        """Names it in addresses: ``own-2``."""
        return f"{self.scope}-{self.version}"

    @property
    def title(self) -> str:
        """Whose it is, and which version: ``本小区的方案第 2 版``."""
        return SCOPES[self.scope] + (f"第 {self.version} 版" if self.version else "")


def record_scheme(
    conn: Connection,
    trust_id: int,
    scheme: Scheme,
    effective_on: date,
    authority: str,
    actor: Actor,
    act: Act,
) -> int:
    """Record a version of a community's own scheme and return its number. Raises :class:`Refused`."""
    require(actor, "evaluation.scheme")
    lock_trust(conn, trust_id)
    return _record(conn, trust_id, "", scheme, effective_on, authority, actor, act)


def record_district_scheme(
    conn: Connection,
    district: str,
    scheme: Scheme,
    effective_on: date,
    authority: str,
    actor: Actor,
    act: Act,
) -> int:
    """The same for all communities of a district, or with ``''`` for all of the installation."""
    require(actor, "evaluation.district")
    return _record(conn, INSTALLATION, district.strip(), scheme, effective_on, authority, actor, act)


def version_problems(scheme: Scheme, effective_on: date | None, authority: str, today: date) -> list[Problem]:
    """Everything that keeps a version from being recorded; ``effective_on`` None is not complained of here."""
    problems = [*scheme_problems(scheme), *text_problems(authority, "依据", longest=500)]
    if effective_on is not None and effective_on <= today:
        problems.append(
            Problem("too_early", "方案从明天或以后起生效：不能用新规则评已经过去的日子", "生效日")
        )
    return problems


def scheme_versions(conn: Connection, trust_id: int, district: str = "") -> list[SchemeVersion]:
    """A community's own versions, the newest first; with ``INSTALLATION`` those of a district."""
    s = evaluation_scheme.c
    query = select(evaluation_scheme).where(s.trust_id == trust_id, s.district == district)
    scope = DISTRICT if trust_id == INSTALLATION else OWN
    return [
        SchemeVersion(
            scope,
            row.version,
            row.district,
            row.effective_on,
            row.authority,
            decode_scheme(row.body),
            row.signature,
            row.recorded_at,
        )
        for row in conn.execute(query.order_by(s.effective_on.desc(), s.version.desc()))
    ]


def default_version() -> SchemeVersion:
    """The scheme that comes with the program."""
    return SchemeVersion(DEFAULT, 0, "", None, "程序自带的默认约定，不是官方规定", default_scheme(), "", None)


def scheme_on(conn: Connection, trust_id: int, day: date, scope: str = "") -> SchemeVersion:
    """The scheme in force on a day: the community's own, else its district's, else the default; or the one of
    this ``scope``. Raises :class:`~ledger.errors.Refused` if that has none in force."""
    for found, versions in _in_order(conn, trust_id, day):
        if scope and found != scope:
            continue
        version = next((one for one in versions if one.effective_on is None or one.effective_on <= day), None)
        if version is not None:
            return version
    raise refuse("no_scheme", f"{day} 还没有生效的{SCOPES.get(scope, '方案')}", "方案")


def version_before(conn: Connection, trust_id: int, version: SchemeVersion) -> SchemeVersion:
    """What held before a version took its place: the version before it, else that of the wider scope."""
    if version.effective_on is None:
        return version
    own = scheme_versions(conn, trust_id if version.scope == OWN else INSTALLATION, version.district)
    order = [one.version for one in own]
    if version.version in order[:-1]:
        return own[order.index(version.version) + 1]
    wider: list[SchemeVersion] = []
    if version.scope == OWN:
        wider = list(dict(_in_order(conn, trust_id, version.effective_on)).get(DISTRICT, ()))
    elif version.district:
        wider = scheme_versions(conn, INSTALLATION)
    held = (one for one in wider if one.effective_on and one.effective_on <= version.effective_on)
    return next(held, default_version())


def find_version(conn: Connection, trust_id: int, key: str, district: str = "") -> SchemeVersion | None:
    """The version of a :attr:`SchemeVersion.key` that a community sees, or with ``INSTALLATION`` a district."""
    kept = scheme_versions(conn, INSTALLATION, district) if district else []
    known = [default_version(), *kept, *scheme_versions(conn, INSTALLATION)]
    if trust_id != INSTALLATION:
        known += scheme_versions(conn, trust_id)
    return next((one for one in known if one.key == key), None)


def _in_order(conn: Connection, trust_id: int, day: date) -> list[tuple[str, Sequence[SchemeVersion]]]:
    setup = load_setup(conn, trust_id, peek_head(conn, trust_id).setup_version)
    district = str(setup.setting("district", day) or "").strip()
    mine = scheme_versions(conn, INSTALLATION, district) if district else []
    return [
        (OWN, scheme_versions(conn, trust_id)),
        (DISTRICT, [*mine, *scheme_versions(conn, INSTALLATION)]),
        (DEFAULT, [default_version()]),
    ]


def _record(
    conn: Connection,
    trust_id: int,
    district: str,
    scheme: Scheme,
    effective_on: date,
    authority: str,
    actor: Actor,
    act: Act,
) -> int:
    if problems := version_problems(scheme, effective_on, authority, act.today):
        raise Refused(problems)
    s = evaluation_scheme.c
    last = conn.execute(
        select(func.coalesce(func.max(s.version), 0)).where(s.trust_id == trust_id)
    ).scalar_one()
    row = insert(evaluation_scheme).values(
        trust_id=trust_id,
        version=int(last) + 1,
        district=district,
        title=scheme.title.strip(),
        effective_on=effective_on,
        authority=authority.strip(),
        body=scheme.encoded().decode(),
        person=actor.person,
        signature=actor.signature,
        recorded_at=act.now,
    )
    try:
        with conn.begin_nested():
            conn.execute(row)
    except IntegrityError as error:  # versions of streets have no trust to lock
        raise refuse("at_once", "刚才有人也登记了一版，请看过那一版再登记", "方案") from error
    return int(last) + 1
