"""What the parts and columns of a statement are called."""

from __future__ import annotations

from disclosure.public.words import fund_name
from ledger.periods.spans import SpanKind, span_name, span_of

TITLES: dict[SpanKind, str] = {"month": "月报", "quarter": "季度公示", "year": "年度报告"}
"""What a statement of each kind is called."""
_ENDINGS: dict[SpanKind, str] = {"month": "月报", "quarter": "公示", "year": "报告"}
THIS: dict[str, str] = {"month": "本月", "quarter": "本季度", "year": "本年度"}
BOOK_TITLES = {"A": "物业共有资金", "M": "住宅专项维修资金"}
CASH_COLUMNS = (
    ("opening", "期初余额"),
    ("opened", "建账接收"),
    ("received", "收入"),
    ("paid", "支出"),
    ("moved_in", "内部转入"),
    ("moved_out", "内部转出"),
    ("closing", "期末余额"),
)
BUILDING_COLUMNS = (
    ("opening", "年初余额"),
    ("contributions", "交存"),
    ("yields", "收益分配"),
    ("uses", "使用"),
    ("other", "建账接收及更正"),
    ("closing", "年末余额"),
)
RESULT_COLUMNS = (
    ("opening", "年初结余"),
    ("income", "收入"),
    ("expense", "支出"),
    ("result", "本年收支结余"),
    ("other", "建账接收及其他"),
    ("closing", "结转下年"),
)
PROJECT_COLUMNS = (
    ("received", "本年筹集"),
    ("spent", "本年支出"),
    ("received_ever", "累计筹集"),
    ("spent_ever", "累计支出"),
)
MERGED = "其他楼栋（合并）"


def statement_title(code: int) -> str:
    """``2025年3月月报``, ``2025年第一季度公示`` or ``2025年度报告``."""
    return f"{span_name(code)}{_ENDINGS[span_of(code).kind]}"


def funds_text(codes: str) -> str:
    """Names of funds joined by 、."""
    return "、".join(fund_name(code) for code in codes.split("、"))


def building_name(buildings: tuple[str, ...]) -> str:
    """A building, or those that were merged."""
    if not buildings:
        return "合计"
    return building_text(buildings[0]) if len(buildings) == 1 else MERGED


def building_text(building: str) -> str:
    """``3`` becomes ``3栋``."""
    return f"{building}栋" if building.isdigit() else building
