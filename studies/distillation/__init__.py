"""Knowledge distillation guided by integrated gradients, on images small enough for a CPU."""

from studies.distillation.student import train_student

__all__ = ["train_student"]
