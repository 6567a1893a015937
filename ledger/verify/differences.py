"""Say in plain words where an entry's rows and its published leaf part ways."""

from __future__ import annotations

from typing import Any

from ledger.money import format_yuan

_FIELDS = {
    "kind": "种类",
    "trust": "小区",
    "seq": "序号",
    "ref": "凭证号",
    "book": "账套",
    "year": "年度",
    "number": "编号",
    "date": "业务日期",
    "posted_at": "入账时间",
    "original_date": "原始日期",
    "event": "业务事件",
    "summary": "摘要",
    "counterparty": "对方名称",
    "lines": "分录",
    "documents": "附件",
    "references": "依据",
    "reverses": "被冲销的凭证",
    "amends": "被订正的凭证",
    "sealed": "不公开的内容（制单人、审核人或对方）",
    "no": "行号",
    "account": "科目",
    "name": "科目名称",
    "fund": "基金",
    "side": "借贷方向",
    "amount": "金额",
    "dims": "辅助核算",
    "detail": "分户明细",
    "title": "名称",
    "original": "原件指纹",
    "public": "公开件指纹",
}
_SEALED_INSIDE = "不公开的内容（房号、往来单位或号码）"
_UNREADABLE = {"sealed", "detail", "original", "public"}
"""Values that are only fingerprints: showing them helps nobody."""


def difference(rows: dict[str, Any], published: dict[str, Any]) -> str:
    """Where the view rebuilt from ``rows`` first differs from the published one; '' if it does not."""
    for key in [*_FIELDS, *published.keys() - _FIELDS.keys()]:
        mine, theirs = rows.get(key), published.get(key)
        if mine == theirs:
            continue
        if key in ("lines", "documents") and isinstance(mine, list) and isinstance(theirs, list):
            return _in_list("分录" if key == "lines" else "附件", mine, theirs)
        return _sentence(_FIELDS.get(key, key), key, mine, theirs)
    return ""


def _in_list(title: str, mine: list[Any], theirs: list[Any]) -> str:
    if len(mine) != len(theirs):
        return f"{title}的行数：账簿里有 {len(mine)} 行，公开日志里有 {len(theirs)} 行"
    for no, (left, right) in enumerate(zip(mine, theirs, strict=True), start=1):
        if not isinstance(left, dict) or not isinstance(right, dict):
            continue
        for key in [*left, *(key for key in right if key not in left)]:
            if left.get(key) != right.get(key):
                field = _SEALED_INSIDE if key == "sealed" else _FIELDS.get(key, key)
                return _sentence(f"{title}第 {no} 行的{field}", key, left.get(key), right.get(key))
    return f"{title}的内容"


def _sentence(title: str, key: str, mine: Any, theirs: Any) -> str:
    if key in _UNREADABLE:
        return title
    return f"{title}：账簿里是{_shown(key, mine)}，公开日志里是{_shown(key, theirs)}"


def _shown(key: str, value: Any) -> str:
    if value is None:
        return "空的"
    if key == "amount" and isinstance(value, int):
        return f" {format_yuan(value)} 元"
    if key == "side":
        return {"D": "借方", "C": "贷方"}.get(value, f"“{value}”")
    if isinstance(value, dict):
        return "“" + "，".join(f"{name}={item}" for name, item in value.items()) + "”"
    return f"“{value}”"


def borrow_sealed(rows: dict[str, Any], published: dict[str, Any]) -> None:
    """Take over the published commitments where the salt is gone and the same fields are sealed.

    Afterwards both can be compared in everything that is still open.
    """
    _borrow(rows, published)
    for part in ("lines", "documents"):
        theirs = published.get(part)
        if isinstance(theirs, list):
            for mine, other in zip(rows.get(part, []), theirs, strict=False):
                if isinstance(other, dict):
                    _borrow(mine, other)


def _borrow(mine: dict[str, Any], other: dict[str, Any]) -> None:
    sealed, known = mine.get("sealed"), other.get("sealed")
    if isinstance(sealed, dict) and isinstance(known, dict) and sealed.keys() == known.keys():
        mine["sealed"] = known
    detail, root = mine.get("detail"), other.get("detail")
    if isinstance(detail, dict) and isinstance(root, dict) and "root" in root:
        mine["detail"] = {**detail, "root": root["root"]}
