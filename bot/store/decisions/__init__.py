"""Decisions: what a person decided, about what, and why."""
