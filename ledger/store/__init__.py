"""Tables, connections and what the database itself enforces, on SQLite and PostgreSQL.

``trust_id`` leads every key of a trust's data, so that a distributed PostgreSQL can shard by trust.
Only :mod:`ledger.journal` writes entries and postings; triggers and revoked rights (see
``migrations/``) refuse to change or delete them.
"""
