"""What a fund, an account and a chart are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Fund:
    """Money kept for one purpose. Every entry balances within each fund it touches."""

    code: str
    book: str
    name: str
    result_account: str
    """Where the year's income and expense of this fund end up; '' for money held for others."""


FUNDS = {
    fund.code: fund
    for fund in (
        Fund("F1", "A", "物业服务资金", "3001"),
        Fund("F2", "A", "公共收益", "3002"),
        Fund("F3", "A", "押金", ""),
        Fund("F4", "A", "代收代付", ""),
        Fund("F5", "A", "专项项目资金", "3003"),
        Fund("M", "M", "住宅专项维修资金", "3001"),
    )
}

_CLASSES = {"A": "资产", "L": "负债", "N": "净资产", "I": "收入", "E": "支出"}


def account_class_name(class_: str) -> str:
    """The Chinese name of an account class (A asset, L liability, N net assets, I income, E expense)."""
    return _CLASSES[class_]


@dataclass(frozen=True, slots=True)
class Account:
    """One account (科目). Only leaves take postings; ``dimensions`` is what each posting must name."""

    book: str
    code: str
    name: str
    parent: str
    class_: str
    side: str
    funds: tuple[str, ...]
    dimensions: tuple[str, ...]
    leaf: bool
    closed_on: date | None = None

    @property
    def title(self) -> str:
        """Code and name."""
        return f"{self.code} {self.name}"


class Chart:
    """The accounts of one trust, by book and code."""

    def __init__(self, accounts: Iterable[Account]) -> None:
        self._by_key = {(account.book, account.code): account for account in accounts}

    def get(self, book: str, code: str) -> Account | None:
        """The account, or None."""
        return self._by_key.get((book, code))

    def __getitem__(self, key: tuple[str, str]) -> Account:
        return self._by_key[key]

    def __iter__(self) -> Iterator[Account]:
        return iter(self._by_key.values())

    def of_book(self, book: str) -> list[Account]:
        """All accounts of a book in code order."""
        return sorted((a for a in self if a.book == book), key=lambda account: account.code)

    def path(self, book: str, code: str) -> str:
        """The full name from the top, such as ``公共能耗/公共用电``."""
        names: list[str] = []
        account = self.get(book, code)
        while account is not None:
            names.append(account.name)
            account = self.get(book, account.parent) if account.parent else None
        return "/".join(reversed(names))
