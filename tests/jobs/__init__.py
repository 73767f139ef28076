"""What happens when an hour strikes, and who may carry it."""
