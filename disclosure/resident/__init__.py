"""What an owner does when logged in: vote, comment, look after the own home. Addresses below ``/c/{slug}/mine``."""
