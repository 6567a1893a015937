"""Read what people typed: each field by its Chinese name, all mistakes collected and said at once."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated, Any

from litestar.datastructures import UploadFile
from litestar.enums import RequestEncodingType
from litestar.params import Body

from ledger.errors import Problem, Refused
from ledger.money import MAX_FEN, parse_yuan

FormData = Annotated[dict[str, Any], Body(media_type=RequestEncodingType.URL_ENCODED)]
FormFiles = Annotated[dict[str, Any], Body(media_type=RequestEncodingType.MULTI_PART)]
_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")
_AREA = re.compile(r"(\d{1,7})(?:\.(\d{1,2}))?")


def place_number(text: str) -> int | None:
    """A number in an address that says where a list goes on; None if there is none a database could hold."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 15 else None


class Form:
    """A submitted form. Readers note a problem and go on; :meth:`finish` refuses with all of them."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self.values: dict[str, Any] = dict(data)
        self.problems: list[Problem] = []

    def problem(self, code: str, message: str, where: str) -> None:
        """Note a mistake."""
        self.problems.append(Problem(code, message, where))

    def finish(self) -> None:
        """Raise :class:`~ledger.errors.Refused` if anything was wrong."""
        if self.problems:
            raise Refused(self.problems)

    def text(self, name: str, title: str, *, required: bool = True, longest: int = 200) -> str:
        """A line of text, trimmed."""
        value = self.values.get(name, "")
        text = value.strip() if isinstance(value, str) else ""
        if required and not text:
            self.problem("missing", f"请填写{title}", title)
        if len(text) > longest:
            self.problem("too_long", f"{title}最多 {longest} 个字", title)
        return text

    def texts(self, name: str) -> list[str]:
        """All values of a repeated field, trimmed, in order."""
        value = self.values.get(name, [])
        many = value if isinstance(value, list) else [value]
        return [item.strip() for item in many if isinstance(item, str)]

    def choice(
        self, name: str, title: str, among: Sequence[str] | Mapping[str, object], *, required: bool = True
    ) -> str:
        """One of the offered values."""
        text = self.text(name, title, required=required)
        if text and text not in among:
            self.problem("bad_choice", f"{title}没有“{text}”这个选项", title)
        return text

    def flag(self, name: str) -> bool:
        """Whether a box is ticked."""
        return bool(self.values.get(name))

    def money(self, name: str, title: str, *, required: bool = True, zero: bool = False) -> int:
        """Yuan as typed, in fen; positive unless ``zero`` is allowed."""
        text = self.text(name, title, required=required)
        if not text:
            return 0
        try:
            fen = parse_yuan(text)
        except ValueError as error:
            self.problem("bad_amount", str(error), title)
            return 0
        if fen < 0 or (fen == 0 and not zero) or fen > MAX_FEN:
            self.problem("bad_amount", f"{title}须大于零，且在合理范围内", title)
        return fen

    def area(self, name: str, title: str) -> int:
        """Square metres as typed, in 0.01 m²."""
        text = self.text(name, title)
        match = _AREA.fullmatch(text)
        if text and match is None:
            self.problem("bad_area", f"读不懂面积“{text}”，请写成 89.50 的样子，最多两位小数", title)
        if match is None:
            return 0
        return int(match[1]) * 100 + int((match[2] or "0").ljust(2, "0"))

    def whole(
        self, name: str, title: str, *, required: bool = True, least: int = 0, most: int = 10**9
    ) -> int:
        """A whole number within bounds."""
        text = self.text(name, title, required=required)
        if not text:
            return 0
        if not text.isascii() or not text.isdigit() or not least <= int(text[:12]) <= most:
            self.problem("bad_number", f"{title}请填 {least} 到 {most} 之间的整数", title)
            return 0
        return int(text)

    def day(self, name: str, title: str, *, required: bool = True) -> date | None:
        """A calendar day."""
        text = self.text(name, title, required=required)
        if not text:
            return None
        try:
            return date.fromisoformat(text)
        except ValueError:
            self.problem("bad_date", f"读不懂日期“{text}”，请写成 2025-09-01 的样子", title)
            return None

    def month(self, name: str, title: str) -> int:
        """A month such as ``2025-09``, as the period number 202509."""
        text = self.text(name, title)
        match = _MONTH.fullmatch(text)
        if text and match is None:
            self.problem("bad_month", f"读不懂月份“{text}”，请写成 2025-09 的样子", title)
        return int(match[1] + match[2]) if match else 0

    def upload(self, name: str, title: str, *, required: bool = True) -> UploadFile | None:
        """An uploaded file."""
        value = self.values.get(name)
        if isinstance(value, UploadFile) and value.filename:
            return value
        if required:
            self.problem("missing", f"请选择{title}", title)
        return None
