"""Claims files: their grammar, and reading them with every fault in its place."""
