"""What leaders and supervisors are shown: the board, what is overdue, the burden, who did what."""
