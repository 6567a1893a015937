"""The rules about the texts of an entry: complete, fit to be published, fit to be kept."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from ledger.errors import Problem
from ledger.events import Event
from ledger.journal.draft import Draft
from ledger.journal.facts import Facts
from ledger.journal.person_names import looks_like_person
from ledger.journal.privacy import private_data_in
from ledger.journal.public_view import PUBLIC_NUMBERS

MAX_SUMMARY = 200
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
"""What PostgreSQL, JSON or a browser would refuse or swallow. Tab and line feed may stay."""
_REFERENCE_KIND = re.compile(r"[a-z][a-z0-9_]{0,40}")


def texts_are_complete(draft: Draft, event: Event, facts: Facts) -> Iterator[Problem]:
    """Summary, people and key are there, and the summary can be published."""
    if not draft.summary.strip():
        yield Problem("no_summary", "摘要不能为空，请用一句话写明这笔账做了什么", "摘要")
    elif len(draft.summary) > MAX_SUMMARY and not facts.internal:  # corrections put a title in front
        yield Problem("long_summary", f"摘要有 {len(draft.summary)} 字，请压到 {MAX_SUMMARY} 字以内", "摘要")
    if not draft.key.strip() or len(draft.key) > 200:
        yield Problem("no_key", "缺少防重复编号（1–200 个字符）", "防重复编号")
    preparer, reviewer = draft.preparer.strip(), draft.reviewer.strip()
    if not preparer or not reviewer:
        yield Problem("no_people", "制单人和审核人都要写明", "制单与审核")
    elif preparer == reviewer:
        yield Problem("same_person", "制单人和审核人不能是同一人（会计法第三十五条）", "制单与审核")
    for place, text in _published(draft):
        for kind in _private(text):
            yield Problem("private_data", f"“{text}”会被公开，但里面像有{kind}，请删去", place)
    for place, text in _published_numbers(draft):
        for kind in _private(text):
            if kind != "房号":  # contracts and resolutions are numbered like rooms
                yield Problem("private_data", f"“{text}”会被公开，但里面像有{kind}，请删去", place)


def _published(draft: Draft) -> list[tuple[str, str]]:
    texts = [("摘要", draft.summary)]
    texts += [("凭证名称", item.title) for item in draft.documents if item.title]
    if draft.counterparty_public:
        texts.append(("对方名称", draft.counterparty))
    return texts


def _published_numbers(draft: Draft) -> list[tuple[str, str]]:
    numbers = [("凭证编号", item.number) for item in draft.documents if item.kind in PUBLIC_NUMBERS]
    if draft.references:
        numbers.extend(("依据", ref) for ref in draft.references.values())
    return numbers


def _private(text: str) -> tuple[str, ...]:
    """Kinds of personal data in a text. The same summaries recur in every import of a statement."""
    return _private_in_short(text) if len(text) <= MAX_SUMMARY else tuple(private_data_in(text))


@lru_cache(maxsize=1024)
def _private_in_short(text: str) -> tuple[str, ...]:
    return tuple(private_data_in(text))


def people_are_not_named(draft: Draft, event: Event, facts: Facts) -> Iterator[Problem]:
    """Whom the money came from or went to, if a person, is not named in what everybody reads."""
    name = draft.counterparty.strip()
    if facts.internal or not looks_like_person(name):  # corrections repeat what was published
        return
    for place, text in [("摘要", draft.summary), *(("凭证名称", item.title) for item in draft.documents)]:
        if name in text:
            yield Problem("private_data", f"“{text}”会被公开，但里面有对方个人的姓名，请删去", place)


def can_be_kept(draft: Draft) -> bool:
    """Whether every text can be stored and hashed at all: to be asked before anything else."""
    said = [draft.summary, draft.key, draft.preparer, draft.reviewer, draft.counterparty, draft.memo]
    for item in draft.documents:
        said += (item.kind, item.title, item.number)
    if draft.references:
        said += draft.references
        said += draft.references.values()
    for line in draft.lines:
        if line.details:
            said += [detail.basis for detail in line.details]
    texts = "".join(said)
    return texts.isprintable() or not _UNPRINTABLE.search(texts)


def texts_can_be_kept(draft: Draft, event: Event, facts: Facts) -> Iterator[Problem]:
    """No character that a database or a browser refuses."""
    for place, text in _texts(draft):
        if not text.isprintable() and _UNPRINTABLE.search(text):
            yield Problem("bad_character", "文字里有看不见的控制字符或残缺的字符，请删去后重新输入", place)


def references_are_plain(draft: Draft, event: Event, facts: Facts) -> Iterator[Problem]:
    """References are named plainly and say something."""
    for kind, ref in draft.references.items():
        if not _REFERENCE_KIND.fullmatch(kind):
            shown = kind.encode("ascii", "backslashreplace").decode()
            yield Problem("bad_reference", f"依据的种类“{shown}”应为小写英文字母，如 resolution", "依据")
        if not ref.strip():
            yield Problem("empty_reference", f"依据 {kind} 是空的，请填写编号或去掉", "依据")


def _texts(draft: Draft) -> Iterator[tuple[str, str]]:
    """The texts that :func:`can_be_kept` looks at all together, one by one."""
    yield "摘要", draft.summary
    yield "防重复编号", draft.key
    yield "制单与审核", draft.preparer
    yield "制单与审核", draft.reviewer
    yield "对方名称", draft.counterparty
    yield "备注", draft.memo
    for item in draft.documents:
        for text in (item.kind, item.title, item.number):
            yield "附件", text
    for kind, ref in draft.references.items():
        yield "依据", kind
        yield "依据", ref
    for no, line in enumerate(draft.lines, start=1):
        for detail in line.details:
            yield f"第 {no} 行明细", detail.basis
