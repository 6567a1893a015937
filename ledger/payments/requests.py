"""A vendor's invoice into the books (E11a), and the request to pay what is owed (E11b)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import Connection, func, insert, select

from ledger.errors import Problem, Refused
from ledger.journal import Document, Draft, Line
from ledger.journal.head import peek_head
from ledger.journal.person_names import shown_name
from ledger.money import format_yuan
from ledger.payments.contracts import ContractFile, read_contract
from ledger.payments.payables import (
    OWED,
    PAYABLE,
    RETENTION,
    Payable,
    open_payables,
    vendor_name,
    waiting_drafts,
)
from ledger.store.tables import invoice_use, payable_due
from ledger.trust.act import Act
from ledger.trust.lock import lock_trust
from ledger.trust.setup import Setup, load_setup
from ledger.work import Work

RELATED_CONSENT = "related_party_consent"


@dataclass(frozen=True, slots=True)
class VendorInvoice:
    """An invoice as it is put down. ``costs``: expense account and fen, together the invoice's total.

    ``retention`` in fen is kept back until ``retention_due`` (质保金).
    """

    contract: str
    number: str
    fund: str
    on: date
    costs: tuple[tuple[str, int], ...]
    summary: str = ""
    due_on: date | None = None
    retention: int = 0
    retention_due: date | None = None
    budget_line: str = ""
    documents: tuple[Document, ...] = ()

    @property
    def total(self) -> int:
        """The invoice's total in fen."""
        return sum(amount for _, amount in self.costs)


@dataclass(frozen=True, slots=True)
class PaymentRequest:
    """What is to be paid to one vendor: debts by :attr:`Payable.key`, and fen of each."""

    parts: Mapping[str, int]
    bank_account: str
    on: date
    summary: str = ""
    consent: str = ""
    resolution: str = ""
    budget_line: str = ""
    documents: tuple[Document, ...] = field(default=())


def invoice_work(conn: Connection, trust_id: int, invoice: VendorInvoice, act: Act) -> Work:
    """An invoice as work: the costs, what is owed, what is kept back.

    Raises :class:`~ledger.errors.Refused` if it goes beyond the contract or does not add up. When each
    debt falls due is kept too.
    """
    lock_trust(conn, trust_id)
    file = read_contract(conn, trust_id, invoice.contract)
    problems = [*_invoice_problems(invoice), *_beyond_contract(conn, trust_id, invoice, file)]
    if problems:
        raise Refused(problems)
    number = "".join(invoice.number.split())
    key = f"invoice:{number}:{_uses(conn, trust_id, number) + 1}"
    owed = [(OWED, invoice.total - invoice.retention, invoice.due_on)]
    owed.append((RETENTION, invoice.retention, invoice.retention_due))
    _keep_due(conn, trust_id, key, owed, act)
    lines = [Line(account, invoice.fund, "D", amount) for account, amount in invoice.costs]
    lines += [
        Line(account, invoice.fund, "C", amount, vendor=file.purchase.vendor, contract=invoice.contract)
        for account, amount, _ in owed
        if amount
    ]
    references = {"contract": invoice.contract}
    if invoice.budget_line:
        references["budget_line"] = invoice.budget_line
    summary = invoice.summary or f"{file.purchase.title}发票入账"
    draft = Draft(
        book="A",
        date=invoice.on,
        event="E11a",
        summary=summary,
        lines=tuple(lines),
        preparer="",
        reviewer="",
        key=key,
        documents=invoice.documents,
        references=references,
        counterparty=file.party_name,
        counterparty_public=True,
    )
    return Work(kind="invoice", title=f"{file.party_name}：{summary}", drafts=(draft,))


def _beyond_contract(
    conn: Connection, trust_id: int, invoice: VendorInvoice, file: ContractFile
) -> Iterator[Problem]:
    """No more is invoiced than the contract names, invoices in work included."""
    if file.left is None:
        return
    waiting = sum(
        line.amount
        for draft in waiting_drafts(conn, trust_id)
        for line in draft.lines
        if line.side == "C" and line.contract == invoice.contract and line.account in (OWED, RETENTION)
    )
    if invoice.total > file.left - waiting:
        yield Problem(
            "beyond_contract",
            f"合同总额 {format_yuan(file.purchase.total or 0)} 元，还能开票 {format_yuan(file.left - waiting)} 元，"
            f"这张发票 {format_yuan(invoice.total)} 元超过了；如有补充协议，请先在合同里登记",
            "金额",
        )


def _invoice_problems(invoice: VendorInvoice) -> list[Problem]:
    problems = []
    if not invoice.costs or any(amount <= 0 for _, amount in invoice.costs):
        problems.append(Problem("bad_amount", "请至少填写一行费用，金额大于零", "费用"))
    if not 0 <= invoice.retention < max(invoice.total, 1):
        problems.append(Problem("bad_retention", "质保金须小于发票金额", "质保金"))
    if invoice.retention and invoice.retention_due is None:
        problems.append(Problem("missing", "扣了质保金，请填写质保到期日", "质保到期日"))
    return problems


