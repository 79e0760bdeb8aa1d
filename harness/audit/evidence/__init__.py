"""Evidence: what a claims file's data are, wherever they are read from."""
