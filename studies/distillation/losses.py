"""What a student is trained to minimise."""

import torch.nn.functional as F  # noqa: N812 - the name that torch's own documentation uses
from torch import Tensor


def distillation_loss(
    student: Tensor, teacher: Tensor, labels: Tensor, *, weight: float, temperature: float
) -> Tensor:
    """Knowledge distillation (Hinton et al. 2015): ``α·T²·KL(teacher ‖ student) + (1 − α)·CE``.

    Both distributions of the divergence are softened by the temperature T; the cross-entropy with
    the true labels is not. Divergence and cross-entropy are means over the batch, in nats.

    Args:
        student: logits, ``(n, classes)``.
        teacher: logits, ``(n, classes)``.
        labels: ``(n,)``.
        weight: α, in [0, 1].
        temperature: T, above 0.
    """
    divergence = F.kl_div(
        F.log_softmax(student / temperature, dim=1),
        F.log_softmax(teacher / temperature, dim=1),
        reduction="batchmean",
        log_target=True,
    )
    return weight * temperature**2 * divergence + (1 - weight) * F.cross_entropy(student, labels)


def attention_map(features: Tensor) -> Tensor:
    """Where a block responds (Zagoruyko and Komodakis 2017): the channels' mean square.

    Args:
        features: ``(channels, n, positions)``.

    Returns:
        ``(n, positions)``, each row with Euclidean norm 1.
    """
    return F.normalize(features.square().mean(dim=0), dim=1)


def attention_loss(student: Tensor, teacher: Tensor) -> Tensor:
    """Mean over images and positions of the squared difference of two attention maps.

    Args:
        student: maps, ``(n, positions)``.
        teacher: maps, ``(n, positions)``.
    """
    return F.mse_loss(student, teacher)
