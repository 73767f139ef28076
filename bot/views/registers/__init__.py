"""What pages, commands and notices show of registers."""
