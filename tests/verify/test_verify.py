"""Healthy books verify; whatever was changed behind the application's back is named."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from sqlalchemy import Connection, Engine, text

from ledger.errors import Unanswerable
from ledger.store.engine import reading
from ledger.verify import VerifyReport, verify_books
from tests.log.test_note import signer
from tests.servers import Database
from tests.verify.books import TRUST, Community, act, full_books, small_books
from tests.verify.tamper import behind_the_back, delete_from, edit_leaf, rehash, sql


def verify(community: Community, **options: object) -> VerifyReport:
    with reading(community.engine) as conn:
        return verify_books(conn, TRUST, community.signer.verifier, **options)  # type: ignore[arg-type]


def codes(report: VerifyReport) -> list[str]:
    return [finding.code for finding in report.findings]


# --- Healthy books ------------------------------------------------------------------------------------------


def test_healthy_books(engine: Engine) -> None:
    community = full_books(engine)
    done: list[tuple[int, int]] = []
    report = verify(community, progress=lambda at, of: done.append((at, of)))
    assert report.findings == ()
    assert report.ok
    assert (report.size, report.entries, report.checkpoints, report.periods) == (25, 25, 4, 6)
    with reading(engine) as conn:
        assert report.postings == conn.execute(text("SELECT count(*) FROM posting")).scalar_one()
    assert done == [(25, 25)]
    assert report.conclusion == (
        "核对通过：25 张凭证、51 行分录与公开日志逐字相符；4 份凭据重新算出的结果一致，签名有效；"
        "6 个已结账月份的余额重新计算无误。"
    )
    with reading(engine) as conn:
        unsigned = verify_books(conn, TRUST, None)
    assert unsigned.ok
    assert "签名有效" not in unsigned.conclusion


def test_empty_books_and_unknown_trust(engine: Engine) -> None:
    community = Community(engine)
    community.open()
    assert verify(community).ok
    with reading(engine) as conn, pytest.raises(Unanswerable, match="没有编号为 8"):
        verify_books(conn, 8, None)


def test_destroyed_salts_are_no_fault(engine: Engine, database: Database) -> None:
    community = full_books(engine)
    with behind_the_back(database) as conn:
        sql(conn, "DELETE FROM entry_salt WHERE trust_id = :t AND seq IN (0, 1, 5, 18)")
    report = verify(community)
    assert report.findings == ()
    assert report.forgotten == 4
    assert "4 张凭证的不公开内容已按规定销毁" in report.conclusion


def test_without_salt_open_fields_still_count(engine: Engine, database: Database) -> None:
    community = full_books(engine)
    with behind_the_back(database) as conn:
        sql(conn, "DELETE FROM entry_salt WHERE trust_id = :t")
        sql(conn, "UPDATE entry SET summary = '改' WHERE trust_id = :t AND seq = 1")
        sql(conn, "UPDATE posting SET unit = '2-201' WHERE trust_id = :t AND seq = 15 AND line_no = 2")
    report = verify(community)
    assert [(item.code, item.where) for item in report.findings] == [
        ("entry.differs", "第 2 笔（A-2024-000002）"),
        ("entry.content", "第 16 笔（A-2025-000001）"),
        ("entry.reverses_inexact", "第 19 笔（A-2025-000004）"),
    ]


def test_entries_of_the_last_minute_may_be_unsigned(engine: Engine) -> None:
    community = full_books(engine)
    day = date(2025, 2, 4)
    community.post(community.interest(day))
    moment = act(day).now
    fresh = verify(community, now=moment + timedelta(seconds=5))
    assert fresh.ok
    assert fresh.unsigned == 1
    assert "最新 1 笔刚刚入账，等待签名" in fresh.conclusion
    assert codes(verify(community, now=moment + timedelta(hours=1))) == ["checkpoint.missing"]
    assert codes(verify(community)) == ["checkpoint.missing"]


def test_another_key_did_not_sign_this(engine: Engine) -> None:
    community = full_books(engine)
    with reading(engine) as conn:
        report = verify_books(conn, TRUST, signer(community.signer.name, b"\6" * 32).verifier)
    assert codes(report) == ["checkpoint.signature"] * 4
    assert report.conclusion == "核对未通过：发现 4 处问题，请逐条查看。"


def test_memory_stays_flat(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three times the books take no more memory: both fill more than one chunk."""
    monkeypatch.setattr("ledger.verify.books.CHUNK", 200)
    community = small_books(engine)
    day = date(2024, 11, 20)

    def peak_with(count: int) -> int:
        community.post_many([community.receipt(day) for _ in range(count)])
        community.sign(day)
        tracemalloc.start()
        report = verify(community)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert report.ok
        return peak

    smaller = peak_with(500)
    assert peak_with(1_000) < 1.2 * smaller


