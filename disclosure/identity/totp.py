"""One-time codes from a phone (动态码): RFC 6238, six digits, thirty seconds, each code once."""

from __future__ import annotations

import hmac
import io
import unicodedata
from base64 import b32encode
from collections.abc import Callable
from datetime import datetime

import pyotp
import segno

from ledger.errors import refuse

STEP_SECONDS = 30
DRIFT_STEPS = 1
"""A phone's clock may be half a minute off."""
_ISSUER = "明账"


def new_secret(entropy: Callable[[int], bytes]) -> str:
    """160 random bits in base 32, as RFC 4226 recommends."""
    return b32encode(entropy(20)).decode()


def step_of(secret: str, code: str, now: datetime) -> int:
    """The half minute the code belongs to. Raises :class:`~ledger.errors.Refused` if to none near now."""
    typed = unicodedata.normalize("NFKC", code).replace(" ", "").encode()
    here = int(now.timestamp()) // STEP_SECONDS
    codes = pyotp.TOTP(secret, interval=STEP_SECONDS)
    found = -1
    for step in range(here - DRIFT_STEPS, here + DRIFT_STEPS + 1):
        if hmac.compare_digest(codes.at(step * STEP_SECONDS).encode(), typed):
            found = step
    if found < 0:
        raise refuse("wrong_code", "动态码不对，请看手机上最新的六位数字；总不对时请核对手机时间", "动态码")
    return found


def code_at(secret: str, now: datetime) -> str:
    """What a phone shows at a moment."""
    return pyotp.TOTP(secret, interval=STEP_SECONDS).at(int(now.timestamp()))


def setup_address(secret: str, account: str) -> str:
    """What an authenticator app reads."""
    return pyotp.TOTP(secret, interval=STEP_SECONDS).provisioning_uri(name=account, issuer_name=_ISSUER)


def setup_picture(secret: str, account: str) -> str:
    """The same as a QR code, an SVG as ``data:`` address: nothing is kept and nothing fetched."""
    return picture(setup_address(secret, account))


def picture(text: str) -> str:
    """A QR code as ``data:`` address of an SVG."""
    return segno.make(text, error="m").svg_data_uri(scale=5, border=3, light="#ffffff")


def picture_svg(text: str) -> str:
    """A QR code as SVG text, for paper."""
    out = io.BytesIO()
    segno.make(text, error="m").save(out, kind="svg", scale=4, border=2, xmldecl=False, light="#ffffff")
    return out.getvalue().decode()
