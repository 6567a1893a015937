"""Who is asking: log-in, second factor, sessions, invitations, and the guard before pages that need them."""
