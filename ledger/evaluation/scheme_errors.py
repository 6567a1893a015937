"""Why a scheme's file can't be read, in plain Chinese: TOML and data libraries say it in English only."""

from __future__ import annotations

import re
import tomllib

_AT_LINE = re.compile(r"\(at line (\d+), column (\d+)\)")
_PATH = re.compile(r"(?:,| -) at `\$\.?([^`]*)`$")
_MISSING = re.compile(r"missing required field `([^`]+)`")
_UNKNOWN = re.compile(r"unknown field `([^`]+)`")
_KINDS = re.compile(r"Expected `([a-z]+)(?: \| null)?`, got `([a-z]+)`")
_NAMES = {
    "str": "文字",
    "int": "整数",
    "bool": "true 或 false",
    "array": "列表",
    "object": "表",
    "float": "小数",
    "null": "空",
}


def reading_error(error: Exception) -> str:
    """What is wrong, and where in the file; an error of ours already says it."""
    text = str(error)
    if isinstance(error, tomllib.TOMLDecodeError):
        found = _AT_LINE.search(text)
        return f"第 {found[1]} 行第 {found[2]} 个字附近写法不对" if found else "文件末尾没有写完整"
    at = _PATH.search(text)
    where = f"“{at[1]}”" if at and at[1] else "最外层"
    if found := _MISSING.search(text):
        return f"{where}缺少“{found[1]}”"
    if found := _UNKNOWN.search(text):
        return f"{where}里的“{found[1]}”不是方案的内容"
    if found := _KINDS.search(text):
        wanted, given = (_NAMES.get(kind, kind) for kind in found.groups())
        return f"{where}应是{wanted}，不能是{given}"
    return text
