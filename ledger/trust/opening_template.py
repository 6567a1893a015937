"""The sheet of opening balances to download, with this community's accounts and codes to copy from."""

from __future__ import annotations

from ledger.trust.dimensions import DIMENSION_TITLES
from ledger.trust.opening_balances import OPENING_FORM
from ledger.trust.setup import Setup
from ledger.trust.workbooks import Reference, template_xlsx

_COPIED = ("bank_account", "vendor", "contract", "project", "party")


def opening_template(setup: Setup) -> bytes:
    """The empty sheet, the chart of both books, and the codes on record."""
    return template_xlsx(OPENING_FORM, (_chart(setup), _codes(setup)))


def _chart(setup: Setup) -> Reference:
    rows = [
        (
            f"{account.code} {account.name}",
            "、".join(account.funds),
            "借" if account.side == "D" else "贷",
            "、".join(DIMENSION_TITLES[name] for name in account.dimensions),
        )
        for book in ("A", "M")
        for account in setup.chart.of_book(book)
        if account.leaf and account.closed_on is None and account.class_ not in ("I", "E")
    ]
    return Reference("科目表", (("科目编码", 34), ("可用基金", 20), ("一般方向", 10), ("要写明", 20)), rows)


def _codes(setup: Setup) -> Reference:
    rows = [
        (DIMENSION_TITLES[dimension], code, value.name)
        for dimension in _COPIED
        for (of, code), value in sorted(setup.values.items())
        if of == dimension and value.closed_on is None
    ]
    return Reference("已登记的代码", (("种类", 16), ("代码", 16), ("名称", 40)), rows)
