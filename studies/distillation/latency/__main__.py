"""The program that :func:`measure_in_fresh_process` starts."""

import sys

from studies.distillation.latency.process import answer_request

sys.stdout.write(answer_request(sys.stdin.read()) + "\n")
