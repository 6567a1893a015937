"""Special projects (专项项目, fund F5): needs, resources, plans with three sources, evaluation and final account.

Money of a project comes in from government, society and owners, and goes out by progress. What it may be
spent on is asked in :mod:`ledger.projects.spending`, which work of any kind goes through.
"""
