"""The results store: every trial's outcome, in a database."""
