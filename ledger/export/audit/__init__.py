"""A year of the books for auditors' programs: accounts, balances and vouchers as XML and CSV.

The structure follows what GB/T 24589 asks for (public records and general ledger); the text of the standard
was not at hand, nothing was certified, and the files say so. The public form holds what the log shows and no
more; the full form, for those who may see the books, has names, rooms and the parts of households too.
"""

from ledger.export.audit.files import audit_files, audit_zip, write_audit
from ledger.export.audit.scope import Scope, audit_years, open_scope
from ledger.export.audit.tables import CAVEAT

__all__ = ["CAVEAT", "Scope", "audit_files", "audit_years", "audit_zip", "open_scope", "write_audit"]
