"""Audits: a paper's claims held against the evidence there is, re-runs, and reports' numbers."""
