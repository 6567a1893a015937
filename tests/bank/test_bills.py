"""Anonymised exports of real accounts, read where they are present beside the checkout."""

import random
from pathlib import Path

import pytest

from ledger.bank import Statement, StatementError, line_keys, read_statement

BILLS = Path(__file__).resolve().parents[3] / "shared" / "bills"
# What anonymising did to each file, hence why it is refused at first; lines, skipped rows; first amount in fen.
EXPECTED = {
    "alipay-personal.csv": ("共 66 笔，实际读到 10 笔", 9, 1),
    "boc-personal.csv": ("", 17, 0),
    "ccb-personal.xls": ("第 10 行“账户余额”：余额接不上", 6, 0),
    "cmb-personal.csv": ("第 4 行“联机余额”：余额接不上", 5, 0),
    "icbc-personal.csv": ("第 8 行“余额”：余额“xx,yyyy.zz”被遮盖", 11, 0),
    "wechat-personal.csv": ("共 43 笔，实际读到 27 笔", 25, 2),
    "wechat-personal.xlsx": ("共 43 笔，实际读到 27 笔", 25, 2),
}
FILES = sorted(path for path in BILLS.glob("*") if path.suffix in (".csv", ".xls", ".xlsx"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_real_exports(path: Path) -> None:
    reason, lines, skipped = EXPECTED[path.name]
    if reason:
        with pytest.raises(StatementError) as caught:
            _read(path, accept=False)
        assert reason in str(caught.value)
        assert caught.value.waivable
    statement = _read(path, accept=True)
    assert statement.format_id == path.stem
    assert statement.balance_verified == (not reason)
    assert bool(statement.waived) == bool(reason)
    assert (len(statement.lines), len(statement.skipped)) == (lines, skipped)
    assert len(set(line_keys(statement.lines))) == lines


def _read(path: Path, *, accept: bool) -> Statement:
    return read_statement(path.read_bytes(), path.name, accept_unverified_balance=accept)


@pytest.mark.skipif(len([p for p in FILES if p.stem == "wechat-personal"]) < 2, reason="no real exports here")
def test_both_containers_of_one_export_give_the_same_keys() -> None:
    one, other = (
        _read(BILLS / name, accept=True) for name in ("wechat-personal.csv", "wechat-personal.xlsx")
    )
    assert line_keys(one.lines) == line_keys(other.lines)


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize(
    "path", [path for path in FILES if path.suffix == ".xls"], ids=lambda path: path.name
)
def test_a_damaged_old_workbook_harms_nothing(path: Path, seed: int) -> None:
    """The native reader may panic or run out of memory on such files; here that is a refusal like any other."""
    rng, data = random.Random(seed), bytearray(path.read_bytes())
    for _ in range(20):
        data[rng.randrange(len(data))] = rng.randrange(256)
    try:
        statement = read_statement(bytes(data), path.name, accept_unverified_balance=True)
    except StatementError:
        return
    assert statement.lines
