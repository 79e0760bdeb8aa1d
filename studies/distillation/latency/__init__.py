"""How long an inference takes: measured in a process of its own, with the machine to itself."""

from studies.distillation.latency.profile import build_latency_profile, profiled_latency_ms
from studies.distillation.latency.trial import measure_latency

__all__ = ["build_latency_profile", "measure_latency", "profiled_latency_ms"]
