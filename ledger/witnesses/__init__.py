"""Who else signs a trust's log: witnesses of the community's choice, and time stamps from outside.

``registry``   which witnesses the community recognises, since when, and which no longer
``cosigning``  taking in a witness's signature, and who has signed how far
``stamps``     RFC 3161 time stamps over checkpoints

The formats are in :mod:`ledger.log.cosignature`; what a witness does on its own machine is not here.
"""

from ledger.witnesses.cosigning import (
    Cosigned,
    Taken,
    check_cosignatures,
    cosigned_note,
    cosigned_notes,
    note_of,
    receive_cosignatures,
    signed_by,
)
from ledger.witnesses.registry import (
    Registered,
    end_witness,
    read_witnesses,
    register_witness,
)
from ledger.witnesses.stamps import StampError, TimeStamp, keep_stamp, latest_stamp, read_stamp, stamp_request

__all__ = [
    "Cosigned",
    "Registered",
    "StampError",
    "Taken",
    "TimeStamp",
    "check_cosignatures",
    "cosigned_note",
    "cosigned_notes",
    "end_witness",
    "keep_stamp",
    "latest_stamp",
    "note_of",
    "read_stamp",
    "read_witnesses",
    "receive_cosignatures",
    "register_witness",
    "signed_by",
    "stamp_request",
]