def _uses(conn: Connection, trust_id: int, number: str) -> int:
    """How often an invoice number was used: a further use gets a key of its own, the journal judges it."""
    query = select(func.count()).where(invoice_use.c.trust_id == trust_id, invoice_use.c.invoice == number)
    return int(conn.execute(query).scalar_one())


def _keep_due(
    conn: Connection,
    trust_id: int,
    key: str,
    owed: Sequence[tuple[str, int, date | None]],
    act: Act,
) -> None:
    last = {
        row.account: row.version
        for row in conn.execute(
            select(payable_due.c.account, func.max(payable_due.c.version).label("version"))
            .where(payable_due.c.trust_id == trust_id, payable_due.c.idempotency_key == key)
            .group_by(payable_due.c.account)
        )
    }
    rows = [
        {
            "trust_id": trust_id,
            "idempotency_key": key,
            "account": account,
            "version": last.get(account, 0) + 1,
            "due_on": due_on,
            "recorded_at": act.now,
        }
        for account, amount, due_on in owed
        if amount and due_on is not None
    ]
    if rows:
        conn.execute(insert(payable_due), rows)


def payment_work(conn: Connection, trust_id: int, request: PaymentRequest, act: Act) -> Work:
    """A request to pay debts of one vendor from one account, in full or in part.

    Raises :class:`~ledger.errors.Refused` if more is asked than is open, or the debts are not of one
    vendor and of the account's fund.
    """
    lock_trust(conn, trust_id)
    setup = load_setup(conn, trust_id, peek_head(conn, trust_id).setup_version)
    debts = {debt.key: debt for debt in open_payables(conn, trust_id)}
    chosen = [(debts[key], amount) for key, amount in request.parts.items() if key in debts]
    problems = _payment_problems(setup, request, debts, chosen)
    if problems:
        raise Refused(problems)
    first = chosen[0][0]
    total = sum(amount for _, amount in chosen)
    name = vendor_name(setup, first.vendor)
    _, cash, fund = setup.bank_accounts[request.bank_account]
    references = {PAYABLE: " ".join(debt.ref for debt, _ in chosen)}
    named = {
        RELATED_CONSENT: request.consent,
        "resolution": request.resolution,
        "budget_line": request.budget_line,
    }
    for kind, ref in named.items():
        if ref.strip():
            references[kind] = ref.strip()
    lines = [
        Line(debt.account, debt.fund, "D", amount, vendor=debt.vendor, contract=debt.contract)
        for debt, amount in chosen
    ]
    lines.append(Line(cash, fund, "C", total, bank_account=request.bank_account))
    what = "质保金" if all(debt.retention for debt, _ in chosen) else "货款、服务费"
    summary = request.summary or f"支付{shown_name(name)}{what}"
    draft = Draft(
        book="A",
        date=request.on,
        event="E11b",
        summary=summary,
        lines=tuple(lines),
        preparer="",
        reviewer="",
        key=f"payment:{act.entropy(12).hex()}",
        documents=request.documents,
        references=references,
        counterparty=name,
        counterparty_public=True,
    )
    return Work(kind="payment", title=f"{name}：{summary}", drafts=(draft,))


def _payment_problems(
    setup: Setup,
    request: PaymentRequest,
    debts: Mapping[str, Payable],
    chosen: Sequence[tuple[Payable, int]],
) -> list[Problem]:
    problems = [
        Problem("not_owed", "这笔应付不存在，或已经付清", key) for key in request.parts if key not in debts
    ]
    if not request.parts:
        problems.append(Problem("nothing_chosen", "请勾选要付的应付款，并填写本次付款金额", "应付款"))
    for debt, amount in chosen:
        if amount <= 0:
            problems.append(Problem("bad_amount", "本次付款金额须大于零", debt.ref))
        elif amount > debt.open:
            held = f"，其中 {format_yuan(debt.in_work)} 元已在别的单据里" if debt.in_work else ""
            problems.append(
                Problem(
                    "beyond_payable",
                    f"要付 {format_yuan(amount)} 元，超过可付的 {format_yuan(debt.open)} 元{held}",
                    debt.ref,
                )
            )
    if len({debt.vendor for debt, _ in chosen}) > 1:
        problems.append(Problem("several_vendors", "一次只能付给一家供应商，请分开申请", "应付款"))
    home = setup.bank_accounts.get(request.bank_account)
    if home is None or not home[1].startswith("1002"):
        problems.append(Problem("bad_account", "请选择付款的银行账户", "付款账户"))
    elif {debt.fund for debt, _ in chosen} - {home[2]}:
        problems.append(
            Problem("other_fund", "所选应付款不属于这个账户的资金，不能挪用，请换账户或分开申请", "付款账户")
        )
    return problems
