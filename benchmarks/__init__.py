"""Speed, measured side by side with what a user would otherwise do.

``python -m benchmarks`` measures, `README.md` beside this file says how to add a measurement, and
``docs/performance.md`` is generated from ``results/``. Nothing heavy is imported here: the packages
that are compared run in environments of their own, which have nothing of this project.
"""
