"""Binding: pieces become one document with page numbers, bookmarks, tags and metadata. Reads no clock."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, cast

from pikepdf import Array, Dictionary, Name, Object, ObjectStreamMode, OutlineItem, Pdf, String

from disclosure.paper.fonts import characters_of, share_fonts
from disclosure.paper.foot import Feet, foot_source

Setter = Callable[..., int]
"""Sets an HTML document as PDF: :func:`disclosure.paper.worker.set_pages`."""


def bind(job: Mapping[str, Any], target: Path, set_pages: Setter) -> int:
    """Write the pieces of a job to ``target`` as one document; how many pages it has."""
    with ExitStack() as stack:
        whole = stack.enter_context(Pdf.new())
        sources = [stack.enter_context(Pdf.open(piece["file"])) for piece in job["pieces"]]
        foot = target.with_suffix(".foot")
        stack.callback(foot.unlink, missing_ok=True)
        set_pages(foot_source(job["imprint"], job["paper"], characters_of(sources)), (), foot, tags=False)
        shared = stack.enter_context(Pdf.open(foot))
        contents = _join(whole, sources, [piece["bookmark"] for piece in job["pieces"]])
        share_fonts(whole, shared)
        feet = Feet(whole, shared, job["paper"])
        for number, page in enumerate(whole.pages, 1):
            feet.write(page, number, len(whole.pages))
        with whole.open_outline() as outline:
            outline.root.extend(contents)
        _describe(whole, job["imprint"])
        whole.save(target, deterministic_id=True, object_stream_mode=ObjectStreamMode.generate)
        return len(whole.pages)


def _join(whole: Pdf, sources: Sequence[Pdf], bookmarks: Sequence[str]) -> list[OutlineItem]:
    """All pages in order with their tags; the table of contents."""
    tree = _Tree(whole)
    contents: list[OutlineItem] = []
    for source, bookmark in zip(sources, bookmarks, strict=True):
        first = len(whole.pages)
        headings = list(_headings(source, first))
        whole.pages.extend(source.pages)
        tree.take(source, first)
        if bookmark:
            contents.append(_entry(bookmark, first, headings))
    tree.close()
    return contents


def _describe(whole: Pdf, imprint: Mapping[str, str]) -> None:
    whole.docinfo[Name.Title] = String(imprint["title"])
    whole.docinfo[Name.Author] = String(imprint["author"])
    whole.Root.Lang = String("zh-CN")
    whole.Root.ViewerPreferences = Dictionary(DisplayDocTitle=True)
    with whole.open_metadata(set_pikepdf_as_editor=False) as metadata:
        metadata["dc:title"] = imprint["title"]
        metadata["dc:creator"] = [imprint["author"]]
        metadata["dc:language"] = ["zh-CN"]


class _Tree:
    """The structure trees of the pieces made one, so that screen readers find headings, tables and rows."""

    def __init__(self, whole: Pdf) -> None:
        self._whole = whole
        self._next = 0
        self._numbers = Array()
        self._root = whole.make_indirect(Dictionary(Type=Name.StructTreeRoot))
        self._all = whole.make_indirect(
            Dictionary(Type=Name.StructElem, S=Name.Document, P=self._root, K=Array())
        )

    def take(self, source: Pdf, first: int) -> None:
        """Take over the tree of a piece whose pages have just been added from ``first`` on."""
        tree = self._whole.copy_foreign(source.Root.StructTreeRoot)
        for element in tree.K:
            element.S = Name.Part
            element.P = self._all
            self._all.K.append(element)
        numbers = list(tree.ParentTree.Nums)
        for key, value in zip(numbers[::2], numbers[1::2], strict=True):
            self._numbers.append(int(key) + self._next)
            self._numbers.append(value)
        for page in list(self._whole.pages)[first:]:
            page.StructParents = int(page.StructParents) + self._next
            for annotation in page.obj.get("/Annots", ()):
                if "/StructParent" in annotation:
                    annotation.StructParent = int(annotation.StructParent) + self._next
        self._next += 1 + max(map(int, numbers[::2]), default=-1)

    def close(self) -> None:
        """Put the tree into the document."""
        self._root.K = Array([self._all])
        self._root.ParentTree = self._whole.make_indirect(Dictionary(Nums=self._numbers))
        self._root.ParentTreeNextKey = self._next
        self._whole.Root.StructTreeRoot = self._root
        self._whole.Root.MarkInfo = Dictionary(Marked=True)


def _entry(title: str, page: int, below: Iterable[OutlineItem]) -> OutlineItem:
    item = OutlineItem(title, page)
    item.children.extend(below)
    item.is_closed = True
    return item


def _headings(source: Pdf, first: int) -> Iterable[OutlineItem]:
    """The bookmarks a piece has, the second level only: the first is the document's own name."""
    places = {cast(tuple[int, int], page.objgen): n for n, page in enumerate(source.pages, first)}
    with source.open_outline() as outline:
        for item in outline.root:
            for below in item.children:
                yield OutlineItem(below.title, _page_of(below.destination, places))


def _page_of(destination: Any, places: Mapping[tuple[int, int], int]) -> int:
    page: Object = destination[0]
    return places[page.objgen]
