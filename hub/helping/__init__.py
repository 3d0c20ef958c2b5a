"""Help on the spot: a student lets an instructor into the running server, for a time that both see."""
