"""E-mail: messages to the people of one mailing list, over TLS."""
