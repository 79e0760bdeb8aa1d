"""A training as scripts do it: PIL images, a DataLoader with two workers, one network at a time."""

import multiprocessing
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, Any

import torch
from torch.utils.data import DataLoader, Dataset

if TYPE_CHECKING:
    from PIL.Image import Image

Changed = Callable[["Image"], torch.Tensor]

WORKERS = 2


class Pictures(Dataset[tuple[torch.Tensor, int]]):
    """Images in memory that are cropped and mirrored one by one, whenever one is asked for."""

    def __init__(self, images: int) -> None:
        from PIL import Image
        from torchvision import transforms

        from benchmarks.gpu_work import noise_like_cifar

        pool = noise_like_cifar(images).pool
        self._pictures = [Image.fromarray(pixels) for pixels in pool.images.transpose(0, 2, 3, 1)]
        self._labels = pool.labels.tolist()
        self._change: Changed = transforms.Compose(
            [
                transforms.RandomCrop(32, padding=4),
                transforms.RandomHorizontalFlip(),
                transforms.ToTensor(),
            ]
        )

    def __len__(self) -> int:
        return len(self._labels)

    def __getitem__(self, place: int) -> tuple[torch.Tensor, int]:
        return self._change(self._pictures[place]), self._labels[place]


def alone(removed: int, images: int, batch_size: int) -> Callable[[], object]:
    """One training; a run is an epoch."""
    from benchmarks.gpu_work import shape, wait
    from benchmarks.plain import Arm, PlainNetwork, Taught, plain_epoch
    from studies.distillation.device import choose_device

    device = choose_device()
    network = PlainNetwork(shape(removed)).to(device)
    optimizer = torch.optim.Adam(network.parameters(), 0.001)
    # Workers that live on: an epoch of a real data set is long beside their start.
    loader = DataLoader(
        Pictures(images), batch_size, shuffle=True, num_workers=WORKERS, persistent_workers=True
    )

    def run() -> None:
        batches = ((seen.to(device), Taught(labels.to(device))) for seen, labels in loader)
        plain_epoch(network, optimizer, batches, Arm())
        wait()

    run()
    return run


def together(processes: int, **work: int) -> Callable[[], object]:
    """So many trainings at the same time, each in a process of its own."""
    context = multiprocessing.get_context("spawn")
    pipes: list[Any] = []
    for _ in range(processes):
        ours, theirs = context.Pipe()
        context.Process(target=_train_when_asked, args=(theirs, work)).start()
        theirs.close()
        pipes.append(ours)

    def run() -> None:
        for pipe in pipes:
            pipe.send("train")
        _hear_of_all(pipes)

    _hear_of_all(pipes)
    return run


def _hear_of_all(pipes: list[Any]) -> None:
    for pipe in pipes:
        pipe.recv()


def _train_when_asked(pipe: "Connection[str, str]", work: dict[str, int]) -> None:
    run = alone(**work)
    pipe.send("ready")
    while True:
        try:
            pipe.recv()
        except EOFError:
            return
        run()
        pipe.send("done")
