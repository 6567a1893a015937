"""What rests on the owners is refused without them: by the form in the browser and from the shell, in one voice."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from disclosure.cli.main import run
from ledger.journal import Document, Draft
from ledger.money import format_yuan
from ledger.people import Role
from ledger.people.credentials import record_credential
from ledger.store.engine import open_engine, writing
from ledger.store.migrate import migrate
from ledger.trust import record_setting
from tests.budget.desk import IN_FORCE, LIFT, in_force
from tests.decisions import note_decision
from tests.ledger.books import (
    MAJOR,
    OPENED,
    Books,
    act,
    cash,
    draft,
    fee_receipt,
    invoice,
    line,
    open_books,
    payment,
)
from tests.office.conftest import PASSWORD, OfficeSite, settle
from tests.shells import CommandClock

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
LATER = "业决〔2025〕9号"
ON = {"date": IN_FORCE}


@dataclass(frozen=True)
class Case:
    """What is asked for, and what everybody is told."""

    asked: Callable[[], Draft]
    told: str


def advertising(number: str) -> Draft:
    lines = [cash("D", 500_00, "F2"), line("C", "400301", 500_00, "F2", contract="R1", site="S1")]
    references = {"contract": "R1", "resolution": number}
    return draft("E17", lines, "bank_line", "contract", references=references, **ON)


def waiver(**named: str) -> Draft:
    lines = [line("D", "400190", 20_00, unit="1-101"), line("C", "112201", 20_00, unit="1-101")]
    return draft("E05", lines, "approval", references=dict(named), **ON)


def to_the_trustees_own(**named: str) -> Draft:
    made = payment(10_00, "V2", references=dict(named), **ON)
    return draft(
        "E11b",
        made.lines,
        "payment_order",
        references=dict(named),
        **ON,
        documents=(Document("payment_order"), Document("quote", "甲报价"), Document("quote", "乙报价")),
    )


CASES = {
    "no line": Case(
        lambda: invoice(500_00, **ON), "预算已生效，没有预算行的支出不能入账；请先申请预算调整，或填写预算行"
    ),
    "over the line": Case(
        lambda: invoice(1_000_01, references={"contract": "C1", "budget_line": LIFT}, **ON),
        f"预算行 {LIFT} 电梯维保 还剩 1,000.00 元，这笔 1,000.01 元，超出 0.01 元；请先申请预算调整，或换一个预算行",
    ),
    "another account's line": Case(
        lambda: invoice(1_00, "500601", references={"contract": "C1", "budget_line": LIFT}, **ON),
        f"预算行 {LIFT} 电梯维保 只管科目 500501，这笔支出记在 500601",
    ),
    "no resolution": Case(waiver, "这类业务须有业主共同决定，请填写决议号"),
    "unknown resolution": Case(
        lambda: waiver(resolution="业决〔2025〕404号"), "没有“业决〔2025〕404号”这项已公布的决定"
    ),
    "wrong threshold": Case(
        lambda: advertising(MAJOR),
        "不能用在这里；这里需要业主共同决定“改变共有部分的用途或者利用共有部分从事经营活动”",
    ),
    "not in force yet": Case(lambda: waiver(resolution=LATER), f"“{LATER}”自 2025-12-01 起生效"),
    "no consent to a related party": Case(
        to_the_trustees_own, "收款方与受托人有关联，须填写同意的决议号，并附至少两份比价单"
    ),
    "consent nobody gave": Case(
        lambda: to_the_trustees_own(related_party_consent="业主大会口头同意"),
        "没有“业主大会口头同意”这项已公布的决定",
    ),
    "above the owners' limit": Case(
        lambda: payment(400_00, **ON), "金额超过小区规则约定的大额支付限额，须有业主共同决定，请填写决议号"
    ),
}


def live(books: Books) -> None:
    """A budget in force, money in the bank, a limit for payments, a decision for later."""
    books.post_many([fee_receipt(5_000_00), invoice(2_000_00)])
    with writing(books.engine) as conn:
        note_decision(conn, books.trust_id, LATER, decided_on=date(2025, 12, 1))
        for name, value in {"budget_approved_by": "committee", "resolve_above": 399_99}.items():
            record_setting(
                conn, books.trust_id, name, value, effective_on=OPENED, authority="信托文件", act=act(OPENED)
            )
    in_force(books)


def typed(asked: Draft) -> dict[str, str]:
    """The draft as a bookkeeper types it into the voucher form."""
    fields = {
        "event": asked.event,
        "book": asked.book,
        "date": asked.date.isoformat(),
        "summary": asked.summary,
        "rows": str(len(asked.lines)),
        **{f"ref_{name}": ref for name, ref in asked.references.items()},
    }
    for no, item in enumerate(asked.lines, start=1):
        fields |= {
            f"account_{no}": item.account,
            f"fund_{no}": item.fund,
            f"side_{no}": item.side,
            f"amount_{no}": format_yuan(item.amount),
            **{f"{name}_{no}": code for name, code in item.dimensions().items()},
        }
    for no, paper in enumerate(asked.documents, start=1):
        fields |= {
            f"doc_kind_{no}": paper.kind,
            f"doc_title_{no}": paper.title,
            f"doc_number_{no}": paper.number,
        }
    return fields


def written(asked: Draft) -> dict[str, Any]:
    """The draft as a file for the command line."""
    return {
        "kind": "voucher",
        "title": asked.summary,
        "drafts": [
            {
                "book": asked.book,
                "date": asked.date.isoformat(),
                "event": asked.event,
                "summary": asked.summary,
                "key": asked.key,
                "lines": [
                    {
                        "account": item.account,
                        "fund": item.fund,
                        "side": item.side,
                        "amount": format_yuan(item.amount).replace(",", ""),
                        **item.dimensions(),
                    }
                    for item in asked.lines
                ],
                "documents": [
                    {"kind": paper.kind, "title": paper.title, "number": paper.number}
                    for paper in asked.documents
                ],
                "references": dict(asked.references),
            }
        ],
    }


@pytest.mark.parametrize("name", CASES)
def test_the_form_refuses_and_says_what_to_do(office: OfficeSite, name: str) -> None:
    live(office.books)
    office.clock.to(IN_FORCE)
    client = office.client("preparer")
    case, before = CASES[name], office.books.footprint()
    answer = office.post(
        client,
        office.path("/vouchers/new"),
        files={"none": ("", b"", "application/octet-stream")},
        **typed(case.asked()),
    )
    assert answer.status_code == 422, answer.text
    assert case.told in unescape(answer.text)
    after = office.books.footprint()
    assert {k: v for k, v in after.items() if k != "audit_event"} == {
        k: v for k, v in before.items() if k != "audit_event"
    }


@pytest.mark.parametrize("name", CASES)
def test_the_shell_refuses_in_the_same_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    url = f"sqlite:///{tmp_path / 'books.sqlite3'}"
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    monkeypatch.setenv("DATABASE_URL", url)
    monkeypatch.setenv("MINGZHANG_PASSWORD", PASSWORD)
    CommandClock(monkeypatch, act(IN_FORCE).now).show_code(SECRET)
    migrate(url)
    engine = open_engine(url)
    books = open_books(engine)
    people = settle(books)
    with writing(engine) as conn:
        record_credential(conn, people[Role.PREPARER].person, by="", act=act(), totp_secret=SECRET)
    live(books)
    file = tmp_path / "asked.json"
    file.write_text(json.dumps(written(CASES[name].asked()), ensure_ascii=False), encoding="utf-8")
    entries = books.check_log()
    assert run(["work", "prepare", str(file), "--as", f"{Role.PREPARER}-{books.trust_id}"]) == 1
    assert CASES[name].told in capsys.readouterr().err
    assert books.check_log() == entries
    engine.dispose()
