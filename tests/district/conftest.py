"""The site over a small trust, as the tests of the office use it."""

from tests.office.conftest import office

__all__ = ["office"]
