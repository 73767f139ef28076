"""What was passed down, listed and approved, what the bank answered, and the forms of banks that a
page wrote.
"""
