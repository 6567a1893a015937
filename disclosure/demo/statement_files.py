"""Writing statement files the way banks and channels do, so that the demonstration imports real-looking
files.

The layout comes from the ``[export]`` part of the same description by which the file is read back. Nothing
here is used outside the demonstration and tests.
"""

import csv
import io
from collections.abc import Iterable, Sequence

from ledger.bank.amounts import yuan
from ledger.bank.describe import Export, Format, builtin_formats
from ledger.bank.statement import BankLine


def write_statement(
    format_id: str, lines: Sequence[BankLine], *, account_no: str, account_name: str, opening: int
) -> bytes:
    """Return a file in the format ``format_id`` that holds ``lines``, given from oldest to newest.

    Balances are computed from ``opening`` (fen, the balance before the first line); the lines' own ``row``
    and ``balance`` are not used. Each format keeps only what it has columns for: wechat-merchant drops the
    counterparty's name, channels drop what the source does not print. In wechat-merchant, lines of fees
    (flow number ending in ``-微信支付手续费``) go into the fee column of the order they belong to.

    Raises ``ValueError`` for a format without ``[export]``, no lines, or a fee line without its order.
    """
    form = next((form for form in builtin_formats() if form.id == format_id), None)
    if form is None or form.export is None:
        raise ValueError(f"格式 {format_id} 不能写出，只能读入")
    if not lines:
        raise ValueError("没有一笔流水，写不出文件")
    facts = {"account_no": account_no, "account_name": account_name} | _facts(lines)
    orders, fees = _split_fees(form, lines)
    facts |= {"count": str(len(orders)), "fee": _plain(-sum(fees.values()))}
    facts |= {"gross_in": _gross(orders, 1), "gross_out": _gross(orders, -1)}
    rows, balance = [], opening
    for line in orders:
        balance += line.amount
        fee = fees.get(line.flow_no, 0)
        rows.append(_row(form, form.export, line, balance=balance, fee=fee, facts=facts))
    if form.order == "newest-first":
        rows.reverse()
    return _encode(form, form.export, rows, facts)


def _facts(lines: Sequence[BankLine]) -> dict[str, str]:
    return {
        "start": f"{lines[0].occurred_at:%Y-%m-%d} 00:00:00",
        "end": f"{lines[-1].occurred_at:%Y-%m-%d} 23:59:59",
        "count_in": str(sum(line.amount > 0 for line in lines)),
        "count_out": str(sum(line.amount < 0 for line in lines)),
    }


def _plain(fen: int) -> str:
    return yuan(fen).replace(",", "")


def _gross(lines: Iterable[BankLine], sign: int) -> str:
    return _plain(sum(abs(line.amount) for line in lines if line.amount * sign > 0))


def _split_fees(form: Format, lines: Sequence[BankLine]) -> tuple[list[BankLine], dict[str, int]]:
    if form.fee is None:
        return list(lines), {}
    suffix = f"-{form.fee.memo}"
    fees = {line.flow_no.removesuffix(suffix): line.amount for line in lines if line.flow_no.endswith(suffix)}
    orders = [line for line in lines if not line.flow_no.endswith(suffix)]
    if stray := fees.keys() - {line.flow_no for line in orders}:
        raise ValueError(f"手续费没有对应的订单：{'、'.join(sorted(stray))}")
    return orders, fees


def _row(
    form: Format, export: Export, line: BankLine, *, balance: int, fee: int, facts: dict[str, str]
) -> list[str]:
    columns, money_in = form.columns, line.amount > 0
    amount = _plain(abs(line.amount))
    cells = dict.fromkeys(export.header, "")

    def put(candidates: Sequence[str], text: str) -> None:
        if place := next((name for name in candidates if name in cells), None):
            cells[place] = text

    put(columns.date, line.occurred_at.strftime(export.date))
    if export.time:
        put(columns.time, line.occurred_at.strftime(export.time))
    put(columns.account, facts["account_no"])
    put(columns.counterparty_name, line.counterparty_name)
    put(columns.counterparty_account, line.counterparty_account)
    put(columns.memo, line.memo)
    put(columns.flow_no, line.flow_no)
    put(columns.balance, _plain(balance))
    if form.sign.how == "columns":
        put(columns.in_, amount if money_in else export.zero)
        put(columns.out, export.zero if money_in else amount)
    else:
        put(columns.amount, export.money_prefix + amount)
        put(columns.direction, (form.sign.in_ if money_in else form.sign.out)[0])
    if form.fee:
        put((form.fee.column,), f"{_plain(-fee)}{'0' * (form.fee.decimals - 2)}")
    known = facts | {"flow_no": line.flow_no, "amount": amount}
    for name, template in (export.fixed if money_in else export.fixed | export.fixed_out).items():
        cells[name] = template.format_map(known)
    for name in export.tab_after:
        cells[name] += "\t"
    return list(cells.values())


def _encode(form: Format, export: Export, rows: Iterable[Sequence[str]], facts: dict[str, str]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    tail = [""] if export.trailing_comma else []
    for template in export.lead:
        padding = [""] * (export.lead_width - 1)
        writer.writerow([template.format_map(facts), *padding])
    writer.writerow([*export.header, *tail])
    writer.writerows([*(form.cell_prefix + cell for cell in row), *tail] for row in rows)
    if export.totals_header:
        writer.writerow(export.totals_header)
        writer.writerow([form.cell_prefix + cell for cell in _totals(form, export, facts)])
    return text.getvalue().encode(export.encoding)


def _totals(form: Format, export: Export, facts: dict[str, str]) -> list[str]:
    told = {name: template.format_map(facts) for name, template in export.totals_fixed.items()}
    if (totals := form.totals) and form.fee:
        told |= {totals.count: facts["count"], totals.in_: facts["gross_in"], totals.out: facts["gross_out"]}
        told[totals.fee] = facts["fee"] + "0" * (form.fee.decimals - 2)
    return [told[name] for name in export.totals_header]
