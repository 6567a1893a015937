"""What people call the states of work, on pages and in the shell."""

from __future__ import annotations

from ledger.work import CO_SIGN, PAY, POSTED, REVIEW, SENT_BACK, WITHDRAWN

STATES = {
    REVIEW: "待审核",
    CO_SIGN: "待会签",
    PAY: "待付款",
    POSTED: "已入账",
    SENT_BACK: "已退回",
    WITHDRAWN: "已撤回",
}
