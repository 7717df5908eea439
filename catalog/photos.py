"""Photos of listings: checked, stripped of place and camera, and stored once in the sizes that pages show.

Encoding takes about a second and touches no table, so it is done before a transaction begins: `store_photo` writes
the files, `attach_photo` makes the row.
"""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from io import BytesIO
from typing import BinaryIO

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.translation import gettext_lazy as _
from PIL import Image

from catalog.models import Product, ProductImage
from marketplace.common.dates import local_day
from marketplace.common.errors import DomainError
from marketplace.common.images import main_colour, normalise, renditions
from marketplace.common.locks import locked

WIDTHS = (320, 640, 1200)
FORMATS = ("avif", "webp")
MAXIMUM_PHOTOS = 6
NO_PHOTO_COLOUR = "#dfe3dc"
FOLDER = "listings"
# Photos that were stored for a form that never came back are deleted after this.
UNUSED_AFTER = timedelta(days=2)


class TooManyPhotosError(DomainError):
    code = "too_many_photos"
    message = _("A listing has at most %(maximum)s photos.")


@dataclass(frozen=True)
class StoredPhoto:
    """A photo whose files are written: `<stem>.jpg` and, for each of WIDTHS and FORMATS, `<stem>-<width>.<format>`."""

    stem: str
    width: int
    height: int
    colour: str

    @property
    def original(self) -> str:
        return f"{self.stem}.jpg"


def store_photo(*, upload: BinaryIO, now: datetime) -> StoredPhoto:
    """Writes an uploaded photo's files. The header is checked before anything is decoded.

    Raises marketplace.common.images.ImageRefusedError: not an image, too heavy, too many pixels, damaged.
    """
    return store_image(image=normalise(upload), now=now)


def store_image(*, image: Image.Image, now: datetime, stem: str | None = None) -> StoredPhoto:
    """Writes the files of a picture in RGB. Without a stem it gets an unguessable one; a given one is overwritten."""
    stem = stem or f"{FOLDER}/{local_day(now):%Y/%m}/{secrets.token_hex(10)}"
    photo = StoredPhoto(stem, image.width, image.height, main_colour(image))
    buffer = BytesIO()
    image.save(buffer, "JPEG", quality=88, optimize=True)
    try:
        _write(photo.original, buffer.getvalue())
        for width in WIDTHS:
            # A photo narrower than the width is stored at its own size under the same name: pages know only the stem.
            for rendition in renditions(image, [width]):
                _write(rendition_name(stem, width, rendition.format), rendition.data)
    except OSError:
        delete_files(photo)
        raise
    return photo


def attach_photo(*, listing: Product, photo: StoredPhoto) -> ProductImage:
    """Appends a stored photo to the listing, once; the first one is its cover. Raises TooManyPhotosError."""
    with transaction.atomic():
        listing = locked(Product.objects.filter(pk=listing.pk))[0]
        known = listing.images.filter(stem=photo.stem).first()
        if known:
            return known
        position = listing.images.count()
        if position >= MAXIMUM_PHOTOS:
            raise TooManyPhotosError(maximum=MAXIMUM_PHOTOS)
        row = ProductImage.objects.create(
            product=listing,
            original=photo.original,
            display_order=position,
            stem=photo.stem,
            width=photo.width,
            height=photo.height,
            colour=photo.colour,
        )
        _set_cover(listing)
    return row


def remove_photo(*, photo: ProductImage) -> None:
    """Deletes the row and, after the commit, its files; the next photo becomes the cover. Gone already, it stays gone."""
    files = stored(photo)
    with transaction.atomic():
        listing = locked(Product.objects.filter(pk=photo.product_id))[0]
        # Oscar renumbers the listing's other photos through `photo.product`: read anew, it has no stale list of them.
        present = ProductImage.objects.filter(pk=photo.pk).first()
        if present is None:
            return
        present.delete()
        _set_cover(listing)
        if not ProductImage.objects.filter(stem=files.stem).exists():
            transaction.on_commit(lambda: delete_files(files))


def stored(photo: ProductImage) -> StoredPhoto:
    """The files behind a row."""
    return StoredPhoto(photo.stem, photo.width, photo.height, photo.colour)


def rendition_name(stem: str, width: int, kind: str) -> str:
    return f"{stem}-{width}.{kind}"


def rendition_url(stem: str, width: int, kind: str) -> str:
    """The address of one size (one of WIDTHS) in one format (one of FORMATS)."""
    return default_storage.url(rendition_name(stem, width, kind))


def source_set(stem: str, kind: str) -> str:
    """For `srcset`: every size of one format with its width."""
    # Stems are made here, of letters, digits, dashes and slashes: only what stands before them is the storage's to say.
    media = default_storage.url("")
    return ", ".join(f"{media}{rendition_name(stem, width, kind)} {width}w" for width in WIDTHS)


def delete_files(photo: StoredPhoto) -> None:
    """Deletes what `store_image` wrote; files that are gone are no error."""
    for name in (photo.original, *_rendition_names(photo.stem)):
        default_storage.delete(name)


def delete_unused_photos(*, now: datetime) -> int:
    """Deletes the files of photos that no listing has, once they are older than UNUSED_AFTER; how many photos."""
    used = set(ProductImage.objects.exclude(stem="").values_list("stem", flat=True))
    deleted = 0
    for name in list(_files_below(FOLDER)):
        stem, _dot, extension = name.rpartition(".")
        if extension != "jpg" or stem in used or default_storage.get_modified_time(name) > now - UNUSED_AFTER:
            continue
        delete_files(StoredPhoto(stem, 0, 0, NO_PHOTO_COLOUR))
        deleted += 1
    return deleted


def _set_cover(listing: Product) -> None:
    cover = listing.images.order_by("display_order", "pk").first()
    Product.objects.filter(pk=listing.pk).update(
        cover_stem=cover.stem if cover else "", cover_colour=cover.colour if cover else NO_PHOTO_COLOUR
    )


def _rendition_names(stem: str) -> Iterator[str]:
    return (rendition_name(stem, width, kind) for width in WIDTHS for kind in FORMATS)


def _write(name: str, data: bytes) -> None:
    # A storage gives another name to a second file of the same name; a stem must stay what the row says.
    default_storage.delete(name)
    default_storage.save(name, ContentFile(data))


def _files_below(folder: str) -> Iterator[str]:
    if not default_storage.exists(folder):
        return
    folders, files = default_storage.listdir(folder)
    yield from (f"{folder}/{name}" for name in files)
    for name in folders:
        yield from _files_below(f"{folder}/{name}")
