"""Wakes the jobs: APScheduler in one process, procrastinate on several machines."""
