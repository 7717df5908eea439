from io import BytesIO

import pytest
from PIL import Image

from marketplace.common import images
from marketplace.common.images import (
    ImageDamagedError,
    ImageTooHeavyError,
    ImageTooManyPixelsError,
    NotAnImageError,
    check,
    main_colour,
    normalise,
    renditions,
)

GPS = 0x8825
ORIENTATION = 0x0112
MAKE = 0x010F


def encoded(image: Image.Image, kind: str = "JPEG", **options) -> BytesIO:
    upload = BytesIO()
    image.save(upload, kind, **options)
    upload.seek(0)
    return upload


def photo(width: int = 640, height: int = 480) -> Image.Image:
    """Soft shapes with some noise, about as hard to encode as a real photo."""
    noise = Image.effect_noise((width, height), 20)
    shapes = Image.radial_gradient("L").resize((width, height))
    return Image.merge("RGB", (noise, shapes, Image.blend(noise, shapes, 0.5)))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_the_three_kinds_of_photo_are_accepted(kind):
    assert check(encoded(photo(), kind)) == (640, 480)
    assert normalise(encoded(photo(), kind)).size == (640, 480)


@pytest.mark.parametrize("kind", ["GIF", "BMP", "TIFF", "ICO"])
def test_other_kinds_are_refused_whatever_they_are_called(kind):
    with pytest.raises(NotAnImageError):
        check(encoded(photo(), kind))


@pytest.mark.parametrize("content", [b"", b"<svg onload=alert(1)>", b"\xff\xd8\xff", b"%PDF-1.7", b"\x89PNG\r\n\x1a\n"])
def test_what_is_no_photo_is_refused(content):
    with pytest.raises(NotAnImageError):
        check(BytesIO(content))


def test_a_file_over_eight_megabytes_is_not_even_opened():
    with pytest.raises(ImageTooHeavyError) as refusal:
        check(BytesIO(b"\0" * (images.MAXIMUM_BYTES + 1)))
    assert refusal.value.params == {"megabytes": 8}


@pytest.mark.parametrize("size", [(7_072, 7_072), (20_000, 20_000)])
def test_a_small_file_with_too_many_pixels_is_refused_from_its_header(size):
    bomb = encoded(Image.new("1", size), "PNG")
    assert len(bomb.getvalue()) < 100_000
    with pytest.raises(ImageTooManyPixelsError):
        check(bomb)
    with pytest.raises(ImageTooManyPixelsError):
        normalise(bomb)


def test_a_photo_that_ends_too_early_is_called_damaged():
    whole = encoded(photo()).getvalue()
    with pytest.raises(ImageDamagedError):
        normalise(BytesIO(whole[: len(whole) // 2]))


def test_a_photo_tells_nothing_about_where_and_with_what_it_was_taken():
    exif = Image.Exif()
    exif[MAKE] = "Phone"
    exif[GPS] = {1: "N", 2: (22.0, 51.0, 20.0)}
    clean = normalise(encoded(photo(), exif=exif))
    assert not clean.getexif()
    assert not clean.info
    for rendition in renditions(clean, [400]):
        assert not Image.open(BytesIO(rendition.data)).getexif()


def test_a_photo_taken_sideways_stands_upright():
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    assert normalise(encoded(photo(640, 480), exif=exif)).size == (480, 640)


def test_transparency_becomes_white():
    drawing = Image.new("RGBA", (10, 10), (255, 0, 0, 0))
    assert normalise(encoded(drawing, "PNG")).getpixel((5, 5)) == (255, 255, 255)


def test_a_palette_and_grey_become_colour():
    for mode in ("P", "L", "1", "I;16"):
        assert normalise(encoded(Image.new(mode, (8, 8)), "PNG")).mode == "RGB"


def test_a_broken_colour_profile_does_not_refuse_the_photo():
    assert normalise(encoded(photo(), icc_profile=b"nonsense")).size == (640, 480)


def test_a_huge_photo_is_kept_at_a_useful_size():
    assert normalise(encoded(Image.new("RGB", (4_000, 3_000)))).size == (2_400, 1_800)


def test_each_width_is_made_in_both_formats_and_none_is_enlarged():
    made = renditions(photo(600, 450), [400, 800, 1600])
    assert [(r.width, r.height, r.format) for r in made] == [
        (400, 300, "avif"),
        (400, 300, "webp"),
        (600, 450, "avif"),
        (600, 450, "webp"),
    ]
    for rendition in made:
        opened = Image.open(BytesIO(rendition.data))
        assert opened.size == (rendition.width, rendition.height)
        assert rendition.content_type == opened.get_format_mimetype()


def test_a_lists_picture_weighs_at_most_25_kilobytes():
    for rendition in renditions(normalise(encoded(photo(1_600, 1_200))), [400]):
        assert len(rendition.data) <= 25 * 1024


def test_the_main_colour_is_the_mean():
    half = Image.new("RGB", (10, 10), "#ff0000")
    half.paste("#0000ff", (0, 0, 5, 10))
    assert main_colour(half) == "#7f007f"


def test_a_checked_file_can_be_read_again_from_its_start():
    upload = encoded(photo())
    check(upload)
    assert upload.tell() == 0
    normalise(upload)
    assert upload.tell() == 0
