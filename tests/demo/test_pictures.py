"""The illustrations: every listing has one, true to its product, the same for the same seed."""

import io

import pytest
from PIL import Image

from catalog.photos import FORMATS, WIDTHS, rendition_name
from marketplace.demo import source
from marketplace.demo.compose import PICTURES, SUBJECTS, compose
from marketplace.demo.drawings import DRAWINGS
from marketplace.demo.photos import stored_illustration
from marketplace.demo.world import World

SMALL = (200, 150)


def sprites_used():
    names = {name for subject in SUBJECTS.values() for name in (*subject.sprites, *subject.companions)}
    return {name.partition(":")[0] for name in names}


def test_every_listing_has_a_subject_that_can_be_drawn():
    assert {row.subject for row in source.listings()} <= SUBJECTS.keys()


@pytest.mark.parametrize("subject", sorted(SUBJECTS))
def test_an_illustration_decodes_and_is_not_a_plain_box(subject):
    picture = compose(subject, 3, SMALL)
    assert picture.size == SMALL
    assert len(set(picture.quantize(64).get_flattened_data())) > 20


def test_the_same_seed_draws_the_same_picture_and_another_seed_another_one():
    first, again, other = (compose("chestnut", seed, SMALL).tobytes() for seed in (5, 5, 6))
    assert first == again
    assert first != other


def test_pictures_of_one_subject_differ_in_ground_or_arrangement():
    assert len({compose("tangerine", seed, SMALL).tobytes() for seed in range(8)}) == 8


def test_every_picture_of_the_set_decodes_is_small_and_is_used():
    files = sorted(PICTURES.glob("*.webp"))
    assert {file.stem for file in files} == sprites_used() - DRAWINGS.keys()
    for file in files:
        with Image.open(file) as picture:
            picture.load()
            assert picture.size == (256, 256)
    assert sum(file.stat().st_size for file in files) < 2_000_000


def test_the_pictures_carry_their_licence():
    notice = (PICTURES / "LICENSE").read_text(encoding="utf-8")
    assert "MIT License" in notice
    assert "fluent-emoji-3d" in notice


def test_the_mushroom_is_a_brown_one_drawn_by_us():
    assert SUBJECTS["shiitake"].sprites == ("shiitake",)
    red, green, blue, _ = DRAWINGS["shiitake"]().resize((1, 1), Image.Resampling.BOX).convert("RGBA").getpixel((0, 0))
    assert red > green > blue
    assert red < 2 * green


def test_an_illustration_is_stored_in_every_size_and_format(settings):
    world = World(seed=1, today=source.RESTRUCTURED_ON)
    photo = stored_illustration("pear", 2, "listings/demo/pear-test", world.now, SMALL)
    for width in WIDTHS:
        for kind in FORMATS:
            data = (settings.MEDIA_ROOT / rendition_name(photo.stem, width, kind)).read_bytes()
            with Image.open(io.BytesIO(data)) as rendition:
                assert rendition.format == kind.upper()