# --- Tampering ----------------------------------------------------------------------------------------------

Tamper = Callable[[Connection], None]


def change(statement: str) -> Tamper:
    return lambda conn: sql(conn, statement)


def entry_and_its_lines(conn: Connection) -> None:
    for table in ("posting", "entry_document", "entry_salt", "entry"):
        sql(conn, f"DELETE FROM {table} WHERE trust_id = :t AND seq = 1")


def leaf_edited_and_rehashed(conn: Connection) -> None:
    edit_leaf(conn, 1, '"amount":10000', '"amount":90000')
    rehash(conn)


def numbers_skipped(conn: Connection) -> None:
    """The last entry of book A takes the next number but one, in row, leaf and head alike."""
    sql(conn, "UPDATE entry SET number = 10 WHERE trust_id = :t AND seq = 23")
    edit_leaf(conn, 23, '"number":9', '"number":10')
    edit_leaf(conn, 23, "A-2025-000009", "A-2025-000010")
    rehash(conn)


def one_side_changed(conn: Connection) -> None:
    sql(conn, "UPDATE posting SET amount = 10001 WHERE trust_id = :t AND seq = 1 AND line_no = 1")


def both_sides_changed(conn: Connection) -> None:
    sql(conn, "UPDATE posting SET amount = 20000 WHERE trust_id = :t AND seq = 24")
    sql(conn, "UPDATE entry SET total = 20000 WHERE trust_id = :t AND seq = 24")


def details_swapped(conn: Connection) -> None:
    """The sum stays the same: 100.00 and 100.01 become 99.99 and 100.02."""
    for no, amount in ((1, 9_999), (2, 10_002)):
        statement = (
            "UPDATE posting_detail SET amount = :a "
            "WHERE trust_id = :t AND seq = 0 AND line_no = 1 AND detail_no = :n"
        )
        sql(conn, statement, a=amount, n=no)


def late_entry(conn: Connection) -> None:
    """Moved into a closed month, in row, lines and leaf alike."""
    for table in ("entry", "posting"):
        sql(conn, f"UPDATE {table} SET business_date = '2025-01-30' WHERE trust_id = :t AND seq = 23")
    edit_leaf(conn, 23, '"date":"2025-02-03"', '"date":"2025-01-30"')
    rehash(conn)


def match_without_entry(conn: Connection) -> None:
    conn.execute(
        text(
            "INSERT INTO bank_match (trust_id, bank_account, line_key, seq, rule, matched_at) "
            "VALUES (:t, 'F1-CCB', 'line-1', 40, 'test', :now)"
        ),
        {"t": TRUST, "now": act(date(2025, 2, 3)).now.replace(tzinfo=None)},
    )


