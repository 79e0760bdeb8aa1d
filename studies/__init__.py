"""The workload: study files and the distillation experiment that they train."""
