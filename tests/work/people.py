"""People who work on the books of the tests."""

from __future__ import annotations

from ledger.people import Actor, Role

ACCOUNTANT = Actor("p-1", "王芳（wangfang）", frozenset({Role.PREPARER}))
CHECKER = Actor("p-2", "李强（liqiang）", frozenset({Role.REVIEWER}))
CASHIER = Actor("p-3", "赵敏（zhaomin）", frozenset({Role.CASHIER}))
MEMBER = Actor("p-4", "陈静（chenjing）", frozenset({Role.COMMITTEE}))
CHAIR = Actor("p-5", "周全（zhouquan）", frozenset({Role.CHAIR}))
EVERYTHING = Actor("p-6", "孙能（sunneng）", frozenset({Role.PREPARER, Role.REVIEWER, Role.CASHIER}))
SUPERVISOR = Actor("p-7", "吴监（wujian）", frozenset({Role.SUPERVISOR}))
