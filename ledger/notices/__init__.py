"""Notices (通知): told to people who agreed to be told, written in the transaction of what they are about.

The outbox knows no channel: what waits is sent from outside, and what became of it is noted here.
"""

from ledger.notices.addresses import addresses_of, agree, forget
from ledger.notices.outbox import Notice, Waiting, claim, due, put, settle

__all__ = ["Notice", "Waiting", "addresses_of", "agree", "claim", "due", "forget", "put", "settle"]
