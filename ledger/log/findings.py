"""What checking a copy of a log found: plain values, each with a Chinese sentence for a resident."""

from __future__ import annotations

from dataclasses import dataclass, field

from ledger.log.checkpoint import Checkpoint

FINDING_LIMIT = 200
"""Findings kept in full; a thoroughly broken copy would otherwise need as much memory as its leaves."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong: a stable code for programs, a sentence for people, and where it is."""

    code: str
    message: str
    where: str

    def __str__(self) -> str:
        return f"{self.where}：{self.message}" if self.where else self.message


@dataclass(slots=True)
class Findings:
    """Collects findings up to ``limit`` and counts the rest."""

    limit: int = FINDING_LIMIT
    kept: list[Finding] = field(default_factory=list)
    omitted: int = 0

    def add(self, code: str, message: str, where: str) -> None:
        """Note one finding."""
        if len(self.kept) < self.limit:
            self.kept.append(Finding(code, message, where))
        else:
            self.omitted += 1


@dataclass(frozen=True, slots=True)
class BundleReport:
    """Outcome of verifying a copy.

    ``checkpoint`` is None if the copy's own could not be trusted; ``leaves`` and ``entries`` were read;
    ``old_confirmed`` of the kept old checkpoints were found to be a prefix of this copy; ``omitted`` findings
    are counted but not listed.
    """

    checkpoint: Checkpoint | None
    leaves: int
    entries: int
    old_confirmed: int
    findings: tuple[Finding, ...]
    omitted: int = 0

    @property
    def ok(self) -> bool:
        """Whether nothing at all is wrong."""
        return not self.findings

    @property
    def conclusion(self) -> str:
        """One Chinese sentence for the top of the page."""
        if not self.ok:
            return f"核对未通过：发现 {len(self.findings) + self.omitted} 处问题，请逐条查看。"
        sentence = f"核对通过：{self.leaves} 笔记录逐笔相符，签名有效"
        if self.old_confirmed:
            return sentence + f"，与您保存的 {self.old_confirmed} 份旧凭据一致，旧账没有被改过。"
        return sentence + "。您没有提供旧凭据，因此只能证明账目前后自洽，不能证明旧账没有被整体重写。"
