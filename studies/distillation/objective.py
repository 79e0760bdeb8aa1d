"""What each student of a batch minimises: its arm's loss, with its own weights and temperature."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import torch
from torch import Tensor

from studies.distillation.learning import Batch
from studies.distillation.losses import (
    attention_loss,
    attention_map,
    cross_entropy,
    distillation_loss,
)
from studies.distillation.network import Output
from studies.distillation.setup import Setup


@dataclass(frozen=True, slots=True, eq=False)
class ArmsObjective:
    """The losses of K students, each of its own arm.

    Attributes:
        distilled: numbers of the students that learn from the teacher's logits, ``(K',)``.
        kd_weight: α of those, ``(K',)``.
        temperature: T of those, ``(K',)``.
        attentive: numbers of the students that imitate the teacher's attention, ``(K'',)``.
        attention_weight: γ of those, ``(K'',)``.
    """

    distilled: Tensor
    kd_weight: Tensor
    temperature: Tensor
    attentive: Tensor
    attention_weight: Tensor

    @classmethod
    def of(cls, setups: Sequence[Setup], dtype: torch.dtype) -> Self:
        """The objective of these students, in their order."""
        device = setups[0].device
        distilled = [k for k, each in enumerate(setups) if each.guidance.logits is not None]
        attentive = [k for k, each in enumerate(setups) if each.guidance.attention is not None]

        def numbers(values: list[float]) -> Tensor:
            return torch.tensor(values, dtype=dtype, device=device)

        return cls(
            distilled=torch.tensor(distilled, dtype=torch.long, device=device),
            kd_weight=numbers([setups[k].params.kd_weight for k in distilled]),
            temperature=numbers([setups[k].params.temperature for k in distilled]),
            attentive=torch.tensor(attentive, dtype=torch.long, device=device),
            attention_weight=numbers([setups[k].params.attention_weight for k in attentive]),
        )

    def __call__(self, output: Output, batch: Batch) -> Tensor:
        """The loss of each student on a batch, ``(K,)``, in nats."""
        losses = cross_entropy(output.logits, batch.labels)
        if batch.teacher_logits is not None:
            distilled = distillation_loss(
                output.logits[self.distilled],
                batch.teacher_logits,
                batch.labels[self.distilled],
                weight=self.kd_weight,
                temperature=self.temperature,
            )
            losses = losses.index_put((self.distilled,), distilled)
        if batch.teacher_attention is not None and output.features is not None:
            students = attention_map(output.features[self.attentive])
            apart = self.attention_weight * attention_loss(students, batch.teacher_attention)
            losses = losses.index_add(0, self.attentive, apart)
        return losses
