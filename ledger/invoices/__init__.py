"""Vendors' invoices (发票): read from e-invoices where their structure is known, typed where it is not.

What was read and what was typed are both kept (``invoice_reading``), so that a difference shows.
"""

from ledger.invoices.layouts import Reading
from ledger.invoices.read import read_invoice
from ledger.invoices.record import KeptReading, hand_in, readings_of, record_reading

__all__ = ["KeptReading", "Reading", "hand_in", "read_invoice", "readings_of", "record_reading"]
