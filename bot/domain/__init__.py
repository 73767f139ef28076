"""What is true. Standard library only, no clock and no I/O: every moment is handed in as an
argument.
"""
