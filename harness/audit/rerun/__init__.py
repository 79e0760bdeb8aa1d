"""Finished trials run again, and held against what is stored of them."""
