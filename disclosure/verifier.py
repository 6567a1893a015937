"""The verifier as one HTML file that needs nothing from the site that made it.

Our scripts and the two packages are put into the page itself, so that it can be hosted by a street office or
opened from disk, without a network if the files are at hand.
"""

from __future__ import annotations

from hashlib import sha256

from markupsafe import Markup

from disclosure.public.rendering import STATIC, Pages

SCRIPTS = ("log.js", "verify-pages.js", "verifier.js")
PACKAGES = ("vendor/sha256.min.js", "vendor/nacl-fast.min.js")


def verifier_html(pages: Pages) -> bytes:
    """The page. Without the packages (a set-up that could not fetch them) it needs a browser of 2025 or later."""
    packages = [name for name in PACKAGES if (STATIC / name).is_file()]
    scripts = [_inline(name) for name in (*packages, *SCRIPTS)]
    digest = sha256("".join(scripts).encode()).hexdigest()
    return pages.html(
        "verifier.html",
        scripts=[Markup(text) for text in scripts],  # noqa: S704  (our own files, checked below)
        style=Markup((STATIC / "verifier.css").read_text("utf-8")),  # noqa: S704
        digest=digest,
        complete=len(packages) == len(PACKAGES),
    )


def _inline(name: str) -> str:
    text = (STATIC / name).read_text("utf-8")
    if "</script" in text.lower() or "<!--" in text:
        raise ValueError(f"{name} can't be put inside a script element")
    return text
