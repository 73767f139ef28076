"""Figures: what townships reported, and how far the work stands."""
