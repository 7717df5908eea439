"""Photographs as they are uploaded: checked by content, stripped of what they tell about people, and re-encoded."""

from collections.abc import Iterable
from dataclasses import dataclass
from io import BytesIO
from typing import BinaryIO

from django.utils.translation import gettext_lazy as _
from PIL import ExifTags, Image, ImageCms

from marketplace.common.errors import DomainError

MAXIMUM_BYTES = 8 * 1024 * 1024
MAXIMUM_PIXELS = 50_000_000
MAXIMUM_SIDE = 2400
FORMATS = ("JPEG", "PNG", "WEBP")
# What turns a photo upright, by the orientation that the camera wrote down.
_TURNS: dict[object, Image.Transpose] = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
# Tried in turn until the file fits: 64 bytes for each pixel of width, 25 kB for a list's picture of 400.
QUALITIES = {"avif": (52, 44, 36, 28), "webp": (74, 64, 52, 40)}
BYTES_PER_WIDTH = 64


class ImageRefusedError(DomainError):
    code = "image"


class ImageTooHeavyError(ImageRefusedError):
    code = "image_too_heavy"
    message = _("The photo is larger than %(megabytes)s MB.")


class ImageTooManyPixelsError(ImageRefusedError):
    code = "image_too_many_pixels"
    message = _("The photo has more than %(megapixels)s million pixels.")


class NotAnImageError(ImageRefusedError):
    code = "not_an_image"
    message = _("This file is not a JPEG, PNG or WebP photo.")


class ImageDamagedError(ImageRefusedError):
    code = "image_damaged"
    message = _("The photo is damaged. Try to take or send it again.")


@dataclass(frozen=True)
class Rendition:
    """One encoded size of a photo."""

    width: int
    height: int
    format: str
    data: bytes

    @property
    def content_type(self) -> str:
        return f"image/{self.format}"


def check(upload: BinaryIO) -> tuple[int, int]:
    """Width and height, read from the header alone; the name and the declared type are not trusted.

    Raises ImageTooHeavyError, NotAnImageError or ImageTooManyPixelsError. Leaves the file at its start.
    """
    with _open(upload) as image:
        size = image.size
    upload.seek(0)
    return size


def normalise(upload: BinaryIO) -> Image.Image:
    """The photo upright, in sRGB without transparency, at most MAXIMUM_SIDE, without EXIF: no place, no camera.

    Raises ImageRefusedError.
    """
    with _open(upload) as opened:
        try:
            # JPEG can be decoded at a fraction of its size; other formats ignore this.
            opened.draft("RGB", (MAXIMUM_SIDE, MAXIMUM_SIDE))
            image = _flattened(_in_srgb(_upright(opened)))
            image.thumbnail((MAXIMUM_SIDE, MAXIMUM_SIDE), Image.Resampling.LANCZOS)
        except (OSError, SyntaxError, ValueError) as error:
            raise ImageDamagedError from error
    clean = Image.new("RGB", image.size)
    clean.paste(image)
    upload.seek(0)
    return clean


def renditions(image: Image.Image, widths: Iterable[int]) -> list[Rendition]:
    """AVIF and WebP for each width; a width beyond the photo's own gives the photo's own, once."""
    made = []
    for width in sorted({min(width, image.width) for width in widths}):
        height = max(1, round(image.height * width / image.width))
        scaled = image if width == image.width else image.resize((width, height), Image.Resampling.LANCZOS)
        made += [Rendition(width, height, kind, _encoded(scaled, kind)) for kind in QUALITIES]
    return made


def main_colour(image: Image.Image) -> str:
    """As "#rrggbb": the photo's mean, shown until it is loaded."""
    red, green, blue = image.convert("RGB").resize((1, 1), Image.Resampling.BOX).tobytes()
    return f"#{red:02x}{green:02x}{blue:02x}"


def _open(upload: BinaryIO) -> Image.Image:
    upload.seek(0, 2)
    if upload.tell() > MAXIMUM_BYTES:
        raise ImageTooHeavyError(megabytes=MAXIMUM_BYTES // 1024 // 1024)
    upload.seek(0)
    try:
        image = Image.open(upload, formats=FORMATS)
    except Image.DecompressionBombError as error:
        raise ImageTooManyPixelsError(megapixels=MAXIMUM_PIXELS // 1_000_000) from error
    except (OSError, SyntaxError, ValueError) as error:
        raise NotAnImageError from error
    if image.width * image.height > MAXIMUM_PIXELS:
        raise ImageTooManyPixelsError(megapixels=MAXIMUM_PIXELS // 1_000_000)
    return image


def _upright(image: Image.Image) -> Image.Image:
    """Pillow's own exif_transpose writes the EXIF anew as well, and breaks where a tag has the wrong type."""
    image.load()
    try:
        turn = _TURNS.get(image.getexif().get(ExifTags.Base.Orientation))
    except Exception:  # noqa: BLE001 - a broken EXIF raises what it likes, and says nothing about the pixels
        turn = None
    return image if turn is None else image.transpose(turn)


def _in_srgb(image: Image.Image) -> Image.Image:
    profile = image.info.get("icc_profile")
    if not profile or image.mode not in {"RGB", "RGBA"}:
        return image
    try:
        source = ImageCms.ImageCmsProfile(BytesIO(profile))
        return ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB")) or image
    except (ImageCms.PyCMSError, OSError):
        # A broken profile says nothing about the pixels: they are taken as sRGB.
        return image


def _flattened(image: Image.Image) -> Image.Image:
    if not image.has_transparency_data:
        return image.convert("RGB")
    layered = image.convert("RGBA")
    paper = Image.new("RGBA", layered.size, "white")
    return Image.alpha_composite(paper, layered).convert("RGB")


def _encoded(image: Image.Image, kind: str) -> bytes:
    data = b""
    for quality in QUALITIES[kind]:
        buffer = BytesIO()
        options = {"speed": 8} if kind == "avif" else {"method": 4}
        image.save(buffer, kind.upper(), quality=quality, **options)
        data = buffer.getvalue()
        if len(data) <= image.width * BYTES_PER_WIDTH:
            break
    return data
