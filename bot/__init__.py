"""Diaodu (每日调度): collects each township's daily figures, ranks the townships, lists what is
overdue, tells people once.
"""
