"""Owners of homes with accounts of their own, over the desk of the charges' tests."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from sqlalchemy import Connection, Engine

from ledger.homes import Account, Home, account_of, homes_of
from ledger.people import Actor, Role
from ledger.people.accounts import Person, create_person, find_account
from ledger.people.members import actor_of, grant
from ledger.store.engine import reading, writing
from ledger.trust.owner_register import Person as Registered
from ledger.trust.owner_register import add_person
from ledger.trust.titles import NewTitle, record_title
from tests.billing.desk import Desk, open_desk
from tests.ledger.books import OPENED, TODAY, act

FEE = 178_20
"""A month of 90 m² at 1.98 yuan."""


@dataclass(frozen=True)
class Homes:
    """The desk, and who owns what."""

    desk: Desk

    @property
    def engine(self) -> Engine:
        return self.desk.engine

    @property
    def trust_id(self) -> int:
        return self.desk.trust_id

    def give(self, account: str, *units: str, on: date = OPENED, role: Role = Role.RESIDENT) -> None:
        """An account is given homes, as by an invitation letter used on a day."""
        with writing(self.engine) as conn:
            person = find_account(conn, account) or self._new(conn, account)
            for unit in units:
                grant(
                    conn, self.trust_id, person.person, role, by="测试", act=act(on), unit=unit, from_day=on
                )

    def _new(self, conn: Connection, account: str) -> Person:
        return create_person(conn, account, account, by="测试", act=act(OPENED))

    def sell(self, unit: str, name: str, on: date, reason: str = "sale") -> None:
        """The register says that somebody owns the unit from a day on."""
        with writing(self.engine) as conn:
            key = add_person(conn, self.trust_id, Registered("", "person", name), act())
            title = NewTitle(unit, on, reason, "" if reason == "first" else "不动产权1号", {key: Fraction(1)})
            record_title(conn, self.trust_id, title, signature="会计甲", act=act())

    def actor(self, account: str, on: date = TODAY) -> Actor:
        with reading(self.engine) as conn:
            person = find_account(conn, account)
            assert person is not None
            return actor_of(conn, person, self.trust_id, origin="测试", on=on)

    def homes(self, account: str, on: date = TODAY) -> tuple[Home, ...]:
        with reading(self.engine) as conn:
            return homes_of(conn, self.trust_id, self.actor(account, on), on)

    def account(self, account: str, year: int = 0, on: date = TODAY) -> Account:
        homes = self.homes(account, on)
        with reading(self.engine) as conn:
            return account_of(conn, self.trust_id, homes, year, on)


def settle_homes(engine: Engine) -> Homes:
    """Three homes with a fee: 1-101 is Zhang's, 1-102 Li's, 2-201 Zhang's too."""
    homes = Homes(open_desk(engine))
    homes.give("zhang", "1-101", "2-201")
    homes.give("lisi", "1-102")
    return homes
