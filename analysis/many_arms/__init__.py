"""More than two arms at once: omnibus tests, post-hoc tests, factorial and mixed models."""
