"""The public books as files other programs read: beancount, hledger, CSV, JSON lines, and the whole log.

Everything here is made from the leaves of the public log alone, so an export shows what residents see and
nothing more, and whoever has the log can make the same files again. All formats are streamed.
"""

from ledger.export.bundle import export_bundle
from ledger.export.stream import FORMATS, Format, export_book, stream_book

__all__ = ["FORMATS", "Format", "export_book", "export_bundle", "stream_book"]
