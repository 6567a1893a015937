"""Renderings of the books of account: one report value, shown on a page, in a workbook, on paper, as CSV."""
