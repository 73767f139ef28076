"""The read-only JSON interface for other systems."""
