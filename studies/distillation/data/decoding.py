"""Decodes image files of many kinds into 32×32 colour images."""

import warnings
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageOps

from studies.distillation.data.examples import Pixels

SIDE = 32

# Decoders that run other programs, such as that of EPS, are left out.
FORMATS = ("BMP", "GIF", "JPEG", "PNG", "PPM", "TIFF", "WEBP")

# What viewers show behind transparent pixels.
BACKGROUND = "white"

_SIXTEEN_BIT = ("I;16", "I;16B", "I;16L", "I;16N")
_PLAIN = ("1", "L", "P", "RGB", "CMYK", "YCbCr")
_WITH_ALPHA = ("LA", "La", "PA", "RGBA", "RGBa")


# What a file's compression does to an image.
LOSSLESS, LOSSY, UNKNOWN = "lossless", "lossy", "unknown"

# MPO is JPEG with several pictures. Nothing that the decoder tells parts the two kinds of WebP.
_COMPRESSION = {"JPEG": LOSSY, "MPO": LOSSY, "WEBP": UNKNOWN}
_TIFF_COMPRESSION = {"jpeg": LOSSY, "tiff_jpeg": LOSSY, "webp": UNKNOWN}


@dataclass(frozen=True, slots=True, eq=False)
class Decoded:
    """An image, and how far it is from what its file was made of.

    Attributes:
        pixels: ``(3, 32, 32)``.
        compression: ``lossless``, ``lossy``, or ``unknown`` where the file does not tell.
        resized: whether it was cropped or resized.
    """

    pixels: Pixels
    compression: str
    resized: bool


class UnreadableImageError(Exception):
    """A file is no image that can be used; the message says why."""


def decode(path: str) -> Decoded:
    """One image of 32×32 pixels.

    It is turned as its EXIF orientation says and brought to RGB: grey and palette images as they
    look, transparency over white, CMYK without a colour profile, 16-bit grey divided by 257 and
    rounded. An image that is not 32×32 is then cropped to the largest square at its centre and
    resized by a bicubic filter, which is widened when it shrinks so that nothing is aliased. A
    32×32 image keeps its pixels.

    Raises:
        UnreadableImageError: if the file is no readable image of a known kind.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of faults in what surrounds the pixels, such as EXIF
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            return _decoded(path)
        except UnreadableImageError:
            raise
        except Exception as error:  # noqa: BLE001 - a broken file may make a decoder raise anything
            raise UnreadableImageError(f"{type(error).__name__}: {error}") from None


def _decoded(path: str) -> Decoded:
    with Image.open(path, formats=FORMATS) as image:
        frames = getattr(image, "n_frames", 1)
        # A JPEG file with a preview or a second view behind the photograph is MPO to its decoder.
        if frames > 1 and image.format != "MPO":
            raise UnreadableImageError(f"it holds {frames} frames, not one image")
        # Wide grey is I;16 in every format but PPM, whose decoder scales it to 16 bits.
        sixteen_bit = image.mode in _SIXTEEN_BIT or (image.mode, image.format) == ("I", "PPM")
        upright = ImageOps.exif_transpose(image)
        colours = _square(_eight_bit(upright) if sixteen_bit else _rgb(upright))
        pixels = np.ascontiguousarray(np.asarray(colours).transpose(2, 0, 1))
        return Decoded(pixels, _compression(image), upright.size != (SIDE, SIDE))


def _compression(image: Image.Image) -> str:
    if image.format == "TIFF":
        return _TIFF_COMPRESSION.get(image.info.get("compression", ""), LOSSLESS)
    return _COMPRESSION.get(image.format or "", LOSSLESS)


def _rgb(image: Image.Image) -> Image.Image:
    if image.mode in _WITH_ALPHA or (image.mode in _PLAIN and "transparency" in image.info):
        behind = Image.new("RGBA", image.size, BACKGROUND)
        behind.alpha_composite(image.convert("RGBA"))
        return behind.convert("RGB")
    if image.mode not in _PLAIN:
        raise UnreadableImageError(f"pixels of the kind {image.mode!r} have no known scale")
    return image.convert("RGB")


def _eight_bit(image: Image.Image) -> Image.Image:
    wide = np.asarray(image).astype(np.int64)
    return Image.fromarray(((wide + 128) // 257).astype(np.uint8)).convert("RGB")


def _square(image: Image.Image) -> Image.Image:
    width, height = image.size
    side = min(width, height)
    left, top = (width - side) // 2, (height - side) // 2
    square = image.crop((left, top, left + side, top + side))
    if side == SIDE:
        return square
    return square.resize((SIDE, SIDE), Image.Resampling.BICUBIC)
