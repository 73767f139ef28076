"""A campaign file: each key described once; from that its shape, its faults, its form, its content,
and the campaign out of it.
"""
