"""Searches: candidates, what suggests them, what prunes them, and who takes their winners."""
