"""Handover between trustees (受托人更换移交): the books freeze, are counted, checked and signed for, and go on.

A change of trustee closes nothing and carries nothing to profit (信托法 38–41, 52): the trust is the same,
its entries keep their numbers. :mod:`ledger.handover.course` has the commands.
"""

from ledger.handover.state import HandoverState, handover_state, refuse_if_frozen

__all__ = ["HandoverState", "handover_state", "refuse_if_frozen"]
