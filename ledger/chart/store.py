"""Load the default charts and a trust's own; add and close accounts."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from datetime import date
from importlib.resources import files
from typing import Any
from weakref import WeakSet

from sqlalchemy import Connection, Transaction, insert, select, update

from ledger.chart.model import FUNDS, Account, Chart
from ledger.errors import refuse
from ledger.store.tables import account as account_table
from ledger.store.tables import trust_head

_TAIL_DIGITS = 2
"""What the code of an added account has more than its parent's."""


def load_default_chart() -> Chart:
    """The charts of book A and book M as shipped in ``data/``."""
    accounts: list[Account] = []
    for book, filename in (("A", "book_a.csv"), ("M", "book_m.csv")):
        text = files("ledger.chart").joinpath("data", filename).read_text(encoding="utf-8")
        accounts.extend(
            Account(
                book=book,
                code=row["code"],
                name=row["name"],
                parent=row["parent"],
                class_=row["class"],
                side=row["side"],
                funds=_split(row["funds"]),
                dimensions=_split(row["dimensions"]),
                leaf=row["leaf"] == "yes",
            )
            for row in csv.DictReader(text.splitlines())
        )
    return Chart(accounts)


def load_chart(conn: Connection, trust_id: int) -> Chart:
    """The chart of one trust."""
    rows = conn.execute(select(account_table).where(account_table.c.trust_id == trust_id))
    return Chart(
        Account(
            book=row.book,
            code=row.code,
            name=row.name,
            parent=row.parent,
            class_=row.class_,
            side=row.side,
            funds=_split(row.funds),
            dimensions=_split(row.dimensions),
            leaf=row.leaf,
            closed_on=row.closed_on,
        )
        for row in rows
    )


def write_accounts(conn: Connection, trust_id: int, accounts: Iterable[Account]) -> None:
    """Insert accounts as they are, without checks; used at set-up."""
    conn.execute(insert(account_table), [_row(trust_id, account) for account in accounts])


def add_account(
    conn: Connection, trust_id: int, parent: str, code: str, name: str, *, book: str = "A"
) -> Account:
    """Add a leaf below an existing account; it inherits class, side, funds and dimensions.

    The parent must itself be a group, or a leaf's sibling group: a leaf that takes postings can't be
    split afterwards. The code is the parent's with two digits more: kept sums (:mod:`ledger.totals`) know
    groups of four digits and leaves of six. Raises :class:`~ledger.errors.Refused`.
    """
    chart = load_chart(conn, trust_id)
    above = chart.get(book, parent)
    if above is None:
        raise refuse("unknown_account", f"没有上级科目 {parent}，请先核对科目表", "上级科目")
    if above.leaf:
        raise refuse("leaf_parent", f"科目 {parent} {above.name} 已是末级科目，不能再设下级", "上级科目")
    tail = code.removeprefix(parent)
    if not code.startswith(parent) or len(tail) != _TAIL_DIGITS or not (code.isascii() and code.isdigit()):
        raise refuse("bad_code", f"科目编码 {code} 应以上级编码 {parent} 开头，后接两位数字", "科目编码")
    if chart.get(book, code) is not None:
        raise refuse("account_exists", f"科目 {code} 已经存在", "科目编码")
    for other in chart.of_book(book):
        below = other.leaf and code.startswith(other.code)
        if below or (other.code.startswith(code) and other.code != code):
            raise refuse(
                "bad_code",
                f"科目编码 {code} 与科目 {other.code} {other.name} 互为上下级，请换一个",
                "科目编码",
            )
    added = Account(book, code, name, parent, above.class_, above.side, above.funds, above.dimensions, True)
    write_accounts(conn, trust_id, [added])
    mark_setup_changed(conn, trust_id)
    return added


def close_account(conn: Connection, trust_id: int, book: str, code: str, closed_on: date) -> None:
    """Stop an account from taking postings dated after ``closed_on``. What is posted stays."""
    result = conn.execute(
        update(account_table)
        .where(
            account_table.c.trust_id == trust_id, account_table.c.book == book, account_table.c.code == code
        )
        .values(closed_on=closed_on)
    )
    if result.rowcount == 0:
        raise refuse("unknown_account", f"没有科目 {code}，无法停用", "科目编码")
    mark_setup_changed(conn, trust_id)


_changing: WeakSet[Transaction] = WeakSet()


def mark_setup_changed(conn: Connection, trust_id: int) -> None:
    """Tell everyone who keeps this trust's set-up in memory that it is out of date."""
    conn.execute(
        update(trust_head)
        .where(trust_head.c.trust_id == trust_id)
        .values(setup_version=trust_head.c.setup_version + 1)
    )
    if (transaction := conn.get_transaction()) is not None:
        _changing.add(transaction)


def setup_changed_here(conn: Connection) -> bool:
    """Whether the transaction now under way changed a set-up, so that its version may yet be undone."""
    return conn.get_transaction() in _changing


def _split(text: str) -> tuple[str, ...]:
    return tuple(part for part in text.split("|") if part)


def _row(trust_id: int, account: Account) -> dict[str, Any]:
    unknown = set(account.funds) - set(FUNDS)
    if unknown:
        raise ValueError(f"account {account.code} names unknown funds {sorted(unknown)}")
    return {
        "trust_id": trust_id,
        "book": account.book,
        "code": account.code,
        "name": account.name,
        "parent": account.parent,
        "class_": account.class_,
        "side": account.side,
        "funds": "|".join(account.funds),
        "dimensions": "|".join(account.dimensions),
        "leaf": account.leaf,
        "closed_on": account.closed_on,
    }
