"""The office and its people."""

from tests.office.conftest import office

__all__ = ["office"]
