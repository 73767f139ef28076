"""A folder as a channel, for groups a person posts to by hand."""
