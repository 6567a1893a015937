"""Watching a log from outside: what witnesses and mirrors run on machines of their own.

``remote``    reads a site's log over HTTP, nothing of it believed
``folder``    what is kept on the own disk: files replaced whole or not at all, evidence never overwritten
``witness``   one look: fetch, judge, co-sign, send
``mirror``    a full copy that only ever grows

Nothing here needs the site's database.
"""
