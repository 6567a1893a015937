"""ISO 20022 camt.053 (Bank to Customer Statement) -> a :class:`Statement`.

The message's classes and their decoding come from pyiso20022 and xsdata. Nothing is decoded before expat has
gone over the bytes: a document type (hence any entity), endless nesting and more entries than a statement has
are refused there. Amounts come as ``Decimal`` and must be whole fen.

Only booked entries (BOOK) moved money. An entry the bank booked as a batch becomes its transactions if their
amounts add up to it. The message states no balance after each entry, only the first and the last; if the
entries lead from one to the other, the balances between them follow.

Source: ISO 20022, Bank-to-Customer Cash Management, camt.053.001.01 to .12.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from importlib import import_module
from typing import Any
from xml.parsers import expat

from ledger.bank.amounts import yuan
from ledger.bank.camt_entry import account_number, code_of, fen_of, memo_of, moment_of, other_side, parts_of
from ledger.bank.cells import MAX_ROWS
from ledger.bank.packed import kept
from ledger.bank.statement import BankLine, Problem, Statement, StatementError
from ledger.bank.table import refusal
from ledger.bank.texts import MAX_TEXT, visible

FORMAT_ID = "camt-053"
FORMAT_NAME = "ISO 20022 camt.053"
_NAMESPACE = re.compile(r"urn:iso:std:iso:20022:tech:xsd:camt\.053\.001\.(0[1-9]|1[0-2])")
_ENCODING = re.compile(rb"<\?xml[^>]*encoding=[\"'](gb18030|gbk|gb2312)[\"'][^>]*\?>", re.IGNORECASE)
_MAX_DEPTH = 60
_BOOKED = "BOOK"
_OPENING, _CLOSING = ("OPBD", "PRCD"), ("CLBD",)
_BALANCE = "余额"


@dataclass(slots=True)
class _Findings:
    lines: list[BankLine] = field(default_factory=list)
    skipped: list[Problem] = field(default_factory=list)
    unreadable: list[Problem] = field(default_factory=list)
    unverified: list[Problem] = field(default_factory=list)
    accounts: set[str] = field(default_factory=set)
    opening: int | None = None
    closing: int | None = None
    number: int = 0


def looks_like_camt(data: bytes) -> bool:
    """Whether the bytes are XML that names the camt.053 message near their beginning."""
    head = data[:4096]
    return head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<") and b"camt.053" in head


def read_camt(data: bytes, *, waive: bool) -> Statement:
    """Read a camt.053 message; ``waive`` as in :func:`ledger.bank.read.read_statement`.

    Raises :class:`StatementError`. In problems and lines ``row`` counts the entries of the file from 1.
    """
    found = _Findings()
    for stated in _statements(_as_utf8(data)):
        _read_statement(stated, found)
    if len(found.accounts) > 1:
        found.unreadable.append(Problem(0, "", "文件里有不止一个账户的对账单，请分账户下载"))
    if found.unreadable:
        raise StatementError(found.unreadable)
    if not found.lines:
        raise refusal("文件里没有一笔已记账的收付，没有可以导入的流水")
    if found.unverified and not waive:
        raise StatementError(found.unverified, waivable=True)
    verified = not found.unverified
    lines = _with_balances(found.lines, found.opening) if verified else found.lines
    return Statement(
        format_id=FORMAT_ID,
        lines=kept(lines),
        opening=found.opening if verified else None,
        closing=found.closing if verified else None,
        balance_verified=verified,
        account_no=next(iter(found.accounts), ""),
        skipped=tuple(found.skipped),
        waived=tuple(found.unverified),
    )


def _as_utf8(data: bytes) -> bytes:
    """Chinese banks also write GB18030, which expat does not know."""
    declared = _ENCODING.match(data.lstrip())
    if declared is None:
        return data
    try:
        return data.lstrip()[declared.end() :].decode("gb18030").encode()
    except UnicodeDecodeError as error:
        raise refusal("文字编码与文件声明的不符，或文件不完整，请重新下载") from error


def _statements(data: bytes) -> list[Any]:
    version = _looked_over(data)
    from xsdata.formats.dataclass.parsers import XmlParser
    from xsdata.formats.dataclass.parsers.config import ParserConfig
    from xsdata.formats.dataclass.parsers.handlers import XmlEventHandler

    message = import_module(f"pyiso20022.camt.camt_053_001_{version}")
    config = ParserConfig(fail_on_unknown_properties=False, fail_on_converter_warnings=True)
    parser = XmlParser(config=config, handler=XmlEventHandler)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            document = parser.from_bytes(data, message.Document)
    # xsdata lets out what the conversion of a damaged value or a missing element raised, of many types.
    except Exception as error:
        raise refusal("不符合 camt.053 的结构，有内容读不懂或缺失，请向银行重新下载") from error
    body = getattr(document, "bk_to_cstmr_stmt", None) or getattr(document, "bk_to_cstmr_stmt_v01", None)
    return list(body.stmt) if body is not None else []


def _looked_over(data: bytes) -> str:
    """Return the version of the message if the XML is whole, plain and bounded."""
    parser = expat.ParserCreate(namespace_separator=" ")
    depth = entries = 0
    version = ""

    def start(tag: str, _attributes: dict[str, str]) -> None:
        nonlocal depth, entries, version
        depth += 1
        space, _, name = tag.rpartition(" ")
        if depth == 1:
            known = _NAMESPACE.fullmatch(space)
            if known is None or name != "Document":
                raise refusal("XML 不是 camt.053.001.01 至 .12 版的对账单，请在网银里选择 camt.053 或 Excel")
            version = known[1]
        entries += name == "Ntry"
        if depth > _MAX_DEPTH or entries > MAX_ROWS:
            raise refusal(f"XML 嵌套过深或超过 {MAX_ROWS} 笔，不像对账单，已拒收")

    def end(_tag: str) -> None:
        nonlocal depth
        depth -= 1

    def doctype(*_: object) -> None:
        raise refusal("XML 里有文档类型或实体声明，对账单不应有，已拒收", row=parser.CurrentLineNumber)

    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.StartDoctypeDeclHandler = doctype
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise refusal("XML 不完整或被改动过，从这一行起读不懂，请重新下载", row=error.lineno) from error
    except (ValueError, LookupError) as error:
        if isinstance(error, StatementError):
            raise
        raise refusal("XML 的文字编码读不懂，请重新下载") from error
    return version


def _read_statement(stated: Any, found: _Findings) -> None:
    """One ``Stmt``: its entries, and whether they lead from its opening to its closing balance."""
    if account := account_number(stated.acct):
        found.accounts.add(account)
    try:
        opening, closing = _balance(stated, _OPENING), _balance(stated, _CLOSING)
    except ValueError as error:
        found.unverified.append(Problem(0, _BALANCE, f"期初或期末余额读不懂：{error}"))
        opening = closing = None
    before, first = len(found.lines), found.number + 1
    for entry in stated.ntry:
        found.number += 1
        try:
            found.lines += _lines(entry, found)
        except ValueError as error:
            found.unreadable.append(Problem(found.number, "", f"（第 {found.number} 笔）{error}"))
    if opening is None or closing is None:
        found.unverified.append(Problem(0, _BALANCE, "文件没有写明期初和期末余额，无法校验余额"))
        return
    moved = sum(line.amount for line in found.lines[before:])
    if opening + moved != closing:
        text = f"期初 {yuan(opening)}，收付净额 {yuan(moved)}，应余 {yuan(opening + moved)}，文件写的期末是 {yuan(closing)}；文件缺笔、多笔或被改动过"
        found.unverified.append(Problem(first, _BALANCE, text))
    if found.closing is not None and found.closing != opening:
        text = f"上一份的期末 {yuan(found.closing)} 与这一份的期初 {yuan(opening)} 接不上"
        found.unverified.append(Problem(first, _BALANCE, text))
    found.opening = opening if found.opening is None else found.opening
    found.closing = closing


def _with_balances(lines: list[BankLine], opening: int | None) -> list[BankLine]:
    balance, kept = opening or 0, []
    for line in lines:
        balance += line.amount
        kept.append(replace(line, balance=balance))
    return kept


def _lines(entry: Any, found: _Findings) -> Iterator[BankLine]:
    """The lines of one ``Ntry``. Raises ``ValueError`` (Chinese) for one that cannot be read."""
    status = code_of(entry.sts)
    if status != _BOOKED:
        found.skipped.append(Problem(found.number, "", f"状态是“{status}”，银行还没有记账"))
        return
    total = fen_of(entry.amt, entry.cdt_dbt_ind)
    if total == 0:
        found.skipped.append(Problem(found.number, "", "金额为 0，没有收付"))
        return
    moment = moment_of(entry.bookg_dt) or moment_of(entry.val_dt)
    if moment is None:
        raise ValueError("没有记账日期")
    number = visible(entry.acct_svcr_ref or "")
    parts = [part for details in entry.ntry_dtls for part in details.tx_dtls]
    amounts = parts_of(parts, total)
    for place, (part, amount) in enumerate(zip(parts, amounts, strict=True) if amounts else [(None, total)]):
        told = part if part is not None else (parts[0] if len(parts) == 1 else None)
        name, account = other_side(told, amount)
        memo = memo_of(entry, told, len(parts))
        own = f"{number}/{place + 1}" if number and len(amounts) > 1 else number
        for text in (name, memo):
            if len(text) > MAX_TEXT:
                raise ValueError(f"文字超过 {MAX_TEXT} 字，不像流水")
        yield BankLine(found.number, moment, amount, None, name, account, memo, own)


def _balance(stated: Any, kinds: tuple[str, ...]) -> int | None:
    for balance in stated.bal:
        if code_of(getattr(balance.tp, "cd_or_prtry", None)) in kinds:
            return fen_of(balance.amt, balance.cdt_dbt_ind)
    return None
