"""A campaign taken up, set up and changed; its groups' addresses; the people who may sign in."""
