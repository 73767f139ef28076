"""Registers: files that came in, marks of cases, and the sealed texts of persons and accounts."""
