"""Pages of registers: the list and one case, files that came in, doubts."""
