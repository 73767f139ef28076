"""A campaign: what is run, by whom, until when, in which version."""
