"""Execution: what runs a study's trials and hands over what they return."""
