"""The office, for what is done with budgets in somebody's name."""

from tests.office.conftest import office

__all__ = ["office"]
