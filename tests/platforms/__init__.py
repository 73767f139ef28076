"""The three platforms played on loopback, as strict as their own pages say."""
