"""Feeds (Atom, RFC 4287): what is new in a community, for whoever does not want to come and look.

A feed is the trust's log read backwards: each entry, statement, budget and vote is in it once, under an
identifier that never changes.
"""
