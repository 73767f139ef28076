"""The day and its hours: what strikes when, what is composed and published, how a person steers
it.
"""
