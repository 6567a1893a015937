"""The data package of a statement: a Frictionless Data Package (v1) that describes its files.

https://specs.frictionlessdata.io/data-package/ and /tabular-data-package/: names, sizes and SHA-256 of the files,
and the type of each column, so that a program can read and check them without asking us.
"""

from __future__ import annotations

from hashlib import file_digest, sha256
from pathlib import Path
from typing import Any

import msgspec

from disclosure.statements.csv_file import PLAIN, statement_csv
from disclosure.statements.full_csv import FULL
from disclosure.statements.publish import PublishedStatement
from disclosure.statements.words import statement_title
from ledger.journal.public_view import utc_text
from ledger.periods.spans import span_slug

_LICENSE = {
    "name": "CC-BY-4.0",
    "title": "知识共享 署名 4.0 国际",
    "path": "https://creativecommons.org/licenses/by/4.0/",
}
_TITLES = {"plain": "表格，供人阅读", "full": "全部数字，以及本期每一笔账的每一条分录"}
_PLAIN_TYPES = {"日期": "date", "金额（元）": "number", "数量": "integer"}
_PLAIN_HELP = {
    "部分": "报表的哪一部分",
    "编号": "科目、资金、合同、预算行编码，或凭证号",
    "项目": "哪一个数，如期末余额、本月、本年累计",
    "金额（元）": "单位为元，负数是红字或减少",
    "数量": "户数、笔数",
}
_FULL_TYPES = {"amount": "number", "count": "integer", "seq": "integer", "line": "integer", "date": "date"}
_FULL_HELP = {
    "row": "figure 是报表上的一个数，line 是一条分录",
    "key": "数的固定名称，各版相同",
    "book": "账套：A 物业共有资金，M 住宅专项维修资金",
    "fund": "资金编码",
    "code": "科目或其他编码",
    "amount": "元；分录的红字为负",
    "ref": "凭证号",
    "seq": "在公开日志里的位置",
    "side": "D 借，C 贷",
    "corrects": "更正哪一张凭证",
}


def data_package(published: PublishedStatement, log: str, page: str, full: Path) -> bytes:
    """``datapackage.json``; ``log`` and ``page`` are addresses, ``full`` is the full file.

    Paths of files are relative, so that a downloaded folder is a package as well.
    """
    value = published.value
    slug = span_slug(published.period)
    base = f"v{published.version}/{slug}"
    with full.open("rb") as file:
        digest = file_digest(file, "sha256").hexdigest()
    plain = statement_csv(published)
    resources = [
        _table("plain", f"{base}.csv", plain_schema(), sha256(plain).hexdigest(), len(plain)),
        _table("full", f"{base}-full.csv", full_schema(), digest, full.stat().st_size),
        {
            "name": "value",
            "path": f"{base}.json",
            "title": "报表的原始数据（公开日志里登记了它的 SHA-256）",
            "format": "json",
            "mediatype": "application/json",
            "encoding": "utf-8",
            "bytes": len(published.body),
            "hash": f"sha256:{sha256(published.body).hexdigest()}",
        },
    ]
    return msgspec.json.encode(
        {
            "profile": "data-package",
            "name": f"{value.trust}-{slug.lower()}-v{published.version}",
            "title": f"{value.name}{statement_title(published.period)}（第 {published.version} 版）",
            "description": (
                f"按公开日志的前 {published.size} 条编制，签名凭据见 cutoff；金额单位为元。"
                "所有文件都从 value 那份数据和公开日志得出。"
            ),
            "homepage": page,
            "version": f"{published.version}.0.0",
            "created": utc_text(published.published_at),
            "licenses": [_LICENSE],
            "sources": [{"title": f"{value.name}公开日志", "path": log}],
            "cutoff": {"size": published.size, "checkpoint": value.checkpoint},
            "resources": resources,
        }
    )


def _table(name: str, path: str, schema: dict[str, Any], digest: str, size: int) -> dict[str, Any]:
    return {
        "name": name,
        "path": path,
        "title": _TITLES[name],
        "profile": "tabular-data-resource",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8-sig" if name == "plain" else "utf-8",
        "bytes": size,
        "hash": f"sha256:{digest}",
        "dialect": {"delimiter": ",", "lineTerminator": "\r\n", "header": True},
        "schema": schema,
    }


def plain_schema() -> dict[str, Any]:
    """The columns of the plain file."""
    return _schema(PLAIN, _PLAIN_TYPES, _PLAIN_HELP, required=("部分", "名称或摘要"))


def full_schema() -> dict[str, Any]:
    """The columns of the full file."""
    schema = _schema(FULL, _FULL_TYPES, _FULL_HELP, required=("row",))
    row, side = schema["fields"][0], schema["fields"][FULL.index("side")]
    row["constraints"] = {"required": True, "enum": ["figure", "line"]}
    side["constraints"] = {"enum": ["D", "C"]}
    return schema


def _schema(
    names: tuple[str, ...], types: dict[str, str], help_: dict[str, str], required: tuple[str, ...]
) -> dict[str, Any]:
    fields = []
    for name in names:
        field: dict[str, Any] = {"name": name, "type": types.get(name, "string")}
        if name in help_:
            field["description"] = help_[name]
        if name in required:
            field["constraints"] = {"required": True}
        fields.append(field)
    return {"fields": fields, "missingValues": [""]}
