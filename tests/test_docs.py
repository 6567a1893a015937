"""Guards on the documents: what they name exists, what they show can be run."""

import importlib
import json
import re
import runpy
from base64 import b64decode
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import click
import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key

from disclosure.cli.common import Desk, open_desk
from disclosure.cli.main import mingzhang, run
from disclosure.demo.statement_files import write_statement
from ledger.bank import BankLine
from ledger.log.keys import load_signer
from ledger.log.store import latest_checkpoint, prove_entry, read_leaf
from ledger.registers import REGISTERS
from ledger.registers.checks import body_problems
from ledger.store.engine import reading
from ledger.store.tables import metadata

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
READMES = ("README.md", "README.zh-CN.md")
COMMUNITY, ENTRIES = DOCS / "community.example.toml", DOCS / "entry.example.json"


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


# --- Names --------------------------------------------------------------------------------------------------


def exists(name: str) -> bool:
    """Whether a dotted name leads to something that can be imported."""
    module, _, rest = name, "", ""
    while module:
        try:
            found: object = importlib.import_module(module)
        except ModuleNotFoundError:
            module, _, last = module.rpartition(".")
            rest = f"{last}.{rest}" if rest else last
            continue
        for part in rest.split(".") if rest else ():
            if not hasattr(found, part):
                return False
            found = getattr(found, part)
        return True
    return False


def test_whatever_the_tour_names_exists() -> None:
    tokens = re.findall(r"`([^`]+)`", text("docs/tour.md"))
    assert len(tokens) > 50
    missing = [
        token
        for token in tokens
        if not (
            exists(token) if re.fullmatch(r"(ledger|disclosure)(\.\w+)+", token) else (ROOT / token).exists()
        )
    ]
    assert missing == []


def test_the_check_of_names_sees_a_wrong_one() -> None:
    assert exists("ledger.log.tree.Frontier.append")
    assert not exists("ledger.log.tree.Frontier.remove")
    assert not exists("ledger.nothing.at_all")


def test_every_link_between_documents_leads_somewhere() -> None:
    broken = [
        f"{page.relative_to(ROOT)}: {link}"
        for page in [*ROOT.glob("*.md"), *DOCS.rglob("*.md")]
        for link in re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8"))
        if "://" not in link and not (page.parent / link).exists()
    ]
    assert broken == []


def test_fields_named_in_the_log_are_those_of_a_leaf(desk: Desk) -> None:
    named = {
        word for span in re.findall(r"`([^`\n]+)`", text("docs/log.md")) for word in re.findall(r"\w+", span)
    }
    with reading(desk.engine) as conn:
        leaves = [json.loads(read_leaf(conn, desk.trust_id, seq)) for seq in range(3)]
    used = {key for leaf in leaves for part in (leaf, *leaf["lines"]) for key in part}
    assert used - named == set()


# --- Commands and settings ----------------------------------------------------------------------------------


@pytest.mark.parametrize("readme", READMES)
def test_every_command_is_in_the_table(readme: str) -> None:
    first = re.findall(r"^\| ((?:`[a-z-]+`[、, ]*)+) \|", text(readme), flags=re.MULTILINE)
    described = {name for cell in first for name in re.findall(r"`([a-z-]+)`", cell)}
    assert set(mingzhang.commands) <= described


@pytest.mark.parametrize("page", [*READMES, "docs/handbook/operator.md"])
def test_every_environment_variable_is_documented(page: str) -> None:
    sources = "".join(
        path.read_text(encoding="utf-8")
        for package in ("disclosure", "ledger")
        for path in sorted((ROOT / package).rglob("*.py"))
    )
    read = set(re.findall(r"(?:environ(?:\.get\(|\[)\s*|envvar=)\"(\w+)\"", sources))
    assert read >= {"DATA_DIR", "DATABASE_URL", "PUBLIC_URL", "DOCUMENTS_URL", "MINGZHANG_CODE"}
    described = set(re.findall(r"^\| `([A-Z_]+)` \|", text(page), flags=re.MULTILINE))
    assert read == described


