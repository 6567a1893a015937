"""What is new, in words: the leaves of the log from the newest back, a page at a time by place in the log."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

import msgspec
from sqlalchemy import Connection, select

from disclosure.public.in_words import in_words
from disclosure.public.leaves import decode_leaf
from disclosure.public.listed import with_corrections
from disclosure.public.present import Names, headline, row_of
from disclosure.public.words import day_text
from ledger.chart import FUNDS
from ledger.evaluation.scheme import FULL, HALVES, points_text
from ledger.inquiries.model import kinds
from ledger.inquiries.shown import about_name
from ledger.journal.public_view import LEAF_KIND
from ledger.log.entries import Record, decode_record
from ledger.money import format_yuan
from ledger.periods.spans import span_name, span_of
from ledger.records import record_kinds
from ledger.store.tables import leaf, record

PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class Item:
    """One piece of news. ``path`` below ``/c/{slug}``; ``key`` names it for good within the community."""

    seq: int
    key: str
    title: str
    text: str
    path: str
    moment: datetime
    category: str
    corrects: str = ""


@dataclass(frozen=True, slots=True)
class News:
    """A page of news, newest first; ``before`` asks for the next page, None at the end."""

    items: tuple[Item, ...]
    before: int | None


TOPICS: Mapping[str, tuple[str, tuple[str, ...]]] = MappingProxyType(
    {
        "entries": ("账目", ()),
        "statements": ("报告", ("statement",)),
        "budgets": ("预算", ("budget",)),
        "decisions": ("业主的决定", ("resolution_opened", "result", "decision")),
        "projects": ("专项项目", ("final_account",)),
        "services": ("服务", ("services", "posts", "fulfilment")),
        "inquiries": ("质询和答复", ("inquiry",)),
        "evaluations": ("双百分评价", ("evaluation",)),
    }
)
"""What one may subscribe to by itself: title, and the kinds of records in it."""


def read_news(
    conn: Connection,
    trust_id: int,
    names: Names,
    *,
    only: str = "",
    before: int | None = None,
    size: int = PAGE_SIZE,
) -> News:
    """The news before a place in the log, or the newest; of one topic or of all. Two or three queries.

    ``names``: public names of vendors, contracts and the like by dimension and code.
    """
    query = select(leaf.c.seq, leaf.c.kind, leaf.c.body).where(leaf.c.trust_id == trust_id)
    if before is not None:
        query = query.where(leaf.c.seq < before)
    kinds = _leaf_kinds(only)
    if only and only != "entries":
        chosen = select(record.c.seq).where(record.c.trust_id == trust_id, record.c.kind.in_(TOPICS[only][1]))
        query = query.where(leaf.c.seq.in_(chosen))
    rows = conn.execute(query.where(leaf.c.kind.in_(kinds)).order_by(leaf.c.seq.desc()).limit(size + 1)).all()
    shown = rows[:size]
    entries = {
        row.seq: item for row, item in zip(shown, _entries(conn, trust_id, names, shown), strict=True) if item
    }
    items = tuple(entries.get(row.seq) or _record(bytes(row.body)) for row in shown)
    return News(items, shown[-1].seq if len(rows) > size else None)


def _leaf_kinds(only: str) -> list[str]:
    known = record_kinds()
    wanted = [name for topic, (_, names) in TOPICS.items() if only in ("", topic) for name in names]
    kinds = [known[name].leaf_kind for name in wanted if name in known]
    return kinds + [LEAF_KIND] * (only in ("", "entries"))


def _entries(conn: Connection, trust_id: int, names: Names, rows: Any) -> Iterator[Item | None]:
    """Each entry as an item, with what was later done to it; None in the place of a record."""
    found = [decode_leaf(bytes(row.body)) for row in rows if row.kind == LEAF_KIND]
    listed = iter(list(with_corrections(conn, trust_id, found)))
    for row in rows:
        if row.kind != LEAF_KIND:
            yield None
            continue
        one = next(listed)
        shown, item = row_of(one), one.entry
        mark = "【红字冲销】" if item.reverses else "【订正】" if item.amends else ""
        said = [
            f"{in_words(item, headline(item)[1], names)}。",
            f"{'、'.join(fund.name for fund in shown.funds)}，业务日期{day_text(item.date)}，凭证 {item.ref}。",
        ]
        said += _corrected(item.reverses, item.amends, one.reversed_by, one.amended_by)
        yield Item(
            seq=item.seq,
            key=f"entries/{item.ref}",
            title=f"{mark}{shown.kind} {shown.amount.text}：{item.summary}",
            text="".join(said),
            path=f"/entries/{item.ref}",
            moment=item.posted_at,
            category="corrections" if mark else "entries",
            corrects=item.reverses or item.amends,
        )


def _corrected(reverses: str, amends: str, reversed_by: str, amended_by: tuple[str, ...]) -> list[str]:
    said = []
    if reverses:
        said.append(f"这一笔是红字，冲销的是 {reverses}。")
    if amends:
        said.append(f"这一笔订正的是 {amends}。")
    if reversed_by:
        said.append(f"这一笔后来已被 {reversed_by} 冲销。")
    if amended_by:
        said.append(f"这一笔后来已被 {'、'.join(amended_by)} 订正。")
    return said


def _record(body: bytes) -> Item:
    found = decode_record(body)
    if found is None:
        raise ValueError("not a record")
    name = found.kind.removeprefix("mingzhang.").removesuffix(".v1")
    title, text, path, corrects = WORDS[name](found.subject, found.value)
    return Item(
        seq=found.seq,
        key=f"{name}/{found.subject}",
        title=title,
        text=text,
        path=path,
        moment=_moment(found),
        category=next(topic for topic, (_, names) in TOPICS.items() if name in names),
        corrects=corrects,
    )


def _moment(found: Record) -> datetime:
    return msgspec.convert(found.recorded_at, datetime, strict=False)


_Said = tuple[str, str, str, str]


def _statement(subject: str, value: Mapping[str, Any]) -> _Said:
    code, _, version = subject.partition("-")
    kind = {"month": "月报", "quarter": "季报", "year": "年报"}[span_of(int(code)).kind]
    name = f"{span_name(int(code))}{kind}"
    path = f"/statements/{span_of(int(code)).slug}?version={version}"
    if version == "1":
        return f"{name}已发布", f"{name}已发布，有网页、PDF 和表格。", path, ""
    text = f"{name}有更正，现为第 {version} 版。网页上写明了与上一版的差异，旧版照样可以查看。"
    return f"【更正】{name}第 {version} 版", text, path, f"{code}-{int(version) - 1}"


def _budget(_: str, value: Mapping[str, Any]) -> _Said:
    fund = FUNDS[value["fund"]].name
    name = f"{value['year']}年{fund}预算"
    again = f"（第 {value['version']} 版）" if value["version"] > 1 else ""
    text = (
        f"自{_day(value['effective_on'])}起生效。预计收入 {format_yuan(value['income'])} 元，"
        f"计划支出 {format_yuan(value['expense'])} 元；公示期间收到 {value['comments']} 条意见。"
    )
    path = f"/budgets/{value['year']}-{value['fund']}?version={value['version']}"
    return f"{name}生效{again}", text, path, ""


def _opened(subject: str, value: Mapping[str, Any]) -> _Said:
    text = (
        f"第 {subject} 号表决“{value['title']}”，{_day(value['opens_on'])}至{_day(value['closes_on'])}投票，"
        f"名册共 {value['roll']['voters']:,} 人、{value['roll']['units']:,} 套房屋。"
    )
    return f"开始表决：{value['title']}", text, f"/resolutions/{quote(subject)}", ""


def _result(subject: str, value: Mapping[str, Any]) -> _Said:
    outcomes = "；".join(
        f"{item['title']}：{'通过' if item['passed'] else '没有通过'}" for item in value["items"]
    )
    text = f"第 {subject} 号表决的结果。{outcomes}。共收到 {value['ballots']:,} 张选票。"
    return f"表决结果：{outcomes}", text, f"/resolutions/{quote(subject)}", ""


def _decision(subject: str, value: Mapping[str, Any]) -> _Said:
    text = (
        f"“{value['title']}”于{_day(value['decided_on'])}作出，"
        f"自{_day(value['effective_on'])}起生效，编号 {subject}。"
    )
    return f"登记业主的决定：{value['title']}", text, f"/resolutions/{quote(subject)}", ""


def _final(subject: str, value: Mapping[str, Any]) -> _Said:
    text = f"计划 {format_yuan(value['planned'])} 元，花费 {format_yuan(value['cost'])} 元。"
    return f"竣工决算：{value['title']}", text, f"/projects/{quote(subject)}", ""


def _services(_: str, value: Mapping[str, Any]) -> _Said:
    text = f"共 {len(value['items'])} 项，自{_day(value['effective_on'])}起执行。"
    return f"服务事项和标准（第 {value['version']} 版）", text, "/services", ""


def _posts(_: str, value: Mapping[str, Any]) -> _Said:
    text = f"共 {len(value['items'])} 个岗位，自{_day(value['effective_on'])}起。"
    return f"岗位和职责（第 {value['version']} 版）", text, "/posts", ""


def _fulfilment(_: str, value: Mapping[str, Any]) -> _Said:
    span = span_of(value["period"])
    again = f"（第 {value['version']} 版）" if value["version"] > 1 else ""
    return f"{span.name}服务履行情况{again}", value["summary"], f"/fulfilment/{span.slug}", ""


def _inquiry(_: str, value: Mapping[str, Any]) -> _Said:
    said = "公开答复" if value["says"] == "answer" else "公开提问"
    title = f"{kinds()[value['kind']].title}第 {value['no']} 号：{said}"
    about = about_name(value["about_kind"], value["about"])
    text = f"关于{about}，{value['by']}于{_day(value['said_on'])}：{value['text']}"
    return title, text, f"/inquiries/{value['no']}", ""


def _evaluation(subject: str, value: Mapping[str, Any]) -> _Said:
    """Both scores in a row, never one number."""
    name, no = f"{span_name(value['period'])}双百分评价", value["round"]
    said = "；".join(_half(title, value[half]) for half, title in HALVES.items())
    path = f"/evaluations/{no}?version={value['version']}"
    text = f"{said}。两个分数各算各的，不相加。网页上写明扣的每一分。"
    if value["version"] == 1:
        return f"{name}定稿：{said}", text, path, ""
    return f"【更正】{name}第 {value['version']} 版：{said}", text, path, f"{no}-{value['version'] - 1}"


def _half(title: str, half: Mapping[str, Any]) -> str:
    of = f"（评了 {points_text(half['possible'])} 分）" if half["possible"] < FULL else ""
    return (
        f"{title} {points_text(half['points'])} 分{of}{'，' + half['grade'] + ' 级' if half['grade'] else ''}"
    )


def _day(text: str) -> str:
    return day_text(date.fromisoformat(text))


WORDS: Mapping[str, Callable[[str, Mapping[str, Any]], _Said]] = MappingProxyType(
    {
        "statement": _statement,
        "budget": _budget,
        "resolution_opened": _opened,
        "result": _result,
        "decision": _decision,
        "final_account": _final,
        "services": _services,
        "posts": _posts,
        "fulfilment": _fulfilment,
        "inquiry": _inquiry,
        "evaluation": _evaluation,
    }
)
"""How each kind of record is told: title, text, path, and what it corrects, from its subject and value."""
