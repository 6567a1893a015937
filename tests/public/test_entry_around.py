"""What the system knows around an entry: hands, bank statement, pictures; said without names or numbers."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from io import BytesIO

from PIL import Image
from sqlalchemy import Connection, insert

from disclosure.public.entries import single_entry
from disclosure.public.entry_around import read_around
from disclosure.public.entry_around_view import around_view
from ledger.documents import store_document
from ledger.journal import Document, Draft, Line, post
from ledger.journal.read import find_seq
from ledger.store.engine import reading, writing
from ledger.store.tables import bank_line, bank_match, work, work_entry, work_step
from ledger.trust.setup import load_setup
from tests.public.community import SECRETS, TRUST_ID, act_on, cash
from tests.public.conftest import Books

DAY = date(2025, 10, 10)
AT = datetime(2025, 10, 10, 2, tzinfo=UTC)


def picture() -> bytes:
    file = BytesIO()
    Image.new("RGB", (4, 4), "white").save(file, "PNG")
    return file.getvalue()


def note_work(conn: Connection, seq: int) -> None:
    """Work no. 1: prepared, sent on by the reviewer, co-signed, paid; a note in between."""
    conn.execute(
        insert(work).values(
            trust_id=TRUST_ID, no=1, kind="voucher", title="付款", amount=1, payload="{}",
            person="P-HIDDEN", signature="制单人隐甲", prepared_at=AT,
        )
    )  # fmt: skip
    for number, step in enumerate(("review", "co_sign", "pay"), start=1):
        conn.execute(
            insert(work_step).values(
                trust_id=TRUST_ID, no=1, step_no=number, step=step, person="P-HIDDEN", signature="审核人隐乙",
                note="绝密备忘", paid_on=None, bank_number="FLOW-HIDDEN", acted_at=AT + timedelta(hours=number),
            )
        )  # fmt: skip
    conn.execute(insert(work_entry).values(trust_id=TRUST_ID, no=1, seq=seq))


def note_line(conn: Connection, seq: int, amount: int, key: str) -> None:
    conn.execute(
        insert(bank_line).values(
            trust_id=TRUST_ID, bank_account="F1-CCB", line_key=key, sha256="0" * 64, row=1, occurred_on=DAY,
            occurred_at="", amount=amount, balance=None, counterparty="欧阳隐名",
            counterparty_account="6230999900001111", memo="", flow_no="FLOW-HIDDEN",
        )
    )  # fmt: skip
    conn.execute(
        insert(bank_match).values(
            trust_id=TRUST_ID, bank_account="F1-CCB", line_key=key, seq=seq, rule="exact", matched_at=AT
        )
    )


def test_hands_bank_and_pictures_are_said_by_role_and_day(own_books: Books) -> None:
    books, act = own_books, act_on(DAY)
    with writing(books.community.engine) as conn:
        copy = store_document(
            conn, TRUST_ID, books.config.documents_dir, picture(), "image/png", public=True, act=act
        )
        draft = Draft(
            book="A", date=DAY, event="E16b", summary="银行手续费",
            lines=(Line("5016", "F1", "D", 1_000), cash("C", "F1", 1_000)),
            preparer="制单人隐甲", reviewer="审核人隐乙", key="key-hidden-around",
            documents=(Document("bank_line", original="1" * 64, public=copy),),
        )  # fmt: skip
        ref = post(conn, TRUST_ID, draft, act).ref
        seq = find_seq(conn, TRUST_ID, ref)
        note_work(conn, seq)
        note_line(conn, seq, -1_000, "line-1")
    with reading(books.community.engine) as conn:
        listed = single_entry(conn, TRUST_ID, ref).listed
        item, around = listed.entry, read_around(conn, TRUST_ID, listed)
        view = around_view(item, around, load_setup(conn, TRUST_ID))
    assert view.acts == (
        ("制单（记账员）", "2025年10月10日 10:00"),
        ("审核（审核员）", "2025年10月10日 11:00"),
        ("会签（业主委员会）", "2025年10月10日 12:00"),
        ("付款（出纳）", "2025年10月10日 13:00"),
    )
    assert view.bank == "银行流水已核对：2025年10月10日，银行记录付出 ¥10.00，金额与这一笔一致"
    assert view.pictures == (copy,)
    assert view.comparison is None
    assert not [secret for secret in (*SECRETS, "F1-CCB") if secret in repr((around, view))]


def test_a_bank_line_of_another_amount_is_not_called_the_same(own_books: Books) -> None:
    engine, ref = own_books.community.engine, own_books.community.refs["payment"]
    with writing(engine) as conn:
        note_line(conn, find_seq(conn, TRUST_ID, ref), -100, "line-2")
    with reading(engine) as conn:
        listed = single_entry(conn, TRUST_ID, ref).listed
        view = around_view(listed.entry, read_around(conn, TRUST_ID, listed), load_setup(conn, TRUST_ID))
    assert view.bank == "银行流水已对应：2025年10月10日，银行记录付出 ¥1.00"
