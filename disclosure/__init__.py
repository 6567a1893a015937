"""What people see and do with the books: public pages, statements, command line, demo.

Imports :mod:`ledger`; :mod:`ledger` never imports this package.
"""
