"""The office: where the trustee's people, the committee and the supervisors work. Each page names the
action it needs (``ledger/people/permissions.toml``); everything that moves money goes through
:mod:`ledger.work`. The controllers are put together in :mod:`disclosure.office.pages`.
"""
