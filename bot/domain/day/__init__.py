"""The reporting day: ranking, obligations, closing, the hours."""