def shown_commands(page: Path) -> list[tuple[str, list[str]]]:
    """Commands a page shows, as lines of a block or between backquotes, each with its words."""
    content = page.read_text(encoding="utf-8")
    spans = re.findall(r"`(?:\.venv/bin/)?mingzhang ([^`\n]+)`", content)
    lines = re.findall(
        r"^ {4,}(?:\$ )?(?:\S+=\S+ )*(?:\.venv/bin/)?mingzhang (.+)$", content, flags=re.MULTILINE
    )
    return [(found, found.split()) for found in [*spans, *lines]]


def unknown_in(words: list[str]) -> str:
    """The first word of a command that the command line does not know, or ''."""
    command: click.Command = mingzhang
    while isinstance(command, click.Group) and words and re.fullmatch(r"[a-z][a-z-]*", words[0]):
        if words[0] not in command.commands:
            return words[0]
        command, words = command.commands[words[0]], words[1:]
    known = {opt for parameter in command.params for opt in parameter.opts + parameter.secondary_opts}
    options = (word.split("=")[0] for word in words if word.startswith("--"))
    return next((option for option in options if option not in known | {"--help"}), "")


def test_every_command_that_is_shown_exists_with_its_options() -> None:
    pages = [*ROOT.glob("*.md"), *DOCS.rglob("*.md")]
    shown = [(page, said, words) for page in pages for said, words in shown_commands(page)]
    assert len(shown) > 40
    assert [f"{page.name}: {said}" for page, said, words in shown if unknown_in(words)] == []


def test_the_check_of_commands_sees_a_wrong_one() -> None:
    assert unknown_in(["work", "approve", "3"]) == "approve"
    assert unknown_in(["work", "review", "3", "--by", "u01"]) == "--by"
    assert unknown_in(["work", "review", "3", "--as", "u01"]) == ""


def test_tables_named_in_decisions_exist() -> None:
    pages = "".join(page.read_text(encoding="utf-8") for page in (DOCS / "decisions").glob("*.md"))
    for table in ("trust_head", "entry_salt", "posting_detail", "bank_line"):
        assert f"`{table}`" in pages
        assert table in metadata.tables


# --- Examples -----------------------------------------------------------------------------------------------


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """The example community with the example entries, in an embedded database."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("PUBLIC_URL", "https://books.example")
    monkeypatch.delenv("DATABASE_URL", raising=False)
    assert run(["init", str(COMMUNITY)]) == 0
    assert run(["post", str(ENTRIES)]) == 0
    opened = open_desk(None)
    yield opened
    opened.engine.dispose()


def test_lines_of_registers_shown_in_the_handbook_can_be_read() -> None:
    page = text("docs/handbook/office.md")
    rows = re.findall(r"^\| ((?:`\w+`、?)+) \| (.+) \|$", page, flags=re.MULTILINE)
    lines = [
        (name, body)
        for names, cell in rows
        for name, body in zip(re.findall(r"`(\w+)`", names), re.findall(r"`(\{.+?\})`", cell), strict=True)
    ]
    assert [name for name, _ in lines] == list(REGISTERS)
    for name, body in lines:
        read = msgspec.json.decode(body, type=REGISTERS[name].body)
        assert list(body_problems(read, date(2026, 11, 20))) == [], name


def test_the_example_entries_are_posted_once(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert run(["post", str(ENTRIES)]) == 0
    assert capsys.readouterr().out.count("以前已入账") == 3
    assert run(["verify"]) == 0


def january() -> bytes:
    """A statement of the example's bank account: one line for each kind of rule, and one for a person."""

    def line(day: int, fen: int, who: str, memo: str, flow_no: str) -> BankLine:
        moment = datetime(2025, 1, day, 9)  # noqa: DTZ001 - statements carry no zone
        return BankLine(0, moment, fen, None, who, "", memo, flow_no)

    lines = [
        line(8, 176_46, "某业主", "1栋1单元101物业费", "T1"),
        line(9, 100_00, "某人", "转账", "T2"),
        line(21, 13_05, "建设银行", "结息", "T3"),
        line(25, -245_00, "升安电梯工程有限公司", "电梯维保费", "T4"),
        line(26, -50_00, "某人", "回单费", "T5"),
    ]
    return write_statement(
        "ccb-corporate",
        lines,
        account_no="51050100000000000001",
        account_name="青禾里业主大会共有资金",
        opening=52_000_00,
    )


