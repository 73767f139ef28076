"""What is done to registers: files are taken, claims and words recorded, cases corrected."""
