"""The lines of a long file in little memory: packed by the thousand, read in either direction.

A hundred thousand lines as objects take some 60 MB, packed a few. What is read is always one block.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, groupby
from operator import attrgetter
from typing import overload

import msgspec

from ledger.bank.statement import BankLine

BLOCK = 2_000
"""Lines a block; a file with no more than that is not packed at all."""
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(list[BankLine]).decode
_ROW = attrgetter("row")


class PackedLines(Sequence[BankLine]):
    """Lines in the order they were added, or, if ``backwards``, from the last row of the file to the first.

    A row and its fee are two lines of one row: they keep their order among themselves either way.
    """

    def __init__(self, lines: Iterable[BankLine] = ()) -> None:
        self._blocks: list[bytes] = []
        self._open: list[BankLine] = []
        self._backwards = False
        self.extend(lines)

    def extend(self, lines: Iterable[BankLine]) -> None:
        """Add lines at the end."""
        for line in lines:
            self._open.append(line)
            if len(self._open) == BLOCK:
                self._blocks.append(zlib.compress(_encode(self._open), 1))
                self._open = []

    def turned(self) -> PackedLines:
        """The same lines the other way round."""
        other = PackedLines()
        other._blocks, other._open, other._backwards = self._blocks, self._open, not self._backwards
        return other

    def __len__(self) -> int:
        return len(self._blocks) * BLOCK + len(self._open)

    def __iter__(self) -> Iterator[BankLine]:
        if not self._backwards:
            return chain.from_iterable(self._block(no) for no in range(len(self._blocks) + 1))
        falling = chain.from_iterable(reversed(self._block(no)) for no in range(len(self._blocks), -1, -1))
        return chain.from_iterable(list(row)[::-1] for _, row in groupby(falling, key=_ROW))

    @overload
    def __getitem__(self, place: int) -> BankLine: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[BankLine, ...]: ...
    def __getitem__(self, place: int | slice) -> BankLine | tuple[BankLine, ...]:
        wanted = range(len(self))[place]
        if isinstance(wanted, int):
            return next(line for no, line in enumerate(self) if no == wanted)
        chosen = set(wanted)
        found = {no: line for no, line in enumerate(self) if no in chosen}
        return tuple(found[no] for no in wanted)

    def _block(self, no: int) -> list[BankLine]:
        return _decode(zlib.decompress(self._blocks[no])) if no < len(self._blocks) else self._open


def kept(lines: Sequence[BankLine]) -> Sequence[BankLine]:
    """Lines as a statement keeps them: a short file's as they are, a long one's packed."""
    if len(lines) <= BLOCK:
        return tuple(lines)
    return lines if isinstance(lines, PackedLines) else PackedLines(lines)
