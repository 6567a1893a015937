"""Budgets (开放式预算): nothing is spent that was not planned, shown, commented on and decided first.

A budget is one fund's in one year. A draft becomes a version by public notice, answered comments and a
decision; a later version replaces it whole. What may still be spent of a line is what was budgeted, less what
was booked, less what waits (``available``).
"""
