"""Tests, intervals and effect sizes for two arms, and corrections for many comparisons."""
