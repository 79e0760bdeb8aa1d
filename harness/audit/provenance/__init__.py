"""Numbers that were never run: whether every number of a report follows from the database."""
