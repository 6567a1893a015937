"""Files that are kept: how many, and what is sent of one that has to go."""

from __future__ import annotations

import os
import time
from pathlib import Path

from litestar import get
from litestar.testing import create_test_client

from disclosure.paper.kept import SPARED, is_kept, tidy
from disclosure.public.answers import Answer, Req
from disclosure.public.file_answers import file_answer

LONG_AGO = time.time() - 2 * SPARED


def kept(folder: Path, name: str, size: int, used: float) -> Path:
    file = folder / "pieces" / name
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(b"x" * size)
    os.utime(file, (used, used))
    return file


def names(folder: Path) -> set[str]:
    return {file.name for file in folder.rglob("*") if file.is_file()}


def test_what_was_used_longest_ago_goes_first(tmp_path: Path) -> None:
    for number in range(5):
        kept(tmp_path, f"{number}.pdf", 10, LONG_AGO + number)
    tidy(tmp_path, most=30)
    assert names(tmp_path) == {"2.pdf", "3.pdf", "4.pdf"}


def test_what_somebody_may_be_about_to_read_stays(tmp_path: Path) -> None:
    old, _ = kept(tmp_path, "old.pdf", 10, LONG_AGO), kept(tmp_path, "older.pdf", 10, LONG_AGO - 1)
    assert is_kept(old)
    tidy(tmp_path, most=0)
    assert names(tmp_path) == {"old.pdf"}
    assert not is_kept(tmp_path / "none.pdf")


def test_what_a_broken_process_left_goes_though_there_is_room(tmp_path: Path) -> None:
    kept(tmp_path, "a.part", 10, LONG_AGO)
    kept(tmp_path, "b.foot", 10, LONG_AGO)
    kept(tmp_path, "being-made.part", 10, time.time())
    kept(tmp_path, "c.pdf", 10, LONG_AGO)
    tidy(tmp_path, most=1000)
    assert names(tmp_path) == {"being-made.part", "c.pdf"}


def test_a_file_removed_while_it_is_sent_is_sent_whole(tmp_path: Path) -> None:
    file = tmp_path / "a.pdf"
    file.write_bytes(b"page" * 50_000)

    @get("/file", sync_to_thread=True)
    def handler(request: Req) -> Answer:
        sent = file_answer(request, lambda: file, media_type="application/pdf", version=1)
        file.unlink()
        return sent

    with create_test_client([handler]) as client:
        got = client.get("/file")
    assert got.content == b"page" * 50_000
    assert got.headers["content-length"] == "200000"
