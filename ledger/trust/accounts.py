"""The trust's own bank accounts and payment channels, one fund each (专户)."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, insert, select

from ledger.chart import FUNDS, Chart, load_chart
from ledger.errors import Problem, Refused
from ledger.store.tables import bank_account as bank_account_table
from ledger.store.tables import tenure, trust
from ledger.trust.dimensions import add_dimension_values, refuse_taken

KINDS = {"bank": "银行账户", "channel": "微信、支付宝等收款渠道"}
_CASH = {"bank": ("1002", "1001"), "channel": ("1012",)}


@dataclass(frozen=True, slots=True)
class BankAccount:
    """An account at a bank (``kind`` bank) or a payment channel (``kind`` channel) of one fund."""

    code: str
    kind: str
    book: str
    fund: str
    account: str
    bank: str
    holder: str
    number: str


def same_name(name: str) -> str:
    """A name without what a careful eye overlooks: full-width forms, spaces, case, marks between words."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    return "".join(c for c in folded if unicodedata.category(c)[0] in "LN")


def add_bank_accounts(conn: Connection, trust_id: int, accounts: Sequence[BankAccount]) -> None:
    """Record the trust's own bank accounts and payment channels, one fund each.

    An account held in the trustee's own name, now or earlier, is refused: trust money must be kept apart
    (信托法 29). Raises :class:`~ledger.errors.Refused` with all problems.
    """
    if not accounts:
        return
    refuse_taken(conn, trust_id, "bank_account", [item.code for item in accounts])
    trustees = {same_name(name): name for name in _trustees(conn, trust_id)}
    chart = load_chart(conn, trust_id)
    numbers = {
        same_name(number): code
        for code, number in conn.execute(
            select(bank_account_table.c.bank_account, bank_account_table.c.number).where(
                bank_account_table.c.trust_id == trust_id
            )
        )
    }
    problems: list[Problem] = []
    for item in accounts:
        problems += _problems(item, trustees, chart, numbers)
        numbers[same_name(item.number)] = item.code
    if problems:
        raise Refused(problems)
    conn.execute(insert(bank_account_table), [_row(trust_id, item) for item in accounts])
    add_dimension_values(conn, trust_id, "bank_account", [{"code": a.code, "name": a.bank} for a in accounts])


def list_bank_accounts(conn: Connection, trust_id: int) -> list[BankAccount]:
    """All accounts by fund and code."""
    rows = conn.execute(
        select(bank_account_table)
        .where(bank_account_table.c.trust_id == trust_id)
        .order_by(bank_account_table.c.book, bank_account_table.c.fund, bank_account_table.c.bank_account)
    )
    return [
        BankAccount(r.bank_account, r.kind, r.book, r.fund, r.account, r.bank, r.holder, r.number)
        for r in rows
    ]


def cash_accounts(chart: Chart, kind: str, fund: str) -> list[tuple[str, str]]:
    """Code and name of the accounts that money of a fund may lie in."""
    if fund not in FUNDS or kind not in _CASH:
        return []
    return [
        (account.code, account.name)
        for account in chart.of_book(FUNDS[fund].book)
        if account.leaf and fund in account.funds and account.code.startswith(_CASH[kind])
    ]


def _trustees(conn: Connection, trust_id: int) -> list[str]:
    now = conn.execute(select(trust.c.trustee).where(trust.c.trust_id == trust_id)).scalars().all()
    ever = conn.execute(select(tenure.c.trustee).where(tenure.c.trust_id == trust_id)).scalars()
    return [*now, *ever]


def _problems(
    item: BankAccount, trustees: Mapping[str, str], chart: Chart, numbers: Mapping[str, str]
) -> Iterator[Problem]:
    if same_name(item.holder) in trustees:
        yield Problem(
            "trustee_own_account",
            f"账户“{item.bank}”的户名是受托人自己，不能用来存放信托资金；请用以本小区名义开立的专户（信托法第二十九条）",
            item.code,
        )
    titles = {"账户代码": item.code, "开户行或渠道": item.bank, "户名": item.holder, "账号": item.number}
    for title, text in titles.items():
        if not text.strip():
            yield Problem("empty_field", f"请填写{title}", item.code or title)
    fund = FUNDS.get(item.fund)
    if fund is None or fund.book != item.book:
        yield Problem("unknown_fund", f"账套 {item.book} 没有基金“{item.fund}”", item.code)
        return
    if item.kind not in KINDS:
        yield Problem("bad_kind", f"账户种类只能是{'、'.join(KINDS.values())}", item.code)
        return
    fits = dict(cash_accounts(chart, item.kind, item.fund))
    if item.account not in fits:
        shown = "、".join(f"{code} {name}" for code, name in fits.items()) or "没有"
        yield Problem(
            "account_off_fund",
            f"科目 {item.account} 不是{fund.name}存放这类资金的科目，可选：{shown}",
            item.code,
        )
    if (other := numbers.get(same_name(item.number))) is not None:
        yield Problem(
            "number_taken",
            f"账号与已登记的账户“{other}”相同；一个账户只属于一个基金，不同基金的钱请分户存放",
            item.code,
        )


def _row(trust_id: int, item: BankAccount) -> dict[str, object]:
    return {
        "trust_id": trust_id,
        "bank_account": item.code,
        "kind": item.kind,
        "book": item.book,
        "fund": item.fund,
        "account": item.account,
        "bank": item.bank,
        "holder": item.holder,
        "number": item.number,
    }
