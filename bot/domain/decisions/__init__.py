"""Decisions: what a person decided, about what, and the facts of it (law 10)."""
