"""Notices and their deliveries to groups."""
