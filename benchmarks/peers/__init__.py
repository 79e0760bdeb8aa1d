"""Packages that others use for the same work; each module runs where its package is installed."""
