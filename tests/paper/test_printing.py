"""Printed documents as a reader gets them."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import BoundedSemaphore
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from disclosure.paper import Busy, Imprint, Paper, PrintFailed, Row, Sheet, crew, kept, press, print_pdf
from ledger.errors import Refused
from tests.paper.conftest import Annex
from tests.paper.documents import FRONT, IMPRINT, front, listing, printed, references, rows, texts, words


def test_every_row_is_there_once_and_in_order(annex: Annex) -> None:
    expected = [f"A-2025-{n:06}" for n in range(1, 61)] + [f"A-2025-{n:06}" for n in range(1, 731)]
    assert list(references(annex.file)) == expected


def test_page_numbers_run_through_and_every_page_has_the_foot(annex: Annex) -> None:
    pages = texts(annex.file)
    assert len(pages) > 15
    for number, text in enumerate(pages, 1):
        assert f"第 {number} 页 / 共 {len(pages)} 页" in text
        assert "明和苑　2025年3月月报" in text


def test_pages_are_as_full_as_was_counted(annex: Annex) -> None:
    """A page that did not fit would run on to one with hardly anything on it."""
    full = [len(re.findall(r"A-2025-\d{6}", text)) for text in texts(annex.file)]
    assert full[0] == 0
    assert set(full[1:]) == {47, 13, 730 % 47}


def test_heads_are_repeated_on_every_page_of_a_listing(annex: Annex) -> None:
    for text in texts(annex.file)[1:]:
        assert "凭证号" in text
        assert "金额（元）" in text


def test_bookmarks_name_the_parts_and_the_chapters(annex: Annex) -> None:
    reader = PdfReader(annex.file)
    first, below, second, third = cast(list[Any], reader.outline)
    assert [item.title for item in (first, second, third)] == ["月报", "2025年2月", "2025年3月"]
    assert [item.title for item in below] == ["钱的进出", "收入与支出"]
    pages = [reader.get_destination_page_number(item) for item in (first, second, third)]
    assert pages == [0, 1, 3]


def test_language_title_and_author_are_said(annex: Annex) -> None:
    reader = PdfReader(annex.file)
    root = cast(Any, reader.trailer["/Root"])
    assert root["/Lang"] == "zh-CN"
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert reader.metadata is not None
    assert reader.metadata.title == "明和苑 2025年3月月报"
    assert reader.metadata.author == "锦安物业"
    assert reader.xmp_metadata is not None
    assert reader.xmp_metadata.dc_title == {"x-default": "明和苑 2025年3月月报"}


def test_tags_of_all_pieces_are_one_tree_that_points_at_the_right_pages(annex: Annex) -> None:
    reader = PdfReader(annex.file)
    root = cast(Any, reader.trailer["/Root"])
    assert root["/MarkInfo"]["/Marked"]
    tree = root["/StructTreeRoot"]
    (document,) = tree["/K"]
    assert document.get_object()["/S"] == "/Document"
    assert len(document.get_object()["/K"]) >= 3
    numbers = tree["/ParentTree"]["/Nums"]
    marked = {int(key): value.get_object() for key, value in zip(numbers[::2], numbers[1::2], strict=True)}
    assert list(marked) == sorted(marked)
    for page in reader.pages:
        elements = marked[page["/StructParents"]]
        assert len(elements) > 0
        assert {element.get_object()["/Pg"].indirect_reference for element in elements} == {
            page.indirect_reference
        }


def test_all_pieces_share_one_font_file(annex: Annex) -> None:
    """A Chinese font in each piece would cost 100 KB and more apiece."""
    reader = PdfReader(annex.file)
    mono = {
        font.indirect_reference.idnum
        for page in reader.pages
        for raw in cast(Any, page["/Resources"])["/Font"].values()
        if "Mono" in (font := raw.get_object())["/BaseFont"]
    }
    assert len(mono) == 1


@pytest.mark.parametrize(("paper", "width", "height"), [("A4", 210, 297), ("A3", 420, 297)])
def test_paper_sizes(tmp_path: Path, paper: Paper, width: int, height: int) -> None:
    styles = ("print.css",) if paper == "A4" else ("print.css", "print-a3.css")
    file = printed(tmp_path, [Sheet(FRONT, styles), listing(rows(30))], paper=paper)
    for page in PdfReader(file).pages:
        assert round(float(page.mediabox.width) / 72 * 25.4) == width
        assert round(float(page.mediabox.height) / 72 * 25.4) == height
    full = [len(re.findall(r"A-2025-\d{6}", text)) for text in texts(file)]
    assert full == ([0, 30] if paper == "A4" else [0, 19, 11])


def test_the_same_again_gives_the_same_bytes(annex: Annex, tmp_path: Path) -> None:
    months = [listing(rows(count), title) for count, title in ((60, "2025年2月"), (730, "2025年3月"))]
    assert printed(tmp_path, [front(), *months]).read_bytes() == annex.file.read_bytes()


def test_what_is_kept_is_not_set_again(annex: Annex, monkeypatch: pytest.MonkeyPatch) -> None:
    jobs: list[str] = []
    start = crew.Crew.start

    def noted(self: crew.Crew, job: crew.Job, target: Path) -> Any:
        jobs.append(job["do"])
        return start(self, job, target)

    monkeypatch.setattr(crew.Crew, "start", noted)

    def never() -> Sequence[Any]:
        raise AssertionError("asked for the parts of a document that is kept")

    assert print_pdf(annex.folder, IMPRINT, never, paper="A4", key=b"one") == annex.file
    assert jobs == []
    year = printed(
        annex.folder, [listing(rows(730), "2025年3月"), listing(rows(60), "2025年2月")], key=b"year"
    )
    assert jobs == ["bind"]
    assert len(list(references(year))) == 790


def test_two_who_ask_at_once_get_the_same_file_which_is_set_once(tmp_path: Path) -> None:
    read: list[int] = []

    def parts() -> Sequence[Any]:
        read.append(1)
        return [listing(rows(100))]

    with ThreadPoolExecutor(2) as threads:
        asked = [
            threads.submit(print_pdf, tmp_path, IMPRINT, parts, paper="A4", key=b"one") for _ in range(2)
        ]
        files = [future.result() for future in asked]
    assert files[0] == files[1]
    assert len(read) == 1
    assert len(list(references(files[0]))) == 100
    assert list(tmp_path.rglob("*.part")) == []


def test_what_was_not_used_for_long_makes_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    outdated = tmp_path / "paper" / "documents" / "outdated.pdf"
    outdated.parent.mkdir(parents=True)
    outdated.write_bytes(b"x")
    os.utime(outdated, (0, 0))
    printed(tmp_path, [listing(rows(1))])
    assert outdated.exists()
    monkeypatch.setattr(kept, "MOST_KEPT", 1)
    file = printed(tmp_path, [listing(rows(2))], key=b"two")
    assert not outdated.exists()
    assert file.exists()


def test_a_crash_leaves_no_file_and_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crew, "_WORKER", ("-c", "import sys; sys.stdin.readline(); sys.exit(9)"))
    with pytest.raises(PrintFailed, match="退出码 9"):
        printed(tmp_path, [listing(rows(3))])
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_page_that_cannot_be_set_leaves_no_file_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = """import sys; sys.stdin.readline(); print('{"error": "MemoryError: "}', flush=True)"""
    monkeypatch.setattr(crew, "_WORKER", ("-c", code))
    with pytest.raises(PrintFailed, match="MemoryError"):
        printed(tmp_path, [listing(rows(3))])
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_nothing_is_loaded_from_elsewhere(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("SECRET-WORDS")
    html = f'<html lang="zh-CN"><title>x</title><p>正文<object data="file://{secret}"></object><img src="file://{secret}" alt="图">'
    assert "SECRET-WORDS" not in words(printed(tmp_path, [Sheet(html, ())]))


def test_the_child_gets_no_secrets(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    seen = tmp_path / "environment"
    monkeypatch.setenv("MINGZHANG_PASSWORD", "SECRET-WORDS")
    monkeypatch.setenv("DATABASE_URL", "postgresql://SECRET-WORDS")
    monkeypatch.setenv("LANG", "C.UTF-8")
    code = f"import os; open({str(seen)!r}, 'w').write(repr(dict(os.environ)))"
    monkeypatch.setattr(crew, "_WORKER", ("-c", code))
    with pytest.raises(PrintFailed):
        printed(tmp_path, [listing(rows(1))])
    assert "C.UTF-8" in seen.read_text()
    assert "SECRET-WORDS" not in seen.read_text()


def test_too_long_a_document_is_refused_before_anything_is_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(press, "MOST_PAGES", 20)
    with pytest.raises(Refused, match="不宜打印"):
        printed(tmp_path, [listing(rows(47 * 40))])
    assert list(tmp_path.rglob("*.pdf")) == []


def test_who_waits_too_long_is_told_to_come_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(press, "LONGEST_WAIT", 0.01)
    with press._press(), pytest.raises(Busy, match="请一两分钟后再试"):
        printed(tmp_path, [listing(rows(1))])


def test_few_may_wait_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(press, "_QUEUE", BoundedSemaphore(1))
    with press._press(), pytest.raises(Busy, match="请一两分钟后再试"):
        printed(tmp_path, [listing(rows(1))])


TEXT = st.text(
    st.sampled_from(
        "电梯维保费，。（）：、物业公共收益保洁绿化消防高压水泵¥%#&<>\"'0123456789-/ abcXYZ龘靐犇"
    ),
    min_size=1,
    max_size=150,
)


@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(entries=st.lists(st.tuples(TEXT, TEXT), min_size=1, max_size=60), title=TEXT.filter(str.strip))
def test_no_text_is_ever_cut_off(
    tmp_path_factory: pytest.TempPathFactory, entries: list[tuple[str, str]], title: str
) -> None:
    """Long texts in a narrow column and in the last one."""
    folder = tmp_path_factory.mktemp("texts")
    found = [Row((f"A-2025-{n:06}", narrow, wide)) for n, (narrow, wide) in enumerate(entries)]
    file = printed(folder, [listing(found, title)], imprint=Imprint(title, "物业", title))
    text = words(file)
    box = PdfReader(file).pages[0].mediabox
    assert len(list(references(file))) == len(entries)
    for _, wide in entries:
        counted = sum(text.count(char) for char in set(wide) - {" "})
        assert counted > 0
    everything = "".join(narrow + wide for narrow, wide in entries)
    for char in set(everything) - {" "}:
        assert text.count(char) >= everything.count(char), char
    assert float(box.width) > 0
