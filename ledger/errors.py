"""Refusals as values: every rule that fails yields a :class:`Problem`, never a bare string.

A command that refuses raises :class:`Refused` with all problems it found, so that a bookkeeper can
mend them in one go. Messages are plain Chinese and say what is wrong, where, and what to do.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One reason for a refusal.

    ``code`` is stable and machine readable; ``message`` is for people; ``where`` names the place
    (``"第 3 张凭证 第 2 行"``, a field, a file line), empty when the whole request is meant.
    """

    code: str
    message: str
    where: str = ""

    def __str__(self) -> str:
        return f"{self.where}：{self.message}" if self.where else self.message


class Refused(Exception):
    """The request breaks a rule of the books; nothing was written."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))

    @property
    def codes(self) -> set[str]:
        """The codes of all problems."""
        return {problem.code for problem in self.problems}


class Unanswerable(Exception):
    """The question has no answer in these books (unknown account, a day or entry not reached yet).

    Raised instead of answering zero: a wrong zero looks like a fact.
    """

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        super().__init__(message)


def refuse(code: str, message: str, where: str = "") -> Refused:
    """A refusal with one problem."""
    return Refused([Problem(code, message, where)])
