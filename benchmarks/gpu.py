"""What is measured on a GPU, by ``make bench-gpu``."""

from benchmarks.model import Question

QUESTIONS: tuple[Question, ...] = ()
