"""The people of the demo community: one for each role, with log-ins that are printed for everybody to try."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection

from disclosure.identity.passwords import hash_password, password_fits
from disclosure.identity.sealed import seal
from disclosure.identity.totp import new_secret
from ledger.people import Role
from ledger.people.accounts import Person, create_person, find_account
from ledger.people.credentials import read_credential, record_credential
from ledger.people.members import SECOND_FACTOR, actor_of, grant
from ledger.people.roles import ROLE_NAMES, Actor
from ledger.trust import Act

PASSWORD = "yanshi-mingheyuan"  # noqa: S105 - a demo's, printed on its log-in page
_BY = "demo"


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """An invented person and what they are to the community."""

    account: str
    name: str
    role: Role


PEOPLE = (
    DemoPerson("kuaiji", "林会", Role.PREPARER),
    DemoPerson("shenhe", "沈核", Role.REVIEWER),
    DemoPerson("chuna", "楚纳", Role.CASHIER),
    DemoPerson("zhuren", "祝仁", Role.CHAIR),
    DemoPerson("weiyuan", "魏源", Role.COMMITTEE),
    DemoPerson("jiandu", "简度", Role.SUPERVISOR),
    DemoPerson("shequ", "佘区", Role.PARTY),
    DemoPerson("jiedao", "解道", Role.STREET),
    DemoPerson("yezhu", "叶主", Role.RESIDENT),
    DemoPerson("guanli", "管理", Role.OPERATOR),
)


def signature(role: Role) -> str:
    """What the person of a role signs with."""
    person = next(item for item in PEOPLE if item.role is role)
    return Person("", person.account, person.name).signature


def settle(
    conn: Connection, trust_id: int, unit: str, cost: tuple[int, int, int], act: Act, code_key: Path
) -> dict[Role, Actor]:
    """Give the demo community its people; the resident lives in ``unit``. Who does what, by role."""
    actors = {}
    password_hash = hash_password(PASSWORD, cost)
    for item in PEOPLE:
        person = create_person(conn, item.account, item.name, by=_BY, act=act)
        secret = seal(code_key, new_secret(act.entropy), act.entropy) if item.role in SECOND_FACTOR else ""
        record_credential(
            conn, person.person, by=_BY, act=act, password_hash=password_hash, totp_secret=secret
        )
        home = unit if item.role is Role.RESIDENT else ""
        grant(conn, trust_id, person.person, item.role, by=_BY, act=act, unit=home, reason="演示")
        actors[item.role] = actor_of(conn, person, trust_id, origin="演示", on=act.today)
    return actors


def published_log_ins(conn: Connection, cost: tuple[int, int, int]) -> list[str]:
    """Accounts in this database that still have the demo's password, which anybody can read up."""
    found = []
    for item in PEOPLE:
        person = find_account(conn, item.account)
        credential = read_credential(conn, person.person) if person else None
        if credential is not None and password_fits(credential.password_hash, PASSWORD, cost):
            found.append(item.account)
    return found


def log_ins() -> list[str]:
    """One line a person, for the terminal."""
    return [f"{ROLE_NAMES[item.role]}：{item.account}" for item in PEOPLE]
