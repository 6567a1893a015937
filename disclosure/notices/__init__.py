"""Sends what waits in the outbox: by e-mail, and by whatever other channel is installed."""
