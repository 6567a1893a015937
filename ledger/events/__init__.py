"""Business events: what may happen, which accounts it touches, what it must show. All of it data."""

from ledger.events.model import DOCUMENT_KINDS, Event, Gate, LinePattern, load_events, load_gates

__all__ = ["DOCUMENT_KINDS", "Event", "Gate", "LinePattern", "load_events", "load_gates"]
