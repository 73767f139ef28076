"""Registers (台账): named lists of cases, each known by its marks, and what is counted from
them.
"""
