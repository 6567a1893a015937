"""The books as Chinese accounting rules want them: read models, one value a book, in fen and days.

Vouchers (记账凭证), subsidiary ledger (明细账), general ledger (总账), table of balances (科目余额表),
income and expense (收支表), balance sheet (资产负债表), households' sub-accounts of the maintenance fund
(户分账). Page, spreadsheet and paper are renderings of these values, made elsewhere. They hold private
fields and are for those who keep and supervise the books. Balances taken over when the books opened
count as opening balances (期初), not as movements.
"""

from ledger.books.difference import Change, changes, manner
from ledger.books.dossier import BankLineOfEntry, Dossier, Signatures, dossier, signatures_of
from ledger.books.general import GeneralAccount, MonthOfAccount, general_accounts
from ledger.books.households import HouseholdLine, buildings, household_lines, household_totals, sum_of
from ledger.books.income import Figures, IncomeLine, IncomeTable, income_tables
from ledger.books.movements import Movement, accounts_with_a_page, movements
from ledger.books.position import BalanceSheet, Part, PositionLine, balance_sheet
from ledger.books.postings import Place, Scope
from ledger.books.search import Found, Wanted, search_entries
from ledger.books.span import Span, View, view_of
from ledger.books.subsidiary import Kind, LedgerPage, LedgerRow, ledger_page, ledger_rows
from ledger.books.trial import ALL_LEVELS, TrialLine, TrialTable, trial_table, trial_tables
from ledger.books.vouchers import (
    Voucher,
    VoucherLine,
    VoucherPage,
    VoucherRange,
    voucher_page,
    vouchers_of,
)

__all__ = [
    "ALL_LEVELS",
    "BalanceSheet",
    "BankLineOfEntry",
    "Change",
    "Dossier",
    "Figures",
    "Found",
    "GeneralAccount",
    "HouseholdLine",
    "IncomeLine",
    "IncomeTable",
    "Kind",
    "LedgerPage",
    "LedgerRow",
    "MonthOfAccount",
    "Movement",
    "Part",
    "Place",
    "PositionLine",
    "Scope",
    "Signatures",
    "Span",
    "TrialLine",
    "TrialTable",
    "View",
    "Voucher",
    "VoucherLine",
    "VoucherPage",
    "VoucherRange",
    "Wanted",
    "accounts_with_a_page",
    "balance_sheet",
    "buildings",
    "changes",
    "dossier",
    "general_accounts",
    "household_lines",
    "household_totals",
    "income_tables",
    "ledger_page",
    "ledger_rows",
    "manner",
    "movements",
    "search_entries",
    "signatures_of",
    "sum_of",
    "trial_table",
    "trial_tables",
    "view_of",
    "voucher_page",
    "vouchers_of",
]
