"""People of an installation: one account each, whatever they are to however many trusts."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, Row, insert, select

from ledger.errors import Problem, Refused, Unanswerable
from ledger.store.tables import INSTALLATION
from ledger.store.tables import person as people
from ledger.trust.act import Act

_ACCOUNT = re.compile(r"[a-z0-9][a-z0-9._-]{2,31}")
_NAME_LENGTH = 32


@dataclass(frozen=True, slots=True)
class Person:
    """Someone with an account. ``person`` is random and stable; ``account`` is typed to log in."""

    person: str
    account: str
    name: str

    @property
    def signature(self) -> str:
        """What stands on vouchers: two people of one name stay apart."""
        return f"{self.name}（{self.account}）"


def normal_account(text: str) -> str:
    """An account name as it is compared: width, case and blanks around it do not matter."""
    return unicodedata.normalize("NFKC", text).strip().casefold()


def create_person(conn: Connection, account: str, name: str, *, by: str, act: Act) -> Person:
    """Make an account without any role. Raises :class:`Refused` for a taken or unusable name."""
    account, name = normal_account(account), unicodedata.normalize("NFKC", name).strip()
    problems = []
    if not _ACCOUNT.fullmatch(account):
        problems.append(
            Problem(
                "bad_account",
                "账号请用 3 到 32 个小写字母、数字、点、横线或下划线，以字母或数字开头",
                "账号",
            )
        )
    elif _find(conn, account) is not None:
        problems.append(Problem("account_taken", "这个账号已有人使用，请换一个", "账号"))
    if not name or len(name) > _NAME_LENGTH or not name.isprintable():
        problems.append(Problem("bad_name", f"请填写姓名，不超过 {_NAME_LENGTH} 个字", "姓名"))
    if problems:
        raise Refused(problems)
    made = Person("p" + act.entropy(10).hex(), account, name)
    conn.execute(
        insert(people).values(
            trust_id=INSTALLATION,
            person=made.person,
            account=account,
            name=name,
            created_at=act.now,
            created_by=by,
        )
    )
    return made


def find_account(conn: Connection, account: str) -> Person | None:
    """The person of an account name, however it was typed."""
    row = _find(conn, normal_account(account))
    return None if row is None else _person(row)


def read_person(conn: Connection, person: str) -> Person:
    """A person by the stable id. Raises :class:`Unanswerable`."""
    found = read_people(conn, [person])
    if person not in found:
        raise Unanswerable("unknown_person", "没有这个人的账号")
    return found[person]


def read_people(conn: Connection, persons: Collection[str]) -> Mapping[str, Person]:
    """People by their stable ids; ids that do not exist are left out."""
    if not persons:
        return {}
    query = select(people).where(people.c.trust_id == INSTALLATION, people.c.person.in_(set(persons)))
    return {row.person: _person(row) for row in conn.execute(query)}


def _find(conn: Connection, account: str) -> Row[tuple[object, ...]] | None:
    query = select(people).where(people.c.trust_id == INSTALLATION, people.c.account == account)
    return conn.execute(query).first()


def _person(row: Row[tuple[object, ...]]) -> Person:
    return Person(row.person, row.account, row.name)
