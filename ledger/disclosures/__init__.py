"""What has to be open to everybody, since when it is, and by when it has to be again.

民法典 943 names nine blocks. Some are what the books hold anyway (fee standards, plans for the maintenance
fund, contracts for shared parts); for the others this package keeps registers: service items with their
standards, posts, notes on what was done. Versions are never replaced, and each is a leaf of the log.
"""

from ledger.disclosures.duties import BLOCKS, Duty, duties, duties_of

__all__ = ["BLOCKS", "Duty", "duties", "duties_of"]
