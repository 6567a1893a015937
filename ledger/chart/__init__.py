"""Funds, books and accounts of a trust.

Book A holds the owners' common fund, kept in five funds that each balance by themselves: F1 property
service (物业服务), F2 shared revenue (公共收益), F3 deposits (押金), F4 pass-through (代收代付),
F5 special projects (专项项目). Book M holds the residential maintenance fund (住宅专项维修资金) and is
never merged with book A. The default charts are the CSV files in ``data/``; a community may add leaves.
"""

from ledger.chart.model import FUNDS, Account, Chart, Fund, account_class_name
from ledger.chart.store import add_account, close_account, load_chart, load_default_chart

__all__ = [
    "FUNDS",
    "Account",
    "Chart",
    "Fund",
    "account_class_name",
    "add_account",
    "close_account",
    "load_chart",
    "load_default_chart",
]
