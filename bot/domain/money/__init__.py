"""Money (资金): what was passed down, listed, answered by the bank; four pots, in whole fen."""
