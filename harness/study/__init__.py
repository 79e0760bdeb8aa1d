"""Studies: their grammar, how their files are found and read, and the trials they ask for."""