def blocks(page: str, needle: str) -> list[str]:
    """The indented blocks of a page that contain ``needle``."""
    found = re.findall(r"(?:^(?: {4}.*)?\n)+", text(page), flags=re.MULTILINE)
    return [re.sub(r"^ {4}", "", block, flags=re.MULTILINE) for block in found if needle in block]


def test_the_bookkeepers_month_goes_as_the_handbook_says(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("一月.csv").write_bytes(january())
    importing = ["import", "一月.csv", "--account", "F1-CCB", "--by", "u01", "--match", "u02"]
    assert run(importing) == 0
    assert "按规则处理 4 条流水，还有 1 条要人工处理。" in capsys.readouterr().out
    assert run(["close", "202501"]) == 1
    draft = {
        "book": "A",
        "date": "2025-01-26",
        "event": "E16b",
        "summary": "银行回单费",
        "lines": [
            {"account": "5016", "fund": "F1", "side": "D", "amount": "50.00"},
            {"account": "100201", "fund": "F1", "side": "C", "amount": "50.00", "bank_account": "F1-CCB"},
        ],
        "preparer": "u01",
        "reviewer": "u02",
        "key": "回单费-2025-01",
        "documents": [{"kind": "bank_line"}],
    }
    Path("凭证.json").write_text(json.dumps(draft), encoding="utf-8")
    by_hand, reversal = blocks("docs/handbook/bookkeeper.md", "open_desk(None)")
    for name, code in (("by_hand.py", by_hand), ("reversal.py", reversal)):
        Path(name).write_text(code, encoding="utf-8")
    runpy.run_path("by_hand.py")["desk"].engine.dispose()
    assert run(["close", "202501"]) == 0
    assert run(["publish", "202501"]) == 0
    runpy.run_path("reversal.py")["desk"].engine.dispose()
    assert run(["verify"]) == 0


def test_the_check_in_the_log_page_accepts_a_proof_and_nothing_else(desk: Desk) -> None:
    (code,) = blocks("docs/log.md", "def h(*parts)")
    Path("check.py").write_text(code, encoding="utf-8")
    with reading(desk.engine) as conn:
        body, proof = read_leaf(conn, desk.trust_id, 1), prove_entry(conn, desk.trust_id, 1)
        signed = latest_checkpoint(conn, desk.trust_id)
    assert signed is not None
    verifier = load_signer(desk.config.key_path(desk.slug), desk.origin).verifier
    Path("leaf.json").write_bytes(body)
    Path("proof").write_text(proof.encode(), encoding="utf-8")
    Path("key").write_text(verifier.vkey + "\n", encoding="utf-8")
    runpy.run_path("check.py")
    key = load_der_public_key(Path("key.der").read_bytes())
    assert isinstance(key, Ed25519PublicKey)
    assert key.public_bytes_raw() == b64decode(verifier.vkey.split("+", 2)[2])[1:]
    key.verify(Path("signature").read_bytes(), Path("text").read_bytes())
    Path("leaf.json").write_bytes(body.replace(b'"amount":95266', b'"amount":95267'))
    with pytest.raises(AssertionError, match="not in this log"):
        runpy.run_path("check.py")