FIRST = "第 2 笔（A-2024-000002）"
LAST_M = "第 25 笔（M-2025-000001）"
CASES: dict[str, tuple[Tamper, set[str], str, str]] = {
    "amount of both sides": (
        both_sides_changed,
        {"entry.differs"},
        LAST_M,
        "M-2025-000001 与公开日志不符，分录第 1 行的金额：账簿里是 200.00 元，公开日志里是 8,000.00 元。",
    ),
    "amount of one side": (
        one_side_changed,
        {"entry.balance", "entry.row", "entry.differs", "period.balance"},
        FIRST,
        "A-2024-000002 在基金 F1 里借贷不平，相差 0.01 元。",
    ),
    "summary": (
        change("UPDATE entry SET summary = '别的事' WHERE trust_id = :t AND seq = 1"),
        {"entry.differs"},
        FIRST,
        "摘要：账簿里是“别的事”，公开日志里是“业务 E02”",
    ),
    "private memo": (
        change("UPDATE entry SET memo = '' WHERE trust_id = :t AND seq = 1"),
        {"entry.content"},
        FIRST,
        "A-2024-000002 的公开内容相符，但不公开的内容（备注、房号、姓名或防重复编号）被改动过。",
    ),
    "unit of a line": (
        change("UPDATE posting SET unit = '2-201' WHERE trust_id = :t AND seq = 1 AND line_no = 2"),
        {"entry.differs"},
        FIRST,
        "分录第 2 行的不公开的内容（房号、往来单位或号码）",
    ),
    "date of a line": (
        change("UPDATE posting SET business_date = '2024-11-06' WHERE trust_id = :t AND seq = 1"),
        {"posting.copy"},
        FIRST,
        "A-2024-000002 第 1 行分录的日期或账套与凭证不一致",
    ),
    "fiscal year": (
        change("UPDATE entry SET fiscal_year = 2023 WHERE trust_id = :t AND seq = 1"),
        {"entry.row"},
        FIRST,
        "登记的年度或合计金额与分录不符",
    ),
    "unknown account": (
        change("UPDATE posting SET account = '9999' WHERE trust_id = :t AND seq = 24 AND line_no = 1"),
        {"entry.unreadable"},
        "第 25 笔",
        "第 25 笔的内容无法解读",
    ),
    "a line deleted": (
        change("DELETE FROM posting WHERE trust_id = :t AND seq = 24 AND line_no = 2"),
        {"entry.lines", "entry.balance", "entry.differs"},
        LAST_M,
        "M-2025-000001 应有 2 行分录，实有 1 行",
    ),
    "an entry deleted with its lines": (
        entry_and_its_lines,
        {"entry.missing", "period.balance"},
        FIRST,
        "公开日志里有凭证 A-2024-000002，账簿里却没有：这张凭证被删掉了。",
    ),
    "an entry deleted with its leaf": (
        lambda conn: delete_from(conn, 1, 1),
        {"leaf.missing", "head.size", "period.balance"},
        "第 2 笔",
        "公开日志里缺第 2 笔：这一笔被删掉了",
    ),
    "only the entry's row": (
        change("DELETE FROM entry WHERE trust_id = :t AND seq = 1"),
        {"entry.missing", "posting.alone", "entry_document.alone"},
        FIRST,
        "这张凭证被删掉了",
    ),
    "leaf edited": (
        lambda conn: edit_leaf(conn, 1, "E02", "E09"),
        {"leaf.hash", "entry.differs"},
        "第 2 笔",
        "第 2 笔的公开内容与入账时存下的指纹不符：公开内容被改动过。",
    ),
    "leaf edited, all hashed again": (
        leaf_edited_and_rehashed,
        {"entry.differs", "checkpoint.root"},
        FIRST,
        "分录第 1 行的金额：账簿里是 100.00 元，公开日志里是 900.00 元",
    ),
    "checkpoint deleted": (
        change("DELETE FROM checkpoint WHERE trust_id = :t AND size = 25"),
        {"checkpoint.missing"},
        "第 16 到第 25 笔",
        "最新的 10 笔没有签名凭据：凭据被删掉了，或者签名服务没有运行。",
    ),
    "root of a checkpoint": (
        lambda conn: sql(
            conn, "UPDATE checkpoint SET root = :r WHERE trust_id = :t AND size = 25", r=b"\1" * 32
        ),
        {"checkpoint.copy"},
        "共 25 笔时的凭据",
        "凭据的登记与签了名的文本不符",
    ),
    "note of a checkpoint": (
        change("UPDATE checkpoint SET note = replace(note, '25', '26') WHERE trust_id = :t AND size = 25"),
        {"checkpoint.signature"},
        "共 25 笔时的凭据",
        "凭据的签名无效",
    ),
    "newest entry dropped": (
        lambda conn: (delete_from(conn, 24), rehash(conn))[0],
        {"checkpoint.beyond"},
        "第 25 到第 25 笔",
        "凭据证明当时已有 25 笔，现在账簿里只有 24 笔：最新的账被删掉了。",
    ),
    "head's frontier": (
        lambda conn: sql(conn, "UPDATE trust_head SET frontier = :f WHERE trust_id = :t", f=b"\1" * 96),
        {"head.frontier"},
        "账簿首页",
        "校验状态与根据全部公开日志重新计算的不符",
    ),
    "head's size": (
        change("UPDATE trust_head SET size = 27 WHERE trust_id = :t"),
        {"head.size"},
        "账簿首页",
        "账簿首页记着有 27 笔，公开日志里实有 25 笔。",
    ),
    "head's numbers": (
        change("UPDATE trust_head SET numbers = '{}' WHERE trust_id = :t"),
        {"head.numbers"},
        "账簿首页",
        "最后凭证号",
    ),
    "head's closed days": (
        change("UPDATE trust_head SET closed = '{}' WHERE trust_id = :t"),
        {"head.closed"},
        "账簿首页",
        "已结账日期",
    ),
    "number skipped": (
        numbers_skipped,
        {"entry.number", "checkpoint.root"},
        "第 24 笔（A-2025-000010）",
        "A-2025-000010 的编号不连续：2025 年账套 A 这里应为第 9 号，实为第 10 号。",
    ),
    "a household's part": (
        change("UPDATE posting_detail SET amount = 1 WHERE trust_id = :t AND seq = 0 AND line_no = 1 AND detail_no = 1"),
        {"entry.details", "entry.differs"},
        "第 1 笔（A-2024-000001）",
        "A-2024-000001 第 1 行是 300.03 元，分户明细合计却是 200.04 元。",
    ),
    "two households' parts": (
        details_swapped,
        {"entry.differs"},
        "第 1 笔（A-2024-000001）",
        "A-2024-000001 与公开日志不符，分录第 1 行的分户明细。",
    ),
    "a household's part deleted": (
        change("DELETE FROM posting_detail WHERE trust_id = :t AND seq = 0 AND line_no = 1 AND detail_no = 3"),
        {"entry.details", "entry.differs", "detail.count"},
        "第 1 笔（A-2024-000001）",
        "A-2024-000001 第 1 行登记有 3 户明细，实有 2 户",
    ),
    "line of details deleted": (
        change("DELETE FROM posting WHERE trust_id = :t AND seq = 0"),
        {"entry.lines", "entry.differs", "posting_detail.alone", "period.balance"},
        "第 1 笔",
        "第 1 笔有第 1 行的分户明细，却没有这一行分录",
    ),
    "snapshot": (
        change("UPDATE period_balance SET debit = debit + 1 WHERE trust_id = :t AND period = 202411 AND account = '100203'"),
        {"period.balance"},
        "业主共有资金账 2024年11月",
        "科目 100203（基金 F3，账户 F3-CCB）的月末累计存的是借方 2,000.01 元",
    ),
    "closing deleted": (
        change("DELETE FROM period_close WHERE trust_id = :t AND period = 202501 AND book = 'M'"),
        {"head.closed", "period.missing"},
        "账套 M 202501",
        "结账记录被删掉了",
    ),
    "closing in the middle deleted": (
        change("DELETE FROM period_close WHERE trust_id = :t AND period = 202412 AND book = 'A'"),
        {"period.order", "period.missing"},
        "业主共有资金账 2025年1月",
        "结账记录的月份不连续",
    ),
    "entry into a closed month": (
        late_entry,
        {"entry.closed_period", "period.balance", "checkpoint.root", "entry.content"},
        "第 24 笔（A-2025-000009）",
        "A-2025-000009 的业务日期 2025-01-30 在2025年1月，却是结账以后才记入的。",
    ),
    "bank match to nowhere": (
        match_without_entry,
        {"bank_match.alone", "bank_match.line"},
        "第 41 笔",
        "银行流水的匹配指向第 41 笔，但账簿里没有这张凭证",
    ),
    "invoice used again in secret": (
        change("DELETE FROM invoice_use WHERE trust_id = :t AND seq = 2"),
        {"invoice_use.differs"},
        "第 3 笔（A-2024-000003）",
        "A-2024-000003 的发票 NO-3 没有使用记录，可能被重复报销",
    ),
    "reversal aimed elsewhere": (
        change("UPDATE entry SET reverses = 16 WHERE trust_id = :t AND seq = 18"),
        {"entry.reverses_inexact", "entry.differs"},
        "第 19 笔（A-2025-000004）",
        "A-2025-000004 与被冲销的 A-2025-000002 不是逐行相等、金额相反。",
    ),
    "reversal of nothing": (
        change("UPDATE entry SET reverses = 99 WHERE trust_id = :t AND seq = 18"),
        {"entry.target", "entry.differs"},
        "第 19 笔（A-2025-000004）",
        "A-2025-000004 声称冲销第 100 笔，但前面没有这张凭证。",
    ),
    "document": (
        change("UPDATE entry_document SET original = 'ff' WHERE trust_id = :t AND seq = 2 AND doc_no = 1"),
        {"entry.differs"},
        "第 3 笔（A-2024-000003）",
        "附件第 1 行的原件指纹",
    ),
    "name of an account": (
        change("UPDATE account SET name = '假账户' WHERE trust_id = :t AND code = '224101'"),
        {"entry.differs"},
        "第 5 笔（A-2024-000005）",
        "分录第 2 行的科目名称：账簿里是“假账户”，公开日志里是“装修保证金”",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_tampering_is_found_and_named(engine: Engine, database: Database, name: str) -> None:
    tamper, expected, where, message = CASES[name]
    community = full_books(engine)
    with behind_the_back(database) as conn:
        tamper(conn)
    report = verify(community)
    assert set(codes(report)) == expected, [str(finding) for finding in report.findings]
    assert not report.ok
    named = [finding for finding in report.findings if message in finding.message]
    assert named, [finding.message for finding in report.findings]
    assert where in {finding.where for finding in named}


@pytest.mark.db("sqlite")
def test_garbage_in_a_row_is_a_finding_not_a_crash(engine: Engine, database: Database) -> None:
    community = full_books(engine)
    with behind_the_back(database) as conn:
        sql(conn, "UPDATE entry SET business_date = 'soon' WHERE trust_id = :t AND seq = 3")
        sql(conn, "UPDATE posting SET amount = 'much' WHERE trust_id = :t AND seq = 24")
    report = verify(community)
    unreadable = [finding for finding in report.findings if finding.code == "entry.unreadable"]
    assert [finding.where for finding in unreadable] == ["第 4 笔", "第 25 笔"]


def test_a_place_far_beyond_does_not_keep_us_looking(engine: Engine, database: Database) -> None:
    community = small_books(engine)
    with behind_the_back(database) as conn:
        sql(conn, "UPDATE leaf SET seq = 1000000000000 WHERE trust_id = :t AND seq = 9")
    report = verify(community)
    assert report.omitted
    assert codes(report)[0] == "leaf.missing"
