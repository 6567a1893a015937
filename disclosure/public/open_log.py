"""Which addresses any page on the web may read: the log, what is checked against it, API, feeds and exports.

A verifier that is hosted elsewhere, or opened from disk, has another origin than the site (CORS). Nothing here
is different for different readers, and no cookie is sent along.
"""

from __future__ import annotations

import re

_OPEN = re.compile(
    r"/c/[a-z0-9-]+/(?:log/.+|entries/[^/]+(?:\.json|/proof)|statements/[0-9Q-]+(?:\.json)?|feed|audit/.+)|/api/.+",
    re.ASCII,
)
OPEN_TO_ALL = ("access-control-allow-origin", "*")


def is_open(path: str) -> bool:
    """Whether pages of other origins may read the answer at ``path``."""
    return _OPEN.fullmatch(path) is not None
