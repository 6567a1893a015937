"""All tables. Amounts are ``BigInteger`` fen, areas integers of 0.01 m², days ``Date``, instants UTC.

``seq`` is the place of an entry in its trust's log (0, 1, 2, …): primary key, leaf index and the
clock "as known at" in one. ``APPEND_ONLY`` lists what no one may change once written.
"""

from ledger.store.tables.bank import bank_account, bank_balance, bank_file, bank_line, bank_match
from ledger.store.tables.base import metadata
from ledger.store.tables.entries import (
    DIMENSIONS,
    document,
    entry,
    entry_document,
    entry_reference,
    entry_salt,
    invoice_use,
    posting,
    posting_detail,
)
from ledger.store.tables.log import checkpoint, leaf, log_key
from ledger.store.tables.periods import period_balance, period_close, statement
from ledger.store.tables.trusts import (
    account,
    contract,
    deed,
    dimension_value,
    fee_standard,
    setting,
    trust,
    trust_head,
    unit,
)

__all__ = [
    "APPEND_ONLY",
    "DIMENSIONS",
    "account",
    "bank_account",
    "bank_balance",
    "bank_file",
    "bank_line",
    "bank_match",
    "checkpoint",
    "contract",
    "deed",
    "dimension_value",
    "document",
    "entry",
    "entry_document",
    "entry_reference",
    "entry_salt",
    "fee_standard",
    "invoice_use",
    "leaf",
    "log_key",
    "metadata",
    "period_balance",
    "period_close",
    "posting",
    "posting_detail",
    "setting",
    "statement",
    "trust",
    "trust_head",
    "unit",
]

APPEND_ONLY = (
    deed,
    setting,
    fee_standard,
    entry,
    posting,
    posting_detail,
    entry_document,
    entry_reference,
    invoice_use,
    document,
    leaf,
    checkpoint,
    log_key,
    period_close,
    period_balance,
    statement,
    bank_file,
    bank_line,
    bank_match,
    bank_balance,
)
