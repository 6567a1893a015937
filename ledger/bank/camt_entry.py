"""The parts of a camt.053 entry that a bank line is made of, wherever a version of the message keeps them.

Functions take the objects xsdata made; a part that cannot be read raises ``ValueError`` with a Chinese reason.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from ledger.bank.amounts import MAX_FEN
from ledger.bank.texts import visible
from ledger.trust.act import BEIJING


def parts_of(parts: list[Any], total: int) -> list[int]:
    """The amounts of a batch's transactions if all are told and make the total; else nothing."""
    amounts = []
    for part in parts if len(parts) > 1 else ():
        money = getattr(part, "amt", None)
        if money is None and part.amt_dtls is not None and part.amt_dtls.tx_amt is not None:
            money = part.amt_dtls.tx_amt.amt
        if money is None:
            return []
        way = getattr(part, "cdt_dbt_ind", None) or ("CRDT" if total > 0 else "DBIT")
        amounts.append(fen_of(money, way))
    return amounts if sum(amounts) == total and all(amounts) else []


def fen_of(money: Any, way: Any) -> int:
    """The amount in fen, in positive and out negative."""
    if money is None or not isinstance(money.value, Decimal):
        raise ValueError("没有金额")
    if money.ccy != "CNY":
        raise ValueError(f"币种是“{visible(str(money.ccy))[:10]}”，只能导入人民币流水")
    fen = money.value * 100
    if fen != fen.to_integral_value() or not 0 <= fen < MAX_FEN:
        raise ValueError(f"金额“{str(money.value)[:30]}”不是到分的金额")
    direction = code_of(way)
    if direction not in ("CRDT", "DBIT"):
        raise ValueError("没有写明是收（CRDT）还是付（DBIT）")
    return int(fen) if direction == "CRDT" else -int(fen)


def moment_of(choice: Any) -> datetime | None:
    """Naive Beijing time of a date or an instant."""
    if choice is None:
        return None
    if choice.dt is not None:
        day = choice.dt
        return datetime(day.year, day.month, day.day)  # noqa: DTZ001 - lines are in Beijing time and never say so
    if choice.dt_tm is None:
        return None
    try:
        moment: datetime = choice.dt_tm.to_datetime()
    except ValueError as error:
        raise ValueError("记账时间读不懂") from error
    if moment.tzinfo is not None:
        moment = moment.astimezone(BEIJING).replace(tzinfo=None)
    return moment.replace(microsecond=0)


def code_of(choice: Any) -> str:
    """The code of an enumeration, or of a choice between a code and words of the bank's own."""
    inner = getattr(choice, "cd", None) or getattr(choice, "prtry", None) or choice
    return str(getattr(inner, "value", inner) or "")


def other_side(part: Any, amount: int) -> tuple[str, str]:
    """Name and account number of who paid, or was paid."""
    parties = getattr(part, "rltd_pties", None)
    if parties is None:
        return "", ""
    who, where = ("dbtr", "dbtr_acct") if amount > 0 else ("cdtr", "cdtr_acct")
    person = getattr(parties, who, None)
    person = getattr(person, "pty", None) or person
    return visible(getattr(person, "nm", None) or ""), account_number(getattr(parties, where, None))


def account_number(account: Any) -> str:
    """The number of an account, its IBAN where it has one."""
    identity = getattr(account, "id", None)
    other = getattr(getattr(identity, "othr", None), "id", None)
    return visible(getattr(identity, "iban", None) or other or "")


def memo_of(entry: Any, part: Any, parts: int) -> str:
    """What the entry says it is for."""
    told = list(getattr(getattr(part, "rmt_inf", None), "ustrd", None) or ())
    told += [getattr(part, "addtl_tx_inf", None) or "", entry.addtl_ntry_inf or ""]
    if part is None and parts > 1:
        told.append(f"{parts} 笔合计")
    return "；".join(dict.fromkeys(text for text in map(visible, told) if text))
