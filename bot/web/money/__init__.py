"""The pages of money: pots, lists and returns; the forms of banks."""
