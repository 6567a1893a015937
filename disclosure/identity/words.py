"""Moments and devices in words."""

from __future__ import annotations

from datetime import datetime

from ledger.trust.act import BEIJING

_DEVICES = (
    ("MicroMessenger", "微信"),
    ("iPhone", "苹果手机"),
    ("iPad", "苹果平板"),
    ("Android", "安卓手机"),
    ("Windows", "Windows 电脑"),
    ("Macintosh", "苹果电脑"),
    ("Linux", "Linux 电脑"),
)


def moment_text(moment: datetime) -> str:
    """Day and minute in China."""
    return moment.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M")


def device_text(device: str) -> str:
    """What kind of device a browser says it runs on."""
    return next((name for mark, name in _DEVICES if mark in device), "其他设备")
