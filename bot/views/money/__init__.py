"""What money comes to: pots, batches, lines, payments of households. Read only."""
