"""Guards on the repository itself."""

import ast
import re
import shutil
import subprocess
import tomllib
from collections.abc import Iterator
from functools import cache
from itertools import takewhile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
GROUPS = PYPROJECT["dependency-groups"]

# Put together here, so that this file does not mention them itself.
MACHINE_PATH = re.compile(rb"(?<![\w.])/(?:" + b"|".join([b"work", b"root", b"farm"]) + rb")/")
NOT_OURS = {".git", ".venv", ".dev", ".hypothesis", "build", "dist", "data", "htmlcov"}  # at the top
MADE_BY_TOOLS = {"__pycache__", "node_modules", ".pytest_cache", ".mypy_cache", ".ruff_cache"}  # anywhere


@cache
def repository_files() -> list[Path]:
    """Every file that is, or would be, under version control."""
    git = shutil.which("git")
    if git and (ROOT / ".git").exists():
        listing = subprocess.run(
            [git, "-c", "safe.directory=*", "ls-files", "-co", "--exclude-standard", "-z"],
            cwd=ROOT,
            capture_output=True,
            check=True,
        )
        names = [name.decode() for name in listing.stdout.split(b"\0") if name]
        return [ROOT / name for name in names if (ROOT / name).is_file()]
    inside = ((path, path.relative_to(ROOT).parts) for path in ROOT.rglob("*") if path.is_file())
    return [path for path, parts in inside if parts[0] not in NOT_OURS and not MADE_BY_TOOLS & set(parts)]


def python_files(*packages: str) -> Iterator[Path]:
    for path in repository_files():
        if path.suffix == ".py" and path.relative_to(ROOT).parts[0] in packages:
            yield path


def shown(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


# --- Locks --------------------------------------------------------------------------------------------------


def requirement_names(group: list[str | dict[str, str]]) -> set[str]:
    names = set()
    for requirement in group:
        if isinstance(requirement, str):
            names.add(re.sub(r"[-_.]+", "-", re.split(r"[^\w.-]", requirement, maxsplit=1)[0]).lower())
        else:
            names |= requirement_names(GROUPS[requirement["include-group"]])
    return names


def locked(name: str) -> dict[str, str]:
    """Name and version of everything pinned in a lock, read from lines such as `name==1.2 ; marker \\`."""
    text = (ROOT / name).read_text(encoding="utf-8")
    return dict(re.findall(r"^([a-z0-9-]+)==(\S+)", text, flags=re.MULTILINE))


def test_locks_name_every_dependency() -> None:
    running = requirement_names(PYPROJECT["project"]["dependencies"]) | requirement_names(GROUPS["build"])
    assert running - locked("requirements.lock").keys() == set(), "run `make lock`"
    assert (running | requirement_names(GROUPS["dev"])) - locked("requirements-dev.lock").keys() == set(), (
        "run `make lock`"
    )


def test_what_is_tested_is_what_runs() -> None:
    running = locked("requirements.lock")
    testing = locked("requirements-dev.lock")
    assert running.items() <= testing.items(), "run `make lock`"


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock"])
def test_locks_pin_by_hash_alone(name: str) -> None:
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(lines):
        if line and not line.startswith(" "):
            hashes = list(takewhile(lambda text: text.startswith("    --hash=sha256:"), lines[number + 1 :]))
            assert hashes, f"{line} has no hash"


def test_locks_record_no_download_address() -> None:
    locks = [
        path for path in repository_files() if path.suffix == ".lock" or path.name == "package-lock.json"
    ]
    address = re.compile(
        r"--(?:extra-)?index-url|--find-links|^\s*\"resolved\"\s*:|\s@\s+\w+:", flags=re.MULTILINE
    )
    assert {shown(path) for path in locks} >= {"requirements.lock", "requirements-dev.lock"}
    for path in locks:
        text = path.read_text(encoding="utf-8")
        assert not address.search(text), f"{shown(path)} records where a package was downloaded from"
        if path.suffix == ".lock":
            assert "://" not in text, f"{shown(path)} records an address"


# --- Text ---------------------------------------------------------------------------------------------------


def test_no_file_mentions_a_path_of_one_machine() -> None:
    found = [
        f"{shown(path)}:{number}"
        for path in repository_files()
        for number, line in enumerate(path.read_bytes().splitlines(), 1)
        if MACHINE_PATH.search(line)
    ]
    assert found == []


# --- Architecture -------------------------------------------------------------------------------------------


def imported_packages(tree: ast.AST) -> set[str]:
    """Top-level names of everything imported absolutely, at any depth of the code."""
    packages = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            packages |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            packages.add(node.module.split(".")[0])
    return packages


def test_ledger_does_not_know_disclosure() -> None:
    files = list(python_files("ledger"))
    assert files
    for path in files:
        tree = ast.parse(path.read_text(encoding="utf-8"), filename=shown(path))
        assert "disclosure" not in imported_packages(tree), f"{shown(path)} imports disclosure"


MONEY_TABLE = r"(?:entry|posting|posting_detail)"
INSERTS = re.compile(
    rf"\binsert\(\s*(?:\w+\.)*{MONEY_TABLE}\s*[,)]"
    rf"|\b{MONEY_TABLE}\.insert\("
    rf"|\bINSERT\s+(?:OR\s+\w+\s+)?INTO\s+[\"`]?{MONEY_TABLE}\b"
    rf"|\bCOPY\s+[\"`]?{MONEY_TABLE}\b"
)
CHANGES = re.compile(
    rf"\b(?:update|delete)\(\s*(?:\w+\.)*{MONEY_TABLE}\s*[,)]"
    rf"|\b{MONEY_TABLE}\.(?:update|delete)\("
    rf"|\b(?:UPDATE|DELETE\s+FROM)\s+[\"`]?{MONEY_TABLE}\b"
)


@pytest.mark.parametrize(
    "code",
    [
        "conn.execute(insert(posting), rows)",
        "insert(tables.entry).values(x=1)",
        "entry.insert()",
        'text("INSERT INTO posting (a) VALUES (1)")',
        'text("INSERT OR REPLACE INTO entry VALUES (1)")',
        'copy("COPY posting_detail (a) FROM STDIN")',
    ],
)
def test_guard_sees_an_insert(code: str) -> None:
    assert INSERTS.search(code)
    assert not CHANGES.search(code)


@pytest.mark.parametrize("code", ["update(posting).values(x=1)", "entry.delete()", '"DELETE FROM posting"'])
def test_guard_sees_a_change(code: str) -> None:
    assert CHANGES.search(code)


@pytest.mark.parametrize(
    "code", ["insert(entry_document)", "entries.insert(0, entry)", "BEFORE INSERT ON posting"]
)
def test_guard_leaves_other_code_alone(code: str) -> None:
    assert not INSERTS.search(code)
    assert not CHANGES.search(code)


def test_only_the_journal_writes_money() -> None:
    for path in python_files("ledger", "disclosure"):
        text = path.read_text(encoding="utf-8")
        in_journal = shown(path).startswith(("ledger/journal/", "ledger/journal.py"))
        if not in_journal:
            assert not INSERTS.search(text), f"{shown(path)} writes postings: only ledger/journal may"
        assert not CHANGES.search(text), f"{shown(path)} changes what is posted: nobody may"
