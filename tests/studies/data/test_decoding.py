import numpy as np
import pytest
from PIL import Image

from studies.distillation.data.decoding import UnreadableImageError, decode


def halves(mode, left, right, size=(32, 32)):
    """An image whose left half has one colour and whose right half another."""
    image = Image.new(mode, size, left)
    image.paste(right, (size[0] // 2, 0, *size))
    return image


def noise(size=(32, 32)):
    width, height = size
    pixels = np.random.default_rng(7).integers(0, 256, (height, width, 3), dtype=np.uint8)
    return Image.fromarray(pixels)


def corners(path):
    """The decoded image's upper left and upper right colour."""
    image = decode(str(path)).pixels
    assert image.shape == (3, 32, 32)
    assert image.dtype == np.uint8
    return tuple(map(int, image[:, 0, 0])), tuple(map(int, image[:, 0, 31]))


@pytest.mark.parametrize("ending", ["png", "bmp", "tiff", "ppm"])
def test_a_lossless_image_of_32_by_32_pixels_keeps_every_pixel(tmp_path, ending):
    image = noise()
    image.save(tmp_path / f"a.{ending}")
    assert np.array_equal(decode(str(tmp_path / f"a.{ending}")).pixels.transpose(1, 2, 0), image)


@pytest.mark.parametrize("ending", ["jpg", "webp"])
def test_a_lossy_image_keeps_its_colours_nearly(tmp_path, ending):
    halves("RGB", (200, 40, 40), (40, 40, 200)).save(tmp_path / f"a.{ending}")
    found = np.array(corners(tmp_path / f"a.{ending}"))
    assert np.abs(found - [(200, 40, 40), (40, 40, 200)]).max() < 12


def test_the_content_decides_what_a_file_is_and_not_its_ending(tmp_path):
    halves("RGB", (1, 2, 3), (4, 5, 6)).save(tmp_path / "a.jpg", format="PNG")
    assert corners(tmp_path / "a.jpg") == ((1, 2, 3), (4, 5, 6))


def test_grey_black_and_white_and_palette_images_look_as_they_do(tmp_path):
    halves("L", 10, 200).save(tmp_path / "grey.png")
    halves("1", 0, 1).save(tmp_path / "bits.png")
    halves("RGB", (255, 0, 0), (0, 0, 255)).quantize(4).save(tmp_path / "palette.png")
    assert corners(tmp_path / "grey.png") == ((10, 10, 10), (200, 200, 200))
    assert corners(tmp_path / "bits.png") == ((0, 0, 0), (255, 255, 255))
    assert corners(tmp_path / "palette.png") == ((255, 0, 0), (0, 0, 255))


def test_what_is_transparent_is_white_whatever_colour_hides_there(tmp_path):
    halves("RGBA", (10, 20, 30, 255), (10, 20, 30, 0)).save(tmp_path / "rgba.png")
    halves("LA", (10, 255), (10, 0)).save(tmp_path / "la.png")
    halves("L", 10, 77).save(tmp_path / "key.png", transparency=77)
    palette = halves("RGB", (255, 0, 0), (0, 0, 255)).quantize(2)
    right = palette.getpixel((31, 0))
    palette.save(tmp_path / "palette.png", transparency=right)
    white = (255, 255, 255)
    assert corners(tmp_path / "rgba.png") == ((10, 20, 30), white)
    assert corners(tmp_path / "la.png") == ((10, 10, 10), white)
    assert corners(tmp_path / "key.png") == ((10, 10, 10), white)
    assert corners(tmp_path / "palette.png") == ((255, 0, 0), white)


def test_half_transparent_is_half_white(tmp_path):
    Image.new("RGBA", (32, 32), (0, 0, 0, 128)).save(tmp_path / "a.png")
    assert corners(tmp_path / "a.png")[0] == (127, 127, 127)


@pytest.mark.parametrize("ending", ["png", "tiff", "pgm"])
def test_grey_of_16_bits_is_scaled_and_rounded(tmp_path, ending):
    # 100 · 257 = 25700 is exactly 100; 25829 = 25700 + 129 is nearer to 101.
    values = np.full((32, 32), 25700, dtype=np.uint16)
    values[:, 16:] = 25829
    Image.fromarray(values).save(tmp_path / f"a.{ending}")
    assert corners(tmp_path / f"a.{ending}") == ((100,) * 3, (101,) * 3)


def test_pixels_of_unknown_scale_are_refused(tmp_path):
    Image.new("F", (32, 32), 0.5).save(tmp_path / "a.tiff")
    with pytest.raises(UnreadableImageError, match="'F' have no known scale"):
        decode(str(tmp_path / "a.tiff"))


def test_cmyk_becomes_rgb(tmp_path):
    halves("CMYK", (0, 255, 255, 0), (0, 0, 0, 255)).save(tmp_path / "a.tiff")
    assert corners(tmp_path / "a.tiff") == ((255, 0, 0), (0, 0, 0))


def test_the_orientation_that_a_camera_noted_is_followed(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 3  # turned by 180°
    halves("RGB", (255, 0, 0), (0, 0, 255)).save(tmp_path / "a.png", exif=exif)
    assert corners(tmp_path / "a.png") == ((0, 0, 255), (255, 0, 0))


def test_a_wide_image_is_cropped_to_the_square_at_its_centre(tmp_path):
    image = Image.new("RGB", (64, 32), "red")
    centre = noise()
    image.paste(centre, (16, 0))
    image.save(tmp_path / "a.png")
    assert np.array_equal(decode(str(tmp_path / "a.png")).pixels.transpose(1, 2, 0), centre)


def test_shrinking_averages_and_does_not_skip_pixels(tmp_path):
    board = np.indices((256, 256)).sum(0) % 2 * 255
    Image.fromarray(board.astype(np.uint8)).save(tmp_path / "a.png")
    assert set(np.unique(decode(str(tmp_path / "a.png")).pixels[:, 2:-2, 2:-2])) <= {127, 128}


def test_a_small_image_is_enlarged(tmp_path):
    halves("RGB", (0, 0, 0), (255, 255, 255), size=(8, 8)).save(tmp_path / "a.png")
    assert corners(tmp_path / "a.png") == ((0, 0, 0), (255, 255, 255))


def test_a_file_cut_short_is_refused(tmp_path):
    noise((64, 64)).save(tmp_path / "a.png")
    whole = (tmp_path / "a.png").read_bytes()
    (tmp_path / "a.png").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(UnreadableImageError):
        decode(str(tmp_path / "a.png"))


@pytest.mark.parametrize("content", [b"", b"hello", b"%!PS-Adobe-3.0 EPSF-3.0\n"])
def test_a_file_that_is_no_image_of_a_known_kind_is_refused(tmp_path, content):
    (tmp_path / "a.png").write_bytes(content)
    with pytest.raises(UnreadableImageError, match="UnidentifiedImageError"):
        decode(str(tmp_path / "a.png"))


def test_an_animation_is_refused(tmp_path):
    frames = [Image.new("L", (32, 32), value) for value in (0, 100, 200)]
    frames[0].save(tmp_path / "a.gif", save_all=True, append_images=frames[1:])
    with pytest.raises(UnreadableImageError, match="3 frames"):
        decode(str(tmp_path / "a.gif"))


@pytest.mark.parametrize("side", [120, 200])
def test_a_decompression_bomb_is_refused_before_it_is_unpacked(tmp_path, monkeypatch, side):
    Image.new("L", (side, side)).save(tmp_path / "a.png")
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 10_000)  # a warning above, an error from twice
    with pytest.raises(UnreadableImageError, match="DecompressionBomb"):
        decode(str(tmp_path / "a.png"))


def test_a_photograph_with_a_second_view_behind_it_is_the_first_one(tmp_path):
    first, second = Image.new("RGB", (32, 32), (200, 0, 0)), Image.new("RGB", (32, 32), (0, 0, 200))
    first.save(tmp_path / "a.jpg", format="MPO", save_all=True, append_images=[second])
    red, _, blue = corners(tmp_path / "a.jpg")[0]
    assert red > 190
    assert blue < 10


@pytest.mark.parametrize(
    ("name", "options", "compression"),
    [
        ("a.png", {}, "lossless"),
        ("a.bmp", {}, "lossless"),
        ("a.tiff", {"compression": "tiff_lzw"}, "lossless"),
        ("a.jpg", {}, "lossy"),
        ("jpeg.png", {"format": "JPEG"}, "lossy"),
        ("a.tiff", {"compression": "jpeg"}, "lossy"),
        ("a.webp", {}, "unknown"),
        ("a.webp", {"lossless": True}, "unknown"),
    ],
)
def test_what_the_compression_of_a_file_does_is_told(tmp_path, name, options, compression):
    noise().save(tmp_path / name, **options)
    decoded = decode(str(tmp_path / name))
    assert (decoded.compression, decoded.resized) == (compression, False)


@pytest.mark.parametrize("size", [(64, 64), (33, 32), (8, 8)])
def test_an_image_of_another_size_is_told_apart(tmp_path, size):
    noise(size).save(tmp_path / "a.png")
    assert decode(str(tmp_path / "a.png")).resized
