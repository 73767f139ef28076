"""The verbs of the house: collect, close, compose, publish, deliver, recover. Each is handed its
parts, its moment, its session.
"""
