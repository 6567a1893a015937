"""Questions, snapshots, repairs and inspections (质询、随手拍、报修、查阅复制), from asking to closing.

Everything is a step that is written once; where an inquiry stands is the fold of its steps
(:mod:`ledger.inquiries.state`). What is late or does not satisfy goes up by itself, from the trustee to the
community to the street.
"""

from ledger.inquiries.asking import Question, ask, echo
from ledger.inquiries.escalation import due_trusts, escalate_due
from ledger.inquiries.publishing import keep_private, publish
from ledger.inquiries.read import (
    Wanted,
    about,
    how_many,
    list_inquiries,
    read_inquiry,
    read_public,
)
from ledger.inquiries.shown import InquiryFile, InquiryRow, PublicInquiry
from ledger.inquiries.steps import (
    accept,
    answer,
    assign,
    call_back,
    mediate,
    note,
    rate,
    rework,
    visit,
    withdraw,
)

__all__ = [
    "InquiryFile",
    "InquiryRow",
    "PublicInquiry",
    "Question",
    "Wanted",
    "about",
    "accept",
    "answer",
    "ask",
    "assign",
    "call_back",
    "due_trusts",
    "echo",
    "escalate_due",
    "how_many",
    "keep_private",
    "list_inquiries",
    "mediate",
    "note",
    "publish",
    "rate",
    "read_inquiry",
    "read_public",
    "rework",
    "visit",
    "withdraw",
]
