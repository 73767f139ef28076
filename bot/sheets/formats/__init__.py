"""The kinds of files, each read by a module of its own; they run in the child process and import
little.
"""
