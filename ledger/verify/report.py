"""Outcome of verifying the books of one trust."""

from __future__ import annotations

from dataclasses import dataclass

from ledger.log.findings import Finding


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """What was checked and what is wrong.

    ``size``: places in the log looked at; ``entries`` and ``postings`` rebuilt; ``checkpoints`` whose
    signature and root hold; ``unsigned`` newest entries that no checkpoint covers; ``periods`` closed
    months recomputed; ``records`` published besides entries; ``forgotten`` entries whose salt was destroyed, compared without their private
    fields. ``omitted`` findings are counted but not listed.
    """

    size: int
    entries: int
    postings: int
    checkpoints: int
    unsigned: int
    periods: int
    forgotten: int
    signatures_checked: bool
    findings: tuple[Finding, ...]
    omitted: int = 0
    records: int = 0

    @property
    def ok(self) -> bool:
        """Whether nothing at all is wrong."""
        return not self.findings

    @property
    def conclusion(self) -> str:
        """One Chinese sentence for the top of the page."""
        if not self.ok:
            return f"核对未通过：发现 {len(self.findings) + self.omitted} 处问题，请逐条查看。"
        parts = [
            f"核对通过：{self.entries} 张凭证、{self.postings} 行分录与公开日志逐字相符",
            f"{self.checkpoints} 份凭据重新算出的结果一致"
            + ("，签名有效" if self.signatures_checked else ""),
            f"{self.periods} 个已结账月份的余额重新计算无误",
        ]
        if self.records:
            parts.append(f"{self.records} 条表决、预算等公布内容与背后的数据相符")
        if self.forgotten:
            parts.append(f"{self.forgotten} 张凭证的不公开内容已按规定销毁，其余内容相符")
        if self.unsigned:
            parts.append(f"最新 {self.unsigned} 笔刚刚入账，等待签名")
        return "；".join(parts) + "。"
