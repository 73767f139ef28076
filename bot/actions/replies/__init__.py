"""What people say, by whatever way it comes: heard, tied to a township, read, held for a person,
corrected.
"""
