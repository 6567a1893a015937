"""camt.053 messages of our own making."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ledger.bank.amounts import yuan

NAMESPACES = {version: f"urn:iso:std:iso:20022:tech:xsd:camt.053.001.{version}" for version in ("02", "08")}


@dataclass(frozen=True)
class Entry:
    """An entry of a message; ``amount`` in fen, ``parts`` the transactions of a batch."""

    amount: int
    day: str = "2026-01-05"
    name: str = "王小明"
    account: str = "6222000011112222"
    memo: str = "物业费 3-2-1201"
    number: str = "B1"
    status: str = "BOOK"
    currency: str = "CNY"
    parts: tuple[int, ...] = ()


def message(
    *entries: Entry,
    opening: int | None = 100_000,
    closing: int | None = None,
    version: str = "02",
    account: str = "4100200300",
    head: str = '<?xml version="1.0" encoding="UTF-8"?>\n',
) -> str:
    """A message of one statement whose balances fit the booked entries unless ``closing`` says otherwise."""
    moved = sum(entry.amount for entry in entries if entry.status == "BOOK")
    balances = "" if opening is None else _balance("OPBD", opening)
    if opening is not None:
        balances += _balance("CLBD", opening + moved if closing is None else closing)
    body = "\n".join(_entry(entry, version) for entry in entries)
    return (
        f'{head}<Document xmlns="{NAMESPACES[version]}"><BkToCstmrStmt>'
        "<GrpHdr><MsgId>M1</MsgId><CreDtTm>2026-02-01T00:00:00</CreDtTm></GrpHdr>"
        f"<Stmt><Id>S1</Id><CreDtTm>2026-02-01T00:00:00</CreDtTm>"
        f"<Acct><Id><Othr><Id>{account}</Id></Othr></Id><Ccy>CNY</Ccy></Acct>{balances}{body}</Stmt>"
        "</BkToCstmrStmt></Document>"
    )


def _amount(fen: int, currency: str = "CNY") -> str:
    way = "CRDT" if fen >= 0 else "DBIT"
    return f'<Amt Ccy="{currency}">{yuan(abs(fen)).replace(",", "")}</Amt><CdtDbtInd>{way}</CdtDbtInd>'


def _balance(kind: str, fen: int) -> str:
    return f"<Bal><Tp><CdOrPrtry><Cd>{kind}</Cd></CdOrPrtry></Tp>{_amount(fen)}<Dt><Dt>2026-01-01</Dt></Dt></Bal>"


def _entry(entry: Entry, version: str) -> str:
    status = entry.status if version == "02" else f"<Cd>{entry.status}</Cd>"
    parts = "".join(_details(entry, part, version) for part in entry.parts or (entry.amount,))
    return (
        f"<Ntry>{_amount(entry.amount, entry.currency)}<Sts>{status}</Sts>"
        f"<BookgDt><Dt>{entry.day}</Dt></BookgDt><AcctSvcrRef>{entry.number}</AcctSvcrRef>"
        f"<BkTxCd><Prtry><Cd>TRF</Cd></Prtry></BkTxCd><NtryDtls>{parts}</NtryDtls></Ntry>"
    )


def _details(entry: Entry, part: int, version: str) -> str:
    who = "Dbtr" if entry.amount > 0 else "Cdtr"
    name = f"<Nm>{entry.name}</Nm>" if version == "02" else f"<Pty><Nm>{entry.name}</Nm></Pty>"
    money = yuan(abs(part)).replace(",", "")
    amount = f'<AmtDtls><TxAmt><Amt Ccy="CNY">{money}</Amt></TxAmt></AmtDtls>' if entry.parts else ""
    return (
        f"<TxDtls><Refs><EndToEndId>E</EndToEndId></Refs>{amount}<RltdPties><{who}>{name}</{who}>"
        f"<{who}Acct><Id><Othr><Id>{entry.account}</Id></Othr></Id></{who}Acct></RltdPties>"
        f"<RmtInf><Ustrd>{entry.memo}</Ustrd></RmtInf></TxDtls>"
    )


def laughing(entities: Sequence[str] = ("lol",)) -> str:
    """A message with entities, which no bank writes."""
    declared = "".join(f'<!ENTITY {name} "{name}">' for name in entities)
    return message(Entry(100), head=f'<?xml version="1.0"?><!DOCTYPE Document [{declared}]>')
