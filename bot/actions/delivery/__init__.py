"""Notices on their way to the groups, and what a person decides about them."""
