"""How long attribution maps of the paper's teacher take on a GPU, beside Captum and the floor."""

from collections.abc import Iterator

from benchmarks.explaining import NEAR_FLOOR, STEPS, contestant
from benchmarks.measuring import contest
from benchmarks.model import Quantity, Question, Setting, Table, Target

COUNT = 1000
QUICK = {"count": 3, "steps": 2, "removed": 14}


def measure(setting: Setting) -> Iterator[Table]:
    """One table."""
    from benchmarks.gpu_work import require_gpu

    require_gpu(setting)
    work = {"family": "cifar", **(QUICK if setting.quick else {"count": COUNT})}
    yield contest(
        "Maps of 32×32 images, MobileNet-V2, on a GPU",
        Quantity("images/s", better="higher"),
        [
            contestant("harness", "ours", "ours", work),
            contestant("floor", "floor", "floor", work),
            contestant("Captum", "peer", "captum", work),
        ],
        rounds=1 if setting.quick else 3,
        targets=[Target("harness", "times", NEAR_FLOOR, against="floor")],
    )


QUESTION = Question(
    "gpu_attribution",
    "Attribution maps on a GPU",
    f"Integrated gradients of one logit an image, {STEPS} steps, of {COUNT} images that are noise, "
    "in float32 with deterministic algorithms. The floor is as many forward and backward passes of "
    "the same network in the same batches. Captum explains the same network in batches as large.",
    measure,
    limit_s=80,
    needs_gpu=True,
)
