"""Money and time as statement files write them, read exactly. No float is ever made."""

import re
from datetime import datetime
from itertools import product

MAX_FEN = 10**13
_FULL_WIDTH = str.maketrans("０１２３４５６７８９，．＋－−–￥：／　\xa0", "0123456789,.+---¥:/  ")
_MONEY = re.compile(
    r"(?P<sign1>[+-]?)(?:¥|CNY|RMB|人民币)?(?P<sign2>[+-]?)"
    r"(?P<yuan>[0-9]{1,20}|[0-9]{1,3}(?:,[0-9]{3}){1,6})?(?:\.(?P<part>[0-9]{1,20}))?元?",
)
_FIRST_YEAR, _LAST_YEAR = 1990, 2199


def parse_fen(text: str, *, zeros_to: int = 2) -> int:
    """Return the amount in fen that ``text`` states in yuan.

    Accepts a sign, ¥/￥/CNY/RMB/元, thousands separators in their right places and full-width characters.
    Decimals past the second are refused, even zeros, except that formats which always print more (WeChat's
    5-place fee) may raise ``zeros_to``; what is past the second must then be zero. Raises ``ValueError``
    with a Chinese reason.
    """
    plain = text.translate(_FULL_WIDTH).strip().strip("`'\"").replace(" ", "").replace("\t", "")
    found = _MONEY.fullmatch(plain)
    if not found or (found["yuan"] is None and found["part"] is None) or (found["sign1"] and found["sign2"]):
        raise ValueError(f"“{shorten(text)}”不是金额，应当像 1,234.56 这样写")
    part = found["part"] or ""
    if len(part) > zeros_to or part[2:].strip("0"):
        raise ValueError(f"“{shorten(text)}”的小数多于两位，金额最小到分")
    fen = int((found["yuan"] or "0").replace(",", "")) * 100 + int(part[:2].ljust(2, "0") or "0")
    if fen >= MAX_FEN:
        raise ValueError(f"“{shorten(text)}”大得不合情理（一千亿元以上），请核对文件")
    return -fen if "-" in (found["sign1"], found["sign2"]) else fen


def parse_time(text: str, formats: tuple[str, ...]) -> datetime:
    """Return the naive Beijing time ``text`` states in the first of the strptime ``formats`` that fits.

    Raises ``ValueError`` with a Chinese reason when none fits or the year is outside 1990-2199.
    """
    return parse_time_by(text, formats)[0]


def parse_time_by(text: str, formats: tuple[str, ...]) -> tuple[datetime, str]:
    """The same with the format that fitted."""
    plain = " ".join(text.translate(_FULL_WIDTH).split())
    # A spreadsheet writes a date without a time as midnight, which date-only formats do not expect.
    for form, written in product(formats, dict.fromkeys((plain, plain.removesuffix(" 00:00:00")))):
        try:
            moment = datetime.strptime(written, form)  # noqa: DTZ007 - statements are in Beijing time and never say so
        except ValueError:
            continue
        # Without separators strptime would read 2024011 as 1 January 2024.
        if "%m%d" in form and moment.strftime(form) != written:
            continue
        if _FIRST_YEAR <= moment.year <= _LAST_YEAR:
            return moment, form
    raise ValueError(f"“{shorten(text)}”不是这种流水的日期时间写法，请从网银重新下载，不要用表格软件另存")


def yuan(fen: int) -> str:
    """Write fen as yuan with thousands separators and two decimals, for messages and files."""
    whole, part = divmod(abs(fen), 100)
    return f"{'-' if fen < 0 else ''}{whole:,}.{part:02d}"


def shorten(text: str, limit: int = 40) -> str:
    """Cut ``text`` so that a hostile cell cannot flood a message."""
    return text if len(text) <= limit else text[:limit] + "…"
