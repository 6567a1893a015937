"""Residents' pages: home, entries, verification, and the log's files.

Queries read, presenters put into words, controllers only translate between the two and HTTP. Everything
shown of an entry comes from its leaf, the one public value; private columns are never read here.
"""
