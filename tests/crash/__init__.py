"""Kill -9, a thousand times: the service is killed while a season goes by, and what the groups saw
is held against what had to be said.
"""
