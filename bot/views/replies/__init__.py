"""Replies and their readings."""
