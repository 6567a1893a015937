"""Amounts in capital Chinese characters (大写金额), as receipts need them: hard to alter."""

from __future__ import annotations

_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_PLACES = ("", "拾", "佰", "仟")
_GROUPS = ("", "万", "亿", "万亿")


def capital_yuan(fen: int) -> str:
    """``人民币壹仟零贰元伍角整``: 整 stands after 元 and 角, not after 分; an inner nought is read once.

    Raises ValueError for a negative amount or one of ten thousand billion yuan or more.
    """
    if not 0 <= fen < 10**18:
        raise ValueError(f"金额 {fen} 分不能写成大写")
    yuan, jiao, cents = fen // 100, fen // 10 % 10, fen % 10
    text = f"{_whole(yuan)}元" if yuan else ""
    if not jiao and not cents:
        return f"人民币{text or '零元'}整"
    if jiao:
        # an amount that skips a place says so: 1000.50 is 壹仟元零伍角
        text += ("零" if yuan and yuan % 10 == 0 else "") + f"{_DIGITS[jiao]}角"
    elif yuan:
        text += "零"
    return f"人民币{text}{_DIGITS[cents]}分" if cents else f"人民币{text}整"


def _whole(number: int) -> str:
    groups = []
    while number:
        groups.append(number % 10_000)
        number //= 10_000
    text, skipped = "", False
    for place in range(len(groups) - 1, -1, -1):
        group = groups[place]
        if not group:
            skipped = True
            if place == 2 and text:  # 亿 is said though its own group is nought, if 万亿 went before
                text = text.removesuffix("亿") + "亿"
            continue
        if text and (skipped or group < 1_000):
            text += "零"
        text += _group(group) + (_GROUPS[place] if place < 3 else "万")
        skipped = False
    return text


def _group(group: int) -> str:
    text, skipped = "", False
    for place in range(3, -1, -1):
        digit = group // 10**place % 10
        if not digit:
            skipped = bool(text)
            continue
        text += ("零" if skipped else "") + _DIGITS[digit] + _PLACES[place]
        skipped = False
    return text
