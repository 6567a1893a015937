"""An e-invoice's file → what it says. Tolerant of structure, strict about bombs."""

from __future__ import annotations

from collections.abc import Iterable
from xml.etree.ElementTree import Element

from ledger.documents.archive import xml_members
from ledger.documents.kinds import OFD, XML, recognise
from ledger.documents.safe_xml import parse_xml
from ledger.errors import Refused
from ledger.invoices.layouts import Reading, layouts, local


def read_invoice(data: bytes) -> Reading | None:
    """What an XML or OFD invoice says; None if its structure is unknown or it is no such file.

    Raises :class:`~ledger.errors.Refused` for a file that can't be opened safely.
    """
    kind = recognise(data)
    if kind == XML:
        return _best([parse_xml(data)])
    if kind == OFD:
        return _best(_roots(data))
    return None


def _roots(data: bytes) -> list[Element]:
    """The roots of all readable XML of an OFD. One damaged part does not spoil the rest, a bomb does."""
    roots = []
    for _, content in xml_members(data):
        try:
            roots.append(parse_xml(content))
        except Refused as error:
            if "xml_damaged" not in error.codes:
                raise
    return roots


def _best(roots: Iterable[Element]) -> Reading | None:
    """What the best layout found, the rest filled from the others."""
    held = list(roots)
    texts = _text_objects(held)
    reading: Reading | None = None
    for layout in layouts():
        for root in held:
            found = layout.read(root, texts)
            if found is not None:
                reading = found if reading is None else reading.filled_by(found)
    if reading is not None and reading.total is None and reading.net is not None and reading.tax is not None:
        reading = reading.filled_by(Reading(total=reading.net + reading.tax))
    return reading


def _text_objects(roots: list[Element]) -> dict[str, str]:
    """Texts on the pages of an OFD by the id of their object."""
    texts: dict[str, str] = {}
    for root in roots:
        for element in root.iter():
            if local(element) == "TextObject" and (id_ := element.get("ID")):
                texts[id_] = "".join(part.text or "" for part in element.iter() if local(part) == "TextCode")
    return texts
