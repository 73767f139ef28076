"""What a page, a notice or a paper shows. Reads only; nothing here changes the ledger."""
