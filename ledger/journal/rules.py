"""The rules an entry must pass, one function a rule. Each yields problems; none raises.

Rules look only at the draft, the trust's set-up and the facts read under the trust's lock, so that a
batch of thousands needs no query per entry.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta

from ledger.chart import FUNDS
from ledger.errors import Problem
from ledger.events import DOCUMENT_KINDS, Event, load_events
from ledger.journal.draft import Draft, Line
from ledger.journal.facts import Facts
from ledger.journal.gates import gates_are_met
from ledger.journal.text_rules import (
    people_are_not_named,
    references_are_plain,
    texts_are_complete,
    texts_can_be_kept,
)
from ledger.money import MAX_FEN, format_yuan

DIMENSION_NAMES = {
    "unit": "房号",
    "vendor": "供应商",
    "contract": "合同",
    "project": "项目",
    "bank_account": "银行账户",
    "party": "往来单位或人员",
    "site": "点位",
    "counter_fund": "对方基金",
}
_SIDES = {"D": "借", "C": "贷"}
RED_LETTER = "E26a"
_DOCUMENT_KINDS = frozenset(DOCUMENT_KINDS)
_DIGEST = re.compile("[0-9a-f]{64}")


Rule = Callable[[Draft, Event, Facts], Iterator[Problem]]


def check(draft: Draft, facts: Facts, *, kept: bool = False) -> list[Problem]:
    """All problems of one draft; empty if it may be posted. ``kept``: its texts are known to be such
    that they can be kept (:func:`~ledger.journal.text_rules.can_be_kept`)."""
    event = load_events().get(draft.event)
    if event is None:
        return [Problem("unknown_event", f"没有业务事件“{draft.event}”，请从业务事件表中选择", "业务事件")]
    if problems := _fractions(draft):
        return problems  # the rules reckon in whole fen
    rules = _RULES_OF_KEPT if kept else RULES
    return [problem for rule in rules for problem in rule(draft, event, facts)]


def _fractions(draft: Draft) -> list[Problem]:
    """Amounts that are not integers: neither 1.5 nor True is an amount."""
    found: list[Problem] = []
    for no, line in enumerate(draft.lines, start=1):
        if type(line.amount) is not int:
            found.append(Problem("not_whole_fen", f"金额 {line.amount!r} 不是整数分", f"第 {no} 行"))
        if line.details:
            found += [
                Problem("not_whole_fen", f"金额 {detail.amount!r} 不是整数分", f"第 {no} 行明细")
                for detail in line.details
                if type(detail.amount) is not int
            ]
    return found


def event_fits(draft: Draft, event: Event, facts: Facts) -> Iterator[Problem]:
    """The event belongs to the book, may be used here, and its line patterns are met."""
    if draft.book not in event.books:
        yield Problem("wrong_book", f"“{event.name}”不能记在账套 {draft.book}", "账套")
    if (event.correction or event.closing) and not facts.internal:
        yield Problem("reserved_event", f"“{event.name}”只能由更正或结账功能生成，不能直接录入", "业务事件")
    for no, line in enumerate(draft.lines, start=1):
        for pattern in event.lines:
            if pattern.matches(line.side, line.account):
                break
        else:
            yield Problem(
                "line_off_event",
                f"“{event.name}”没有“{_SIDES[line.side]}记 {line.account}”这样的分录，请核对科目、方向或换一个业务事件",
                f"第 {no} 行",
            )
    for pattern in event.lines:
        if pattern.optional:
            continue
        for line in draft.lines:
            if pattern.matches(line.side, line.account):
                break
        else:
            wanted = "、".join(pattern.prefixes)
            yield Problem(
                "line_missing",
                f"“{event.name}”缺少{_SIDES.get(pattern.side, '借或贷')}方科目 {wanted} 的分录",
                "分录",
            )


def amounts_are_sane(draft: Draft, event: Event, facts: Facts) -> Iterator[Problem]:
    """Currency, zero, absurd and red-letter amounts."""
    if draft.currency != facts.setup.currency:
        yield Problem("wrong_currency", f"本账簿只记人民币（CNY），不能记 {draft.currency}", "币种")
    if len(draft.lines) < 2:
        yield Problem("too_few_lines", "一张凭证至少要有一借一贷两行分录", "分录")
    for no, line in enumerate(draft.lines, start=1):
        if line.amount == 0:
            yield Problem("zero_amount", "金额不能为零", f"第 {no} 行")
        elif abs(line.amount) >= MAX_FEN:
            yield Problem(
                "absurd_amount",
                f"金额 {format_yuan(line.amount)} 元大得不合常理，请核对小数点",
                f"第 {no} 行",
            )
        elif line.amount < 0 and not facts.internal:
            yield Problem("negative_amount", "负数（红字）只能用于更正，请用红字冲销功能", f"第 {no} 行")


def funds_balance(draft: Draft, event: Event, facts: Facts) -> Iterator[Problem]:
    """Debits equal credits within every fund; only some events may touch several funds at all."""
    nets: dict[str, int] = {}
    for line in draft.lines:
        signed = line.amount if line.side == "D" else -line.amount
        nets[line.fund] = nets.get(line.fund, 0) + signed
    if len(nets) > 1 and not (event.cross_fund or event.correction or event.closing):
        funds = "、".join(nets)
        yield Problem(
            "across_funds",
            f"“{event.name}”不能同时动用几个基金（{funds}）；基金之间划转请用专门的业务并附决议",
            "分录",
        )
    for fund, net in nets.items():
        if net:
            more = "借方多" if net > 0 else "贷方多"
            name = FUNDS[fund].name if fund in FUNDS else fund
            yield Problem(
                "unbalanced", f"基金 {fund} {name} 借贷不平，{more} {format_yuan(abs(net))} 元", "分录"
            )


def accounts_take_it(draft: Draft, event: Event, facts: Facts) -> Iterator[Problem]:
    """Each account exists, is an open leaf, serves the fund, and has the dimensions it needs."""
    chart = facts.setup.chart
    for no, line in enumerate(draft.lines, start=1):
        account = chart.get(draft.book, line.account)
        if account is None:
            yield Problem("unknown_account", f"账套 {draft.book} 没有科目 {line.account}", f"第 {no} 行")
            continue
        if not account.leaf:
            yield Problem("not_leaf", f"科目 {account.title} 有下级，请记到末级科目", f"第 {no} 行")
        if account.closed_on is not None and draft.date > account.closed_on and not facts.internal:
            yield Problem(
                "account_closed", f"科目 {account.title} 已于 {account.closed_on} 停用", f"第 {no} 行"
            )
        if line.fund not in account.funds:
            allowed = "、".join(account.funds)
            yield Problem(
                "fund_not_allowed",
                f"科目 {account.title} 不能用于基金 {line.fund}，只能用于 {allowed}",
                f"第 {no} 行",
            )
        for name in account.dimensions:
            if getattr(line, name) or event.closing or event.id == RED_LETTER:
                continue  # closings empty an account in total; red letters repeat what was taken before
            if name != "unit" or not line.details:
                yield Problem(
                    "missing_dimension",
                    f"科目 {account.title} 须写明{DIMENSION_NAMES[name]}",
                    f"第 {no} 行",
                )


def dimensions_are_known(draft: Draft, event: Event, facts: Facts) -> Iterator[Problem]:
    """Every named unit, vendor, contract … is on record and not closed."""
    values = facts.setup.values
    for no, line in enumerate(draft.lines, start=1):
        for named in line.named():
            value, (name, code) = values.get(named), named
            if value is None:
                yield Problem(
                    "unknown_dimension", f"没有登记过{DIMENSION_NAMES[name]}“{code}”，请先登记", f"第 {no} 行"
                )
            elif value.closed_on is not None and draft.date > value.closed_on and not facts.internal:
                yield Problem(
                    "dimension_closed",
                    f"{DIMENSION_NAMES[name]}“{code}”已于 {value.closed_on} 停用",
                    f"第 {no} 行",
                )
        if line.bank_account:
            yield from _bank_account(no, draft, line, facts)
        if line.details:
            yield from _details(no, line, facts)


def _bank_account(no: int, draft: Draft, line: Line, facts: Facts) -> Iterator[Problem]:
    """Money of one fund never lies in the bank account of another (信托法 29)."""
    home = facts.setup.bank_accounts.get(line.bank_account)
    if home is not None and home != (draft.book, line.account, line.fund):
        book, account, fund = home
        yield Problem(
            "bank_account_mismatch",
            f"银行账户“{line.bank_account}”属于账套 {book} 基金 {fund} 科目 {account}，不能记在基金 {line.fund} 科目 {line.account}",
            f"第 {no} 行",
        )


def _details(no: int, line: Line, facts: Facts) -> Iterator[Problem]:
    where = f"第 {no} 行明细"
    if line.unit:
        yield Problem("unit_and_details", "一行要么写房号，要么附分户明细，不能两样都有", where)
    total = sum(detail.amount for detail in line.details)
    if total != line.amount:
        yield Problem(
            "detail_sum",
            f"分户明细合计 {format_yuan(total)} 元，与本行 {format_yuan(line.amount)} 元不等",
            where,
        )
    for detail in line.details:
        if ("unit", detail.unit) not in facts.setup.values:
            yield Problem("unknown_dimension", f"没有登记过房号“{detail.unit}”，请先登记", where)
        if detail.amount == 0:
            yield Problem("zero_amount", "分户明细里有零金额，请去掉", where)
        elif detail.amount * line.amount < 0 and not facts.internal:
            yield Problem("negative_amount", "分户明细里有负数；负数（红字）只能用于更正", where)


def dates_are_open(draft: Draft, event: Event, facts: Facts) -> Iterator[Problem]:
    """The business date lies in an open period; a late item says its true day besides."""
    closed = facts.closed.get(draft.book)
    if closed is not None and draft.date <= closed:
        first = closed + timedelta(days=1)
        yield Problem(
            "period_closed",
            f"{draft.date} 所在的月份已结账（结到 {closed}）。请把业务日期改为 {first} 或以后，并把 {draft.date} 填为原始日期",
            "业务日期",
        )
    if draft.date < facts.setup.opened_on:
        yield Problem(
            "before_opening", f"业务日期 {draft.date} 早于建账日 {facts.setup.opened_on}", "业务日期"
        )
    if event.opening and draft.date != facts.setup.opened_on:
        yield Problem("not_opening_day", f"“{event.name}”只能记在建账日 {facts.setup.opened_on}", "业务日期")
    if draft.date > facts.today:
        yield Problem("future_date", f"业务日期 {draft.date} 还没到，今天是 {facts.today}", "业务日期")
    if draft.original_date is not None and draft.original_date >= draft.date:
        yield Problem("original_date", "原始日期应早于业务日期；同一天请不要填", "原始日期")


def documents_are_there(draft: Draft, event: Event, facts: Facts) -> Iterator[Problem]:
    """Source documents as the event asks for them (会计基础工作规范 51)."""
    kinds = {item.kind for item in draft.documents}
    for kind in sorted(kinds - _DOCUMENT_KINDS) if not kinds <= _DOCUMENT_KINDS else ():
        yield Problem("unknown_document", f"没有“{kind}”这种凭证", "附件")
    if event.documents is None and not kinds:
        yield Problem("no_document", f"“{event.name}”须附原始凭证", "附件")
    for group in event.documents or ():
        if kinds.isdisjoint(group):
            wanted = "或".join(DOCUMENT_KINDS[kind] for kind in group)
            yield Problem("missing_document", f"“{event.name}”须附{wanted}", "附件")
    for item in draft.documents:
        if item.kind == "invoice" and not item.number:
            yield Problem("no_invoice_number", "发票须填写发票号，系统据此防止重复入账", "附件")
        elif item.kind == "invoice" and item.number != "".join(item.number.split()):
            yield Problem("bad_invoice_number", f"发票号“{item.number}”里有空格，请去掉", "附件")
        for digest in (item.original, item.public):
            if digest and not _DIGEST.fullmatch(digest):
                yield Problem("bad_digest", f"附件“{item.title}”的 SHA-256 不是 64 位小写十六进制", "附件")


RULES: tuple[Rule, ...] = (
    texts_are_complete,
    people_are_not_named,
    texts_can_be_kept,
    references_are_plain,
    event_fits,
    amounts_are_sane,
    funds_balance,
    accounts_take_it,
    dimensions_are_known,
    dates_are_open,
    documents_are_there,
    gates_are_met,
)
_RULES_OF_KEPT = tuple(rule for rule in RULES if rule is not texts_can_be_kept)
