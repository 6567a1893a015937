"""`new_books` and `books`, as the tests of the ledger have them, in a database of this folder's own."""

from tests.ledger.conftest import books, new_books, shared_engine

__all__ = ["books", "new_books", "shared_engine"]
