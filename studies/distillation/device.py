"""Where networks live: on a CUDA device if the machine has one, otherwise on the processor."""

import os

import torch

# cuBLAS adds in a fixed order only with this setting, which it reads when CUDA starts.
WORKSPACE_VARIABLE, FIXED_WORKSPACE = "CUBLAS_WORKSPACE_CONFIG", ":4096:8"


def choose_device() -> torch.device:
    """The first CUDA device if there is one, otherwise the processor.

    Where there is one, cuBLAS is told to be deterministic, unless the environment already says how.
    """
    if not torch.cuda.is_available():
        return torch.device("cpu")
    os.environ.setdefault(WORKSPACE_VARIABLE, FIXED_WORKSPACE)
    return torch.device("cuda")


def device_facts(device: torch.device) -> dict[str, str]:
    """The device, and of a CUDA device its name, as facts for the record."""
    if device.type != "cuda":
        return {"device": device.type}
    return {"device": "cuda", "device_name": torch.cuda.get_device_name(device)}
