"""Is a leaf the one canonical spelling of its JSON value (RFC 8785)?

One value must have one spelling, or the same entry could be published under two hashes.
"""

from __future__ import annotations

import json
import re
from typing import NoReturn

import msgspec
import rfc8785

_NEEDS_REFERENCE = re.compile(rb"[\xf0-\xf4]|(?:^|[:,\[])-?[0-9]{16}")
"""Where the quick spelling could differ from RFC 8785: keys outside the basic plane sort by UTF-16 there, and
integers past 2^53 - 1 are refused."""


class _FloatError(Exception):
    """A number with a fraction or an exponent: its spelling is left to the reference implementation."""


def _refuse_float(text: str) -> NoReturn:
    raise _FloatError(text)


_DECODER = msgspec.json.Decoder(float_hook=_refuse_float)
_ENCODER = msgspec.json.Encoder(order="deterministic")


def is_canonical(data: bytes) -> bool:
    """Whether ``data`` is JSON spelt exactly as RFC 8785 says.

    Most leaves are decided by decoding and encoding with sorted keys (about 3 µs); the few where that could
    be wrong are decided by the ``rfc8785`` package (about 60 µs).
    """
    if not _NEEDS_REFERENCE.search(data):
        try:
            return _ENCODER.encode(_DECODER.decode(data)) == data
        except _FloatError:
            pass
        except (msgspec.MsgspecError, ValueError, RecursionError):
            return False
    return _is_canonical_by_reference(data)


def _is_canonical_by_reference(data: bytes) -> bool:
    try:
        return rfc8785.dumps(json.loads(data)) == data
    except (ValueError, RecursionError):
        return False
