"""What residents' pages run works on a phone of 2017: nothing newer than ES2017, in syntax or in what is called.

The office's scripts are for desks and not among them.
"""

from __future__ import annotations

import re
from pathlib import Path

from disclosure.public.rendering import STATIC
from tests.log.interop import run_node

SCRIPTS = sorted(path for path in STATIC.glob("*.js") if not path.name.startswith("office-"))
NEWER = re.compile(
    r"\.(?:finally|flatMap|flat|matchAll|replaceAll|at|fromEntries|trimStart|trimEnd|replaceChildren|"
    r"randomUUID|allSettled|any|hasOwn|structuredClone)\("
)
"""Functions browsers got after 2017, as far as anyone might reach for them."""


def test_the_syntax_is_old_enough(tmp_path: Path) -> None:
    assert len(SCRIPTS) >= 7
    given = [(path.name, path.read_text("utf-8")) for path in SCRIPTS]
    assert run_node("parse_scripts.cjs", given, tmp_path) == []


def test_the_check_would_have_said_so(tmp_path: Path) -> None:
    given = [("a", "x?.y"), ("b", "try {} catch {}"), ("c", "({...x})"), ("d", "async () => 1")]
    assert [name for name, _ in run_node("parse_scripts.cjs", given, tmp_path)] == ["a", "b", "c"]


def test_nothing_newer_is_called() -> None:
    for path in SCRIPTS:
        assert not NEWER.search(path.read_text("utf-8")), path.name
