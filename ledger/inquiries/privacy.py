"""What must not stand in words that everybody will read: found before they are published, for good.

Beside the patterns for every public text (:mod:`ledger.journal.privacy`) a question is searched for what only
this community knows: its homes, and the names of its people.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from sqlalchemy import Connection, select, union

from ledger.errors import Problem
from ledger.journal.privacy import private_data_in
from ledger.store.tables import INSTALLATION, owner, owner_contact, person, person_trust, setting, unit

WHERE = "公开的文字"
_CODE = re.compile(r"[0-9A-Za-z]+(?:[-－—–#·.][0-9A-Za-z]+)+|[A-Za-z]+\d+[0-9A-Za-z]*")
_BETWEEN_DIGITS = re.compile(r"(?<=\d)[\s\-－—–.·]+(?=\d)")
_PARTS = re.compile(r"\s*(?:[-－—–#·/_~]|号楼|单元|[号栋幢座])\s*(?=\d)")
"""What stands between the parts of a home's number; read as if a hyphen did."""
_MOBILE = re.compile(r"(?<!\d)1[3-9]\d([\s,、/_*~()-]{1,3}\d{4}){2}(?!\d)")
_MAILBOX = re.compile(r"[0-9A-Za-z._%+-]+@[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)+")
_BETWEEN_NAMES = re.compile(r"[、,;/]")
_NUMBERS = ("手机号", "身份证号", "银行卡号")
_LANDLINE = re.compile(r"(?<!\d)0\d{2,3}[-－—– ]?\d{3,4}[-－—– ]?\d{4}(?!\d)")
_SHORTEST_NAME = 2


def privacy_problems(conn: Connection, trust_id: int, text: str) -> list[Problem]:
    """Everything private found in a text; three queries."""
    plain = unicodedata.normalize("NFKC", text)
    found = [*_kinds(plain, _desks(conn, trust_id))]
    if any(_holds_home(conn, trust_id, plain)) and "房号" not in found:
        found.append("房号")
    problems = [
        Problem("private_data", f"会公开，不能写{kind}，请改成“一位业主”“某楼栋”等说法", WHERE)
        for kind in found
    ]
    if _holds_name(conn, trust_id, plain):
        message = "像有本小区业主、住户或工作人员的姓名，会公开，请改成“一位业主”“有关岗位”等说法"
        problems.append(Problem("private_name", message, WHERE))
    return problems


def _desks(conn: Connection, trust_id: int) -> str:
    """The digits of the service desks that are public anyway."""
    query = select(setting.c.value).where(setting.c.trust_id == trust_id, setting.c.name == "service_desk")
    return " ".join(_digits(value) for value in conn.execute(query).scalars())


def _digits(text: str) -> str:
    return "".join(char for char in text if char.isdecimal())


def _kinds(text: str, desks: str) -> Iterator[str]:
    found = set(private_data_in(text))
    joined = _BETWEEN_DIGITS.sub("", text)  # 138 1234 5678
    found |= {kind for kind in private_data_in(joined) if kind in _NUMBERS}
    if _MOBILE.search(text):
        found.add("手机号")
    if _MAILBOX.search(text):
        found.add("邮箱")
    if any(_digits(number) not in desks for number in _LANDLINE.findall(text)):
        found.add("电话号码")
    return iter(sorted(found))


def _holds_home(conn: Connection, trust_id: int, text: str) -> Iterator[bool]:
    text = text.casefold()
    said = {code for shape in (text, _PARTS.sub("-", text)) for code in _CODE.findall(shape)}
    for code in conn.execute(select(unit.c.unit).where(unit.c.trust_id == trust_id)).scalars():
        plain = unicodedata.normalize("NFKC", code).casefold()
        yield plain in said if plain.isascii() else plain in text


def _holds_name(conn: Connection, trust_id: int, text: str) -> bool:
    """Whether somebody's name stands in it; firms are no persons."""
    people = (
        select(owner_contact.c.name)
        .join(
            owner, (owner.c.trust_id == owner_contact.c.trust_id) & (owner.c.owner == owner_contact.c.owner)
        )
        .where(owner_contact.c.trust_id == trust_id, owner.c.kind == "person")
    )
    members = (
        select(person.c.name)
        .join(
            person_trust,
            (person_trust.c.trust_id == person.c.trust_id) & (person_trust.c.person == person.c.person),
        )
        .where(person.c.trust_id == INSTALLATION, person_trust.c.member_of == trust_id)
    )
    bare = _bare(text)
    return any(
        len(name) >= _SHORTEST_NAME and name in bare
        for row in conn.execute(union(people, members)).scalars()
        for name in _BETWEEN_NAMES.split(_bare(row))  # those who own a home together
    )


def _bare(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())
