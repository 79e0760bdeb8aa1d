"""What students are trained to minimise; a loss a network."""

import torch.nn.functional as F  # noqa: N812 - the name that torch's own documentation uses
from torch import Tensor


def cross_entropy(logits: Tensor, labels: Tensor) -> Tensor:
    """Mean cross-entropy of each network with the true labels, ``(K,)``, in nats.

    Args:
        logits: ``(K, n, classes)``.
        labels: ``(K, n)``.
    """
    each = F.cross_entropy(logits.flatten(0, 1), labels.flatten(), reduction="none")
    return each.view(labels.shape).mean(dim=1)


def distillation_loss(
    student: Tensor, teacher: Tensor, labels: Tensor, *, weight: Tensor, temperature: Tensor
) -> Tensor:
    """Knowledge distillation (Hinton et al. 2015): ``α·T²·KL(teacher ‖ student) + (1 − α)·CE``.

    Both distributions of the divergence are softened by the temperature T; the cross-entropy with
    the true labels is not. Divergence and cross-entropy are means over the batch, in nats.

    Args:
        student: logits, ``(K, n, classes)``.
        teacher: logits, ``(K, n, classes)``.
        labels: ``(K, n)``.
        weight: α of each network, ``(K,)``, in [0, 1].
        temperature: T of each network, ``(K,)``, above 0.

    Returns:
        The loss of each network, ``(K,)``.
    """
    softened = temperature.view(-1, 1, 1)
    divergences = F.kl_div(
        F.log_softmax(student / softened, dim=2),
        F.log_softmax(teacher / softened, dim=2),
        reduction="none",
        log_target=True,
    )
    divergence = divergences.sum(dim=2).mean(dim=1)
    return weight * temperature**2 * divergence + (1 - weight) * cross_entropy(student, labels)


def attention_map(features: Tensor) -> Tensor:
    """Where a block responds (Zagoruyko and Komodakis 2017): the channels' mean square.

    Args:
        features: ``(…, channels, n, positions)``.

    Returns:
        ``(…, n, positions)``, each row with Euclidean norm 1.
    """
    return F.normalize(features.square().mean(dim=-3), dim=-1)


def attention_loss(student: Tensor, teacher: Tensor) -> Tensor:
    """Mean over images and positions of the squared difference of two attention maps, ``(…)``.

    Args:
        student: maps, ``(…, n, positions)``.
        teacher: maps, ``(…, n, positions)``.
    """
    return (student - teacher).square().mean(dim=(-2, -1))
