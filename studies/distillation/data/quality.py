"""How far the images of a folder are from what they once were, and what that means for results."""

from dataclasses import dataclass

from harness.text import one_line
from studies.distillation.data.decoding import LOSSY, SIDE, UNKNOWN, Decoded
from studies.distillation.data.names import IMAGE_FOLDER


@dataclass(slots=True)
class Quality:
    """Counts of decoded images.

    Attributes:
        images: all of them.
        lossy: those whose files are compressed by JPEG.
        unknown: those whose files are compressed by WebP, which is lossy or not.
        resized: those that were cropped or resized.
    """

    images: int = 0
    lossy: int = 0
    unknown: int = 0
    resized: int = 0

    def count(self, decoded: Decoded) -> None:
        """Add one image."""
        self.images += 1
        self.lossy += decoded.compression == LOSSY
        self.unknown += decoded.compression == UNKNOWN
        self.resized += decoded.resized

    def cautions(self, folder: str) -> list[str]:
        """What to know before comparing accuracies on these images with others; may be nothing.

        Args:
            folder: where the images are, as it was typed.
        """
        jpeg = f"are compressed by JPEG, which is lossy: {_no_comparison('on lossless images')}"
        webp = (
            "are compressed by WebP, which may be lossy: if it is, "
            f"{_no_comparison('on lossless images')}"
        )
        resized = (
            f"were cropped or resized to {SIDE}×{SIDE} pixels: {_no_comparison('on the originals')}"
        )
        kinds = (self.lossy, jpeg), (self.unknown, webp), (self.resized, resized)
        name = one_line(f"{IMAGE_FOLDER}{folder}")
        return [f"{self._share(count)} of {name} {what}" for count, what in kinds if count]

    def _share(self, count: int) -> str:
        return "The images" if count == self.images else f"{count} of the {self.images} images"


def _no_comparison(others: str) -> str:
    return f"accuracies cannot be compared with those {others}; differences between arms are real."
