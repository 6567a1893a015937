"""A statement as bytes and back, and whether two say the same."""

from __future__ import annotations

import msgspec

from disclosure.statements import first_form
from disclosure.statements.value import KIND, Statement

_encoder = msgspec.json.Encoder(order="sorted")
_decoder = msgspec.json.Decoder(Statement)


class _Kind(msgspec.Struct):
    kind: str = KIND


_kind = msgspec.json.Decoder(_Kind)


def encode_statement(value: Statement) -> bytes:
    """The canonical bytes of a statement."""
    return _encoder.encode(value)


def decode_statement(body: bytes) -> Statement:
    """Read stored bytes, of the first form too."""
    if _kind.decode(body).kind == first_form.KIND:
        return first_form.decode(body)
    return _decoder.decode(body)


def same_content(one: Statement, other: Statement) -> bool:
    """Whether two statements say the same.

    The way they came about does not count: what they were compared with, and on which day it was looked up
    when each block was last published.
    """
    return _bare(one) == _bare(other)


def _bare(value: Statement) -> Statement:
    return msgspec.structs.replace(
        value, difference=None, blocks=(), blocks_on=None, opened_on=value.first, kind=KIND
    )
