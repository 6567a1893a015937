"""The command line ``mingzhang``: one module per command, all of them thin.

Exit codes: 0 done, 1 refused or a check failed, 2 wrong usage. ``--json`` prints one JSON object.
"""

from disclosure.cli.main import main

__all__ = ["main"]
