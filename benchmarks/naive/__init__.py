"""A straightforward webhook handler: one commit a message."""
