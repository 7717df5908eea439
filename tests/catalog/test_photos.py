"""Photos as people send them, and files that are no photos."""

import struct
import zlib
from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest
from django.core.files.storage import default_storage
from django.template import Context, Template
from PIL import Image

from catalog import photos
from catalog.models import Product, ProductImage
from marketplace.common import images
from tests.factories.listings import ListingFactory

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 9, 10, 3, 0, tzinfo=UTC)
GPS = 0x8825


def jpeg(width: int = 1600, height: int = 1200, *, exif: Image.Exif | None = None) -> BytesIO:
    picture = Image.new("RGB", (width, height), (150, 90, 30))
    file = BytesIO()
    picture.save(file, "JPEG", **({"exif": exif} if exif else {}))
    file.seek(0)
    return file


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_that_declares(width: int, height: int) -> BytesIO:
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return BytesIO(b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b""))


def add_photo(*, listing: Product, upload: BytesIO, now: datetime) -> ProductImage:
    return photos.attach_photo(listing=listing, photo=photos.store_photo(upload=upload, now=now))


def files() -> set[str]:
    return set(photos._files_below("listings"))


def test_a_photo_is_stored_in_every_size_and_becomes_the_cover():
    listing = ListingFactory()
    photo = add_photo(listing=listing, upload=jpeg(), now=NOW)
    assert (photo.width, photo.height, photo.display_order) == (1600, 1200, 0)
    sizes = {}
    for width in (320, 640, 1200):
        for kind in ("avif", "webp"):
            with default_storage.open(f"{photo.stem}-{width}.{kind}") as file:
                sizes[width, kind] = Image.open(file).size
    assert sizes == {(w, k): (w, w * 3 // 4) for w in (320, 640, 1200) for k in ("avif", "webp")}
    assert default_storage.exists(photo.original.name)
    listing.refresh_from_db()
    assert (listing.cover_stem, listing.cover_colour) == (photo.stem, photo.colour)
    assert photo.stem.startswith("listings/2026/09/")


def test_a_small_photo_is_not_blown_up_yet_has_every_name():
    photo = add_photo(listing=ListingFactory(), upload=jpeg(500, 400), now=NOW)
    with default_storage.open(f"{photo.stem}-1200.webp") as file:
        assert Image.open(file).size == (500, 400)


def test_place_and_camera_are_gone_and_the_photo_stands_upright():
    exif = Image.Exif()
    exif[0x0112] = 6  # Turn by 90 degrees.
    exif[0x0110] = "Phone of Nông Thị Hoa"
    exif.get_ifd(GPS)[2] = (22.0, 50.0, 1.0)
    photo = add_photo(listing=ListingFactory(), upload=jpeg(800, 600, exif=exif), now=NOW)
    assert (photo.width, photo.height) == (600, 800)
    for name in files():
        with default_storage.open(name) as file:
            data = file.read()
            assert b"Phone of" not in data
            assert not Image.open(BytesIO(data)).getexif()


def test_a_second_photo_comes_after_the_first_and_takes_its_place_when_that_is_removed():
    listing = ListingFactory()
    first = add_photo(listing=listing, upload=jpeg(), now=NOW)
    second = add_photo(listing=listing, upload=jpeg(900, 900), now=NOW)
    assert second.display_order == 1
    listing.refresh_from_db()
    assert listing.cover_stem == first.stem


def test_removing_a_photo_removes_its_files_and_gives_the_next_one_the_cover(django_capture_on_commit_callbacks):
    listing = ListingFactory()
    first = add_photo(listing=listing, upload=jpeg(), now=NOW)
    second = add_photo(listing=listing, upload=jpeg(), now=NOW)
    with django_capture_on_commit_callbacks(execute=True):
        photos.remove_photo(photo=first)
    listing.refresh_from_db()
    assert listing.cover_stem == second.stem
    assert not any(name.startswith(first.stem) for name in files())
    with django_capture_on_commit_callbacks(execute=True):
        photos.remove_photo(photo=ProductImage.objects.get(pk=second.pk))
    listing.refresh_from_db()
    assert (listing.cover_stem, files()) == ("", set())


def test_a_seventh_photo_is_refused():
    listing = ListingFactory()
    stored = photos.store_photo(upload=jpeg(100, 100), now=NOW)
    for number in range(6):
        ProductImage.objects.create(product=listing, original="x.jpg", stem=stored.stem, display_order=number)
    with pytest.raises(photos.TooManyPhotosError):
        add_photo(listing=listing, upload=jpeg(100, 100), now=NOW)
    assert listing.images.count() == 6


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"", images.NotAnImageError),
        (b"Khong phai anh", images.NotAnImageError),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", images.NotAnImageError),
        (b"<!doctype html><script>alert(1)</script>", images.NotAnImageError),
        (b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;<script>",
         images.NotAnImageError),
        (b"\xff\xd8\xff\xe0" + b"\0" * 40, images.ImageRefusedError),
        (jpeg().getvalue()[:900], images.ImageRefusedError),
        (b"\xff" * (8 * 1024 * 1024 + 1), images.ImageTooHeavyError),
        (png_that_declares(20_000, 20_000).getvalue(), images.ImageTooManyPixelsError),
        (png_that_declares(7_100, 7_100).getvalue(), images.ImageTooManyPixelsError),
    ],
    ids=["empty", "text", "svg", "html", "gif", "header only", "cut off", "too heavy", "bomb", "just above 50 MP"],
)  # fmt: skip
def test_what_is_no_photo_is_refused_by_name_and_leaves_nothing(content, error):
    listing = ListingFactory()
    with pytest.raises(error):
        add_photo(listing=listing, upload=BytesIO(content), now=NOW)
    assert files() == set()
    assert not listing.images.exists()
    assert Product.objects.get(pk=listing.pk).cover_stem == ""


def test_a_bomb_is_refused_before_a_pixel_is_decoded():
    # 20000 x 20000 would need 1.2 GB; the file has 100 bytes of pixels, so decoding would fail in another way.
    with pytest.raises(images.ImageTooManyPixelsError):
        photos.store_photo(upload=png_that_declares(20_000, 20_000), now=NOW)


def test_a_photo_that_is_also_a_page_loses_the_page():
    upload = BytesIO(jpeg(400, 300).getvalue() + b"<script>alert(1)</script>")
    add_photo(listing=ListingFactory(), upload=upload, now=NOW)
    for name in files():
        with default_storage.open(name) as file:
            assert b"<script>" not in file.read()


def test_photos_of_forms_that_never_came_back_are_deleted_after_two_days():
    kept = add_photo(listing=ListingFactory(), upload=jpeg(100, 100), now=NOW)
    photos.store_photo(upload=jpeg(100, 100), now=NOW)
    now = datetime.now(UTC)
    assert photos.delete_unused_photos(now=now) == 0
    assert photos.delete_unused_photos(now=now + timedelta(days=3)) == 1
    assert files()
    assert all(name.startswith(kept.stem) for name in files())


def test_the_picture_tag_names_every_size_and_carries_no_style():
    photo = add_photo(listing=ListingFactory(), upload=jpeg(), now=NOW)
    template = Template('{% load pictures %}{% picture photo alt=name sizes="50vw" %}')
    html = template.render(Context({"photo": photo, "name": "<b>"}))
    assert f"{photo.stem}-320.avif 320w" in html
    assert f"{photo.stem}-1200.webp 1200w" in html
    assert 'width="1600" height="1200" loading="lazy"' in html
    assert 'alt="&lt;b&gt;"' in html
    assert f'fill="{photo.colour}"' in html
    assert "style" not in html
