"""Charts drawn on the server as SVG: they need no script, follow the colours of the page and print.

Every chart goes with a sentence that says what it shows and a table with the exact figures. On a page::

    {% from "_charts.html" import chart %}
    {{ chart(c) }}

On paper: ``{{ printed_chart(c) }}`` of the same file. All functions take plain values (fen), no connection: a
statement can draw its stored figures. Text is in Chinese; nothing is drawn where there is nothing to show, then
``svg`` is empty and the summary says so.
"""

from disclosure.charts.bars import bars_by_source
from disclosure.charts.burning import burn
from disclosure.charts.columns import columns_by_month
from disclosure.charts.flow import flow_bands
from disclosure.charts.levels import line
from disclosure.charts.paper import printed
from disclosure.charts.value import Burn, Cell, Chart, Column, Level, Month, Part, Table

__all__ = [
    "Burn",
    "Cell",
    "Chart",
    "Column",
    "Level",
    "Month",
    "Part",
    "Table",
    "bars_by_source",
    "burn",
    "columns_by_month",
    "flow_bands",
    "line",
    "printed",
]
