"""Reading the statements of banks, WeChat Pay and Alipay, without a database.

A file becomes lines in four steps, each one module:

1. ``table``: bytes -> rows of text with their row numbers (CSV, XLS, XLSX), nothing executed, everything
   bounded.
2. ``describe``: the declarative descriptions of formats, ``formats/*.toml``. A new bank is a new TOML file,
   no code.
3. ``rows``: one row of text -> one :class:`~ledger.bank.statement.BankLine`, exact to the fen.
4. ``chain`` and ``totals``: what the file says about itself must add up, or the whole file is refused.

``read.read_statement`` runs all four. Amounts are integers in fen (1/100 yuan), signed from the account
holder's view: money in is positive. A bank's own 借 (debit) is money OUT of the account, 贷 (credit) is money
IN.

A camt.053 file (ISO 20022) is XML and goes its own way to the same value, in ``camt``.

Source: the published layouts of the formats, and anonymised exports of them.
"""

from ledger.bank.read import read_statement
from ledger.bank.statement import BankLine, Problem, Statement, StatementError, line_key, line_keys

__all__ = [
    "BankLine",
    "Problem",
    "Statement",
    "StatementError",
    "line_key",
    "line_keys",
    "read_statement",
]
