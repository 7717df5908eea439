"""Photos and texts that are made to break what reads them, and attempts that are counted."""

from contextlib import suppress
from datetime import timedelta
from io import BytesIO
from random import Random

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from PIL import Image

from marketplace.common.images import ImageRefusedError, normalise
from marketplace.common.limits import is_within_limit
from marketplace.common.text import clean_text

ORIENTATION, DESCRIPTION = 0x0112, 0x010E


def photo(kind: str) -> bytes:
    file = BytesIO()
    exif = Image.Exif()
    exif[ORIENTATION], exif[DESCRIPTION] = 6, "Hạt dẻ" * 8
    Image.effect_noise((48, 32), 50).convert("RGB").save(file, kind, exif=exif.tobytes())
    return file.getvalue()


pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:PIL")


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_photo_with_any_byte_broken_is_read_or_refused_by_name(kind):
    sound, chance = photo(kind), Random(5)
    for _ in range(300):
        broken = bytearray(sound)
        # The head, where the EXIF stands, breaks readers sooner than the pixels do.
        for _ in range(chance.choice([1, 4, 16])):
            broken[chance.randrange(min(len(broken), 250))] = chance.randrange(256)
        with suppress(ImageRefusedError):
            assert normalise(BytesIO(bytes(broken))).mode == "RGB"


def test_an_exif_tag_of_the_wrong_type_costs_neither_the_photo_nor_its_turn():
    # The description's type, ASCII (2), becomes a double (12).
    broken = (
        photo("JPEG")
        .replace(b"\x01\x0e\x00\x02", b"\x01\x0e\x00\x0c")
        .replace(b"\x0e\x01\x02\x00", b"\x0e\x01\x0c\x00")
    )
    assert broken != photo("JPEG")
    assert normalise(BytesIO(broken)).size == (32, 48)


def test_a_text_keeps_no_control_character_and_no_mark_that_turns_its_direction():
    assert clean_text("Lan\0\x1b[31m \u202egnp.exe\u2066\u200f") == "Lan[31m gnp.exe"
    assert clean_text("Xã\tĐàm\nThủy") == "Xã Đàm Thủy"


@pytest.mark.django_db
def test_in_the_database_too_attempts_are_counted_for_as_long_as_the_limit_says(settings, monkeypatch):
    monkeypatch.setattr("marketplace.common.limits.time", lambda: 0.0)
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "counts"}}
    call_command("createcachetable", verbosity=0)
    asked = [is_within_limit(what="link", who="0912", limit=2, seconds=3600) for _ in range(3)]
    assert asked == [True, True, False]
    with connection.cursor() as cursor:
        cursor.execute("SELECT expires FROM counts")
        ends = cursor.fetchone()[0]
    ends_at = parse_datetime(str(ends))
    ends_at = ends_at if ends_at.tzinfo else timezone.make_aware(ends_at, timezone.get_fixed_timezone(0))
    assert ends_at > timezone.now() + timedelta(minutes=55)
    cache.clear()
