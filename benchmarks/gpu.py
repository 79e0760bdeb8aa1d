"""What is measured on a GPU, by ``make bench-gpu``: first whether it computes the same."""

from benchmarks import gpu_ceilings, gpu_checks, gpu_maps, gpu_training
from benchmarks.model import Question

QUESTIONS: tuple[Question, ...] = (
    gpu_checks.QUESTION,
    gpu_ceilings.QUESTION,
    gpu_training.QUESTION,
    gpu_maps.QUESTION,
)
