"""What leaders and supervisors are shown, and what they decide."""
