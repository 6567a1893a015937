"""Bring a statement file into the books' bank lines: whole or not at all, never twice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from itertools import islice
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, insert, select

from ledger.bank import camt
from ledger.bank.bulk import insert_rows
from ledger.bank.confirming import confirm
from ledger.bank.describe import Format
from ledger.bank.read import read_statement, shown_name
from ledger.bank.saved_formats import formats_of
from ledger.bank.statement import BankLine, Statement, keyed_lines
from ledger.errors import refuse
from ledger.journal.head import lock_head
from ledger.store.tables import bank_account, bank_balance, bank_file, bank_line, bank_waiver
from ledger.trust.act import Act

_KEYS_A_QUERY = 5_000


@dataclass(frozen=True, slots=True)
class Imported:
    """What a file brought: its lines, how many were new, and the days it covers."""

    bank_account: str
    format: str
    lines: int
    new: int
    balance_verified: bool
    already: bool = False
    confirmed: int = 0
    """Lines that only confirm a payment or receipt the books had already."""


def import_statement(
    conn: Connection,
    trust_id: int,
    bank_account_code: str,
    data: bytes,
    filename: str,
    *,
    by: str,
    act: Act,
    accept_unverified_balance: bool = False,
    reason: str = "",
) -> Imported:
    """Read a statement file of one bank account or channel and keep its new lines.

    The same file, or one that overlaps an earlier one, adds nothing twice. Lines that confirm what the books
    have already are linked at once. ``reason``: why balances that can't be checked are accepted. Raises
    :class:`~ledger.bank.statement.StatementError` for a file that can't be read whole and
    :class:`~ledger.errors.Refused` if it belongs to another account.
    """
    lock_head(conn, trust_id)
    account = own_account(conn, trust_id, bank_account_code)
    digest = sha256(data).hexdigest()
    earlier = earlier_file(conn, trust_id, bank_account_code, digest)
    if earlier is not None:
        return Imported(
            bank_account_code, earlier.format, earlier.line_count, 0, earlier.balance_verified, already=True
        )
    formats = formats_of(conn, trust_id)
    statement = read_statement(data, filename, formats, accept_unverified_balance=accept_unverified_balance)
    refuse_other_account(account, statement, filename, formats)
    new = _keep_lines(conn, trust_id, bank_account_code, digest, statement)
    if statement.balance_verified:
        _keep_balances(conn, trust_id, bank_account_code, digest, statement, act)
    _keep_file(conn, trust_id, bank_account_code, digest, filename, statement, new, by, reason, act)
    confirmed = len(confirm(conn, trust_id, act).certain) if new else 0
    return Imported(
        bank_account_code,
        statement.format_id,
        len(statement.lines),
        new,
        statement.balance_verified,
        confirmed=confirmed,
    )


def _keep_file(
    conn: Connection,
    trust_id: int,
    code: str,
    digest: str,
    filename: str,
    statement: Statement,
    new: int,
    by: str,
    reason: str,
    act: Act,
) -> None:
    """Note the file, and for ever why its balances were not checked, if they were not."""
    conn.execute(
        insert(bank_file).values(
            trust_id=trust_id,
            bank_account=code,
            sha256=digest,
            format=statement.format_id,
            filename=shown_name(filename),
            line_count=len(statement.lines),
            new_count=new,
            balance_verified=statement.balance_verified,
            waived=msgspec.json.encode([str(problem) for problem in statement.waived]).decode(),
            imported_at=act.now,
            imported_by=by,
        )
    )
    if statement.waived:
        conn.execute(
            insert(bank_waiver).values(
                trust_id=trust_id,
                bank_account=code,
                sha256=digest,
                reason=reason.strip() or "未写明",
                waived_at=act.now,
                waived_by=by,
            )
        )


def earlier_file(conn: Connection, trust_id: int, code: str, digest: str) -> Row[Any] | None:
    """The same bytes imported before, if they were."""
    return conn.execute(
        select(bank_file).where(
            bank_file.c.trust_id == trust_id,
            bank_file.c.bank_account == code,
            bank_file.c.sha256 == digest,
        )
    ).first()


def record_bank_balance(
    conn: Connection,
    trust_id: int,
    bank_account_code: str,
    as_of: date,
    balance: int,
    document: str,
    act: Act,
) -> None:
    """Record what the bank itself confirms where a month had no lines: its balance slip (余额对账单).

    ``document`` is the SHA-256 hex of the slip, ``balance`` fen. Raises :class:`~ledger.errors.Refused` if
    the slip was recorded for that day before.
    """
    lock_head(conn, trust_id)
    own_account(conn, trust_id, bank_account_code)
    known = select(bank_balance.c.balance).where(
        bank_balance.c.trust_id == trust_id,
        bank_balance.c.bank_account == bank_account_code,
        bank_balance.c.as_of == as_of,
        bank_balance.c.sha256 == document,
    )
    if conn.execute(known).first() is not None:
        raise refuse("told_before", f"这张对账单 {as_of} 的余额已经登记过", "对账单附件")
    conn.execute(
        insert(bank_balance).values(
            trust_id=trust_id,
            bank_account=bank_account_code,
            as_of=as_of,
            sha256=document,
            balance=balance,
            recorded_at=act.now,
        )
    )


def own_account(conn: Connection, trust_id: int, code: str) -> Row[Any]:
    """The registered account. Raises :class:`~ledger.errors.Refused` if there is none."""
    row = conn.execute(
        select(bank_account).where(bank_account.c.trust_id == trust_id, bank_account.c.bank_account == code)
    ).first()
    if row is None:
        raise refuse("unknown_bank_account", f"本小区没有登记账户“{code}”，请先登记", "银行账户")
    return row


def refuse_other_account(
    account: Row[Any], statement: Statement, filename: str, formats: Sequence[Format]
) -> None:
    """Raise :class:`~ledger.errors.Refused` if the file tells another account, or is of another kind."""
    told = statement.account_no
    if told and "*" not in told and told != account.number:
        raise refuse(
            "other_account",
            f"文件是账号尾号 {told[-4:]} 的流水，不是“{account.bank}”（尾号 {account.number[-4:]}）的；请选对账户再导入",
            filename,
        )
    kinds = {form.id: form.kind for form in formats} | {camt.FORMAT_ID: "bank"}
    if kinds[statement.format_id] != account.kind:
        raise refuse("other_kind", f"“{account.bank}”与文件类型不符：一个是银行，一个是收款渠道", filename)


def _keep_lines(conn: Connection, trust_id: int, code: str, digest: str, statement: Statement) -> int:
    rows = (
        (
            trust_id,
            code,
            key,
            digest,
            line.row,
            line.occurred_at.date(),
            line.occurred_at.isoformat(),
            line.amount,
            line.balance,
            line.counterparty_name,
            line.counterparty_account,
            line.memo,
            line.flow_no,
        )
        for key, line in new_lines(conn, trust_id, code, statement.lines)
    )
    return insert_rows(conn, bank_line, rows)


def new_lines(
    conn: Connection, trust_id: int, code: str, lines: Sequence[BankLine]
) -> Iterator[tuple[str, BankLine]]:
    """Those of a file's lines that were not imported before, with their keys; some thousands at a time."""
    keyed = keyed_lines(lines)
    while some := dict(islice(keyed, _KEYS_A_QUERY)):
        known = set(
            conn.execute(
                select(bank_line.c.line_key).where(
                    bank_line.c.trust_id == trust_id,
                    bank_line.c.bank_account == code,
                    bank_line.c.line_key.in_(list(some)),
                )
            ).scalars()
        )
        yield from (item for item in some.items() if item[0] not in known)


def _keep_balances(
    conn: Connection, trust_id: int, code: str, digest: str, statement: Statement, act: Act
) -> None:
    """The last balance of each day, as the bank itself states it."""
    by_day = {line.occurred_at.date(): line.balance for line in statement.lines if line.balance is not None}
    conn.execute(
        insert(bank_balance),
        [
            {
                "trust_id": trust_id,
                "bank_account": code,
                "as_of": day,
                "sha256": digest,
                "balance": balance,
                "recorded_at": act.now,
            }
            for day, balance in by_day.items()
        ],
    )
