"""Who acts: roles, what each role may do, and the append-only trail of what was done."""

from ledger.people.roles import Actor, Forbidden, Role, actions, require

__all__ = ["Actor", "Forbidden", "Role", "actions", "require"]
