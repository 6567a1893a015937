"""A month of a small community: charges, what the bank's statement shows, the cleaners' bill."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from sqlalchemy import Connection

from disclosure.demo.bookkeeper import PEOPLE, Bookkeeper
from disclosure.demo.community import Supplier
from disclosure.demo.statement_files import write_statement
from ledger.bank import BankLine
from ledger.billing import charge_property_fee
from ledger.journal import Document, Line, reverse
from ledger.money import format_yuan
from ledger.periods.calendar import period_of
from ledger.store.engine import writing
from ledger.trust import BankAccount

_FORMAT = "ccb-corporate"
_BILLED = 16
_NEVER_PAYS = 7
"""One home in so many."""


def live_month(
    keeper: Bookkeeper,
    account: BankAccount,
    cleaner: Supplier,
    month: date,
    until: date,
    opening: int,
    *,
    mistaken: bool,
) -> int:
    """Live a month up to a day; ``opening`` is the bank's balance before it, fen. Returns the one after."""
    with writing(keeper.engine) as conn:
        charge_property_fee(conn, keeper.trust_id, period_of(month), **PEOPLE, act=keeper.act(month, hour=9))
        _bill(conn, keeper, cleaner, month, min(month.replace(day=_BILLED), until))
    owed = keeper.owed_by("112201", month)
    paying = [unit for place, unit in enumerate(sorted(owed)) if place % _NEVER_PAYS]
    lines = [
        _line(min(month + timedelta(days=4 + sum(map(ord, unit)) % 12), until), owed[unit], "业主", unit)
        for unit in paying
    ]
    lines.append(_line(until, -cleaner.monthly, cleaner.name, cleaner.title))
    lines.sort(key=lambda line: line.occurred_at)
    data = write_statement(
        _FORMAT, lines, account_no=account.number, account_name=account.holder, opening=opening
    )
    keeper.import_file(account.code, data, f"{account.code}-{month:%Y%m}.csv", until)
    _book(keeper, cleaner, month, until)
    if mistaken:
        with writing(keeper.engine) as conn:
            _mistake(conn, keeper, until)
    return opening + sum(line.amount for line in lines)


def _line(on: date, fen: int, who: str, memo: str) -> BankLine:
    """Numbered by what it is for, so that it is the same every time the demo is made."""
    moment = datetime.combine(on, time(9 + sum(map(ord, memo)) % 8, sum(map(ord, memo)) % 60))
    return BankLine(0, moment, fen, None, who, "", memo, f"{on:%Y%m%d}-{memo}")


def _book(keeper: Bookkeeper, cleaner: Supplier, month: date, day: date) -> None:
    """Every line of the statement gets its entry."""
    for line in keeper.open_lines():
        if line.amount > 0:
            keeper.post_for(
                [line], "E02", "收到业主物业费", [Line("112201", "F1", "C", line.amount, unit=line.memo)], day
            )
        else:
            owed = Line("220201", "F1", "D", -line.amount, vendor=cleaner.code, contract=cleaner.contract)
            said = f"付给{cleaner.name}{month.month}月{cleaner.title}费"
            keeper.post_for([line], "E11b", said, [owed], day)


def _bill(conn: Connection, keeper: Bookkeeper, cleaner: Supplier, month: date, day: date) -> None:
    """The cleaners' bill with its papers."""
    papers = (
        _paper(conn, keeper, "invoice", "增值税电子发票", cleaner, keeper.next_invoice(), day),
        _paper(conn, keeper, "acceptance", "服务验收单", cleaner, f"YS-{month:%Y%m}", day),
    )
    keeper.post(
        conn,
        day,
        "E11a",
        f"{cleaner.name}{month.month}月{cleaner.title}费",
        (
            Line(cleaner.account, "F1", "D", cleaner.monthly, vendor=cleaner.code),
            Line("220201", "F1", "C", cleaner.monthly, vendor=cleaner.code, contract=cleaner.contract),
        ),
        f"bill:{month}",
        documents=papers,
        references={"contract": cleaner.contract},
        counterparty=cleaner.name,
        counterparty_public=True,
    )


def _paper(
    conn: Connection, keeper: Bookkeeper, kind: str, title: str, cleaner: Supplier, number: str, day: date
) -> Document:
    rows: Sequence[tuple[str, str, bool]] = (
        ("日期", f"{day:%Y-%m-%d}", False),
        ("单位", cleaner.name, False),
        ("项目", cleaner.title, False),
        ("金额", f"¥{format_yuan(cleaner.monthly)}", False),
    )
    return keeper.paper(conn, kind, title, rows, number, day)


def _mistake(conn: Connection, keeper: Bookkeeper, day: date) -> None:
    """A fee booked that the bank never took, and taken back: what an overseer asks about if it goes on."""
    posted = keeper.post(
        conn,
        day,
        "E16b",
        "银行手续费",
        (Line("5016", "F1", "D", 12_00), Line("100201", "F1", "C", 12_00, bank_account="F1-BANK")),
        f"fee-twice:{day}",
        documents=(Document("bank_line", "手续费回单"),),
    )
    reverse(
        conn,
        keeper.trust_id,
        posted.ref,
        on=day,
        reason="重复入账",
        key=f"demo:fee-twice:{day}:back",
        act=keeper.act(day),
        **PEOPLE,
    )
