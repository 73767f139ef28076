"""The terminal as a channel, for trying a campaign out without a robot."""
