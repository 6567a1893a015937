"""Names of the other side as everybody may read them: those of :mod:`ledger.journal.person_names`."""

from ledger.journal.person_names import PERSON, looks_like_person, shown_name

__all__ = ["PERSON", "looks_like_person", "shown_name"]
