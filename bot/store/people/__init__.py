"""People: who may do what, and who a platform's number is."""
