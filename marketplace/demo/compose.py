"""Illustrations of products for the demo: a ground, an arrangement of sprites and soft shadows.

The pictures are marked as illustrations where they are shown; none holds a word.
"""

import math
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random

from PIL import Image, ImageEnhance, ImageFilter

from marketplace.demo.drawings import DRAWINGS
from marketplace.demo.grounds import GROUNDS
from marketplace.demo.paint import SPRITE, Colour

PICTURES = Path(__file__).parent / "pictures"

Placement = tuple[float, float, float, float]  # centre x, centre y, side (all as parts of the height), degrees


@dataclass(frozen=True)
class Subject:
    """How a product may be shown: its sprites, companions, arrangements and grounds."""

    sprites: tuple[str, ...]
    companions: tuple[str, ...] = ()
    arrangements: tuple[str, ...] = ("single", "trio", "row", "heap", "ring")
    grounds: tuple[str, ...] = ("wood", "brocade", "tray", "linen", "stone", "terraces", "banana_leaf", "foliage")
    turn: float = 10  # degrees that a sprite may lean

    @property
    def stands(self) -> bool:
        """Whether the product stands on the ground rather than lies on it."""
        return "mountains" in self.grounds


_ANIMAL = ("mountains", "terraces", "foliage")
_TALL = ("wood", "linen", "terraces", "foliage", "stone", "brocade")
_HERD = ("single", "pair", "herd")
_SHELF = ("single", "pair", "trio", "row")

SUBJECTS: dict[str, Subject] = {
    "chestnut": Subject(("chestnut",), ("autumn_leaves", "leaf", "herb"), turn=24),
    "chestnut_roasted": Subject(("chestnut:roasted",), ("autumn_leaves", "basket"), turn=24),
    "tangerine": Subject(("tangerine",), ("leaf", "herb", "basket")),
    "orange": Subject(("tangerine:deep",), ("leaf", "herb", "basket"), turn=20),
    "pear": Subject(("pear",), ("leaf", "basket"), turn=16),
    "plum": Subject(("plum",), ("leaf", "basket"), turn=20),
    "vermicelli": Subject(("vermicelli",), ("noodle_bowl", "herb"), ("single", "stack", "trio", "companion"), turn=8),
    "rice_noodles": Subject(("rice_noodles",), ("noodle_bowl", "herb"), ("single", "stack", "trio", "companion"), turn=8),
    "noodle_bowl": Subject(("noodle_bowl",), ("herb", "egg"), ("single", "companion"), turn=3),
    "black_jelly": Subject(("black_jelly",), ("leaf", "herb", "lemon"), ("single", "pair", "companion"), turn=4),
    "jelly_dried": Subject(("jelly_dried",), ("herb", "black_jelly"), ("single", "pair", "companion"), turn=10),
    "tea": Subject(("dried_tea",), ("tea_cup", "tea_shoot", "teapot:clay"), ("single", "companion", "pair"), turn=2),
    "tea_cup": Subject(("tea_cup",), ("tea_shoot", "teapot:clay", "leaf"), ("single", "companion", "pair"), turn=2),
    "tea_shoot": Subject(("tea_shoot",), ("leaf", "dried_tea"), ("single", "ring", "trio", "companion"), turn=30),
    "bamboo": Subject(("bamboo_poles",), ("leaf", "leaves"), ("single", "pair", "companion"), _TALL, turn=5),
    "bamboo_basket": Subject(("basket",), ("leaf", "flower", "herb"), ("single", "pair", "trio", "companion"), _TALL, turn=3),
    "white_rice": Subject(("white_rice",), ("rice_plant", "rice_bowl"), ("single", "pair", "companion"), turn=2),
    "rice_sack": Subject(("rice_sack",), ("rice_plant", "rice_bowl"), ("single", "pair", "companion"), _TALL, turn=2),
    "rice_bowl": Subject(("rice_bowl",), ("rice_plant", "leaf"), ("single", "companion"), turn=2),
    "black_rice": Subject(("black_rice",), ("rice_plant:purple", "leaf"), ("single", "pair", "companion"), turn=2),
    "star_anise": Subject(("star_anise",), ("leaf", "herb"), ("single", "trio", "ring", "heap", "row"), turn=45),
    "ox": Subject(("ox",), ("leafy_green", "seedling"), _HERD, _ANIMAL, turn=0),
    "beef": Subject(("meat",), ("herb", "garlic", "chili"), ("single", "pair", "companion", "trio"), turn=12),
    "dried_beef": Subject(("meat:dried",), ("chili", "garlic", "ginger"), ("pair", "companion", "trio"), turn=20),
    "pig": Subject(("pig:black",), ("leafy_green", "sweet_potato"), _HERD, _ANIMAL, turn=0),
    "pork": Subject(("meat:pork",), ("onion", "herb", "garlic"), ("single", "pair", "companion"), turn=12),
    "duck": Subject(("duck:brown",), ("seedling", "herb"), _HERD, _ANIMAL, turn=0),
    "chicken": Subject(("rooster",), ("corn", "seedling"), _HERD, _ANIMAL, turn=0),
    "egg": Subject(("egg",), ("basket", "herb"), turn=24),
    "peanut": Subject(("peanut",), ("leaf", "basket"), turn=40),
    "peanuts_red": Subject(("peanuts_red",), ("peanut", "leaf"), ("single", "companion", "pair"), turn=3),
    "brocade": Subject(("brocade",), ("thread", "flower"), ("single", "pair", "companion"),
                       ("wood", "linen", "stone", "terraces", "tray"), turn=8),
    "spirit": Subject(("spirit_bottle",), ("corn", "rice_bowl"), (*_SHELF, "companion"), _TALL, turn=0),
    "oil": Subject(("oil_bottle",), ("camellia_seeds", "flower"), (*_SHELF, "companion"), _TALL, turn=0),
    "honey": Subject(("honey_jar",), ("bee", "flower", "honey_pot"), (*_SHELF, "companion"), _TALL, turn=0),
    "forest_honey": Subject(("forest_honey",), ("bee", "log", "honey_pot"), (*_SHELF, "companion"), _TALL, turn=0),
    "cabbage": Subject(("leafy_green",), ("carrot", "tomato", "pea_pod"), turn=16),
    "vegetables": Subject(("leafy_green", "carrot", "tomato", "cucumber", "pea_pod", "broccoli", "aubergine"),
                          ("basket",), ("ring", "heap", "row", "trio"), turn=18),
    "tomato": Subject(("tomato",), ("leaf", "basket"), turn=14),
    "cucumber": Subject(("cucumber",), ("leaf", "herb"), turn=30),
    "pea": Subject(("pea_pod",), ("leaf", "basket"), turn=30),
    "sweet_potato": Subject(("sweet_potato",), ("leaf", "basket"), turn=26),
    "sausages": Subject(("sausages",), ("chili", "garlic", "herb"), ("single", "pair", "companion"), turn=6),
    "smoked_meat": Subject(("smoked_meat",), ("chili", "garlic", "herb"), ("single", "pair", "trio", "companion"), turn=12),
    "shiitake": Subject(("shiitake",), ("leaf", "log"), ("single", "trio", "ring", "heap", "companion"), turn=22),
    "jaggery": Subject(("jaggery",), ("sugar_cane", "leaf"), ("single", "pair", "companion"), turn=3),
    "sugar_cane": Subject(("sugar_cane",), ("jaggery", "leaf"), ("single", "pair", "companion"), _TALL, turn=5),
    "knife": Subject(("forged_knife",), ("onion", "carrot", "herb"), ("single", "fan", "companion"),
                     ("wood", "stone", "linen", "tray"), turn=12),
    "cleaver": Subject(("knife:steel",), ("cucumber", "tomato", "garlic"), ("single", "pair", "companion"),
                       ("wood", "stone", "linen"), turn=12),
    "incense": Subject(("incense",), ("flower", "leaf"), ("single", "pair", "trio"), turn=8),
    "ginger": Subject(("ginger",), ("leaf", "garlic", "lemon"), turn=24),
    "garlic": Subject(("garlic",), ("herb", "chili"), turn=18),
    "chili": Subject(("chili",), ("garlic", "leaf"), turn=30),
    "corn": Subject(("corn",), ("leaf", "basket"), turn=20),
    "beans": Subject(("red_beans",), ("leaf", "basket"), ("single", "trio", "ring", "heap"), turn=40),
}  # fmt: skip

# How a sprite is recoloured: brightness, saturation, and a tint mixed in.
_RECOLOURED: dict[str, tuple[float, float, Colour, float]] = {
    "roasted": (0.74, 1.0, (70, 34, 14), 0.25),
    "deep": (0.96, 1.15, (255, 110, 10), 0.18),
    "clay": (0.6, 0.35, (134, 76, 46), 0.5),
    "black": (0.42, 0.12, (30, 28, 32), 0.35),
    "brown": (0.86, 0.55, (150, 110, 70), 0.28),
    "purple": (0.72, 0.8, (96, 48, 110), 0.35),
    "dried": (0.6, 1.0, (84, 30, 18), 0.4),
    "pork": (1.06, 0.85, (250, 176, 160), 0.25),
    "steel": (0.86, 0.3, (96, 102, 112), 0.25),
}


@cache
def sprite(name: str) -> Image.Image:
    """Return a sprite of 512 px, drawn or from the picture set; "name:tint" recolours it."""
    plain, _, tint = name.partition(":")
    if plain in DRAWINGS:
        image = DRAWINGS[plain]()
    else:
        with Image.open(PICTURES / f"{plain}.webp") as picture:
            image = picture.convert("RGBA").resize((SPRITE, SPRITE), Image.Resampling.LANCZOS)
    if not tint:
        return image
    brightness, saturation, colour, share = _RECOLOURED[tint]
    rgb = ImageEnhance.Color(image.convert("RGB")).enhance(saturation)
    rgb = Image.blend(ImageEnhance.Brightness(rgb).enhance(brightness), Image.new("RGB", rgb.size, colour), share)
    result = rgb.convert("RGBA")
    result.putalpha(image.getchannel("A"))
    return result


def _single(rng: Random) -> list[Placement]:
    return [(0.667 + rng.uniform(-0.06, 0.06), 0.51, rng.uniform(0.72, 0.82), rng.uniform(-1, 1))]


def _pair(rng: Random) -> list[Placement]:
    gap = rng.uniform(0.25, 0.29)
    return [(0.667 - gap, 0.48, 0.58, rng.uniform(-1, 0)), (0.667 + gap, 0.55, 0.64, rng.uniform(0, 1))]


def _trio(rng: Random) -> list[Placement]:
    side = rng.uniform(0.48, 0.53)
    return [
        (0.667 - 0.3, 0.42, side, -0.8),
        (0.667 + 0.3, 0.42, side, 0.8),
        (0.667 + rng.uniform(-0.05, 0.05), 0.6, side * 1.18, 0),
    ]


def _row(rng: Random) -> list[Placement]:
    count = rng.choice((4, 5))
    gap = 1.16 / count
    side = gap * 1.22
    lift = rng.choice((0, 0.05))
    return [
        (0.667 + (i - (count - 1) / 2) * gap, 0.52 + lift * (-1) ** i, side, rng.uniform(-1, 1)) for i in range(count)
    ]


def _heap(rng: Random) -> list[Placement]:
    rows = rng.choice(((4, 3, 2), (5, 4, 3, 1), (5, 4, 2)))
    side = 0.27 if len(rows) == 3 else 0.25
    placements = []
    for level, count in reversed(list(enumerate(rows))):
        for i in range(count):
            x = 0.667 + (i - (count - 1) / 2) * side * 0.86 + rng.uniform(-0.012, 0.012)
            placements.append((x, 0.74 - level * side * 0.62, side, rng.uniform(-1, 1)))
    return placements


def _ring(rng: Random) -> list[Placement]:
    count = rng.choice((6, 7, 8))
    start = rng.uniform(0, 6)
    side = 1.86 / count
    placements = [(0.667, 0.5, side * 1.1, rng.uniform(-1, 1))]
    for i in range(count):
        angle = start + i * 2 * math.pi / count
        placements.append((0.667 + 0.32 * math.cos(angle), 0.5 + 0.32 * math.sin(angle), side, rng.uniform(-1, 1)))
    return sorted(placements, key=lambda p: p[1])


def _stack(rng: Random) -> list[Placement]:
    lean = rng.uniform(-1, 1)
    return [(0.667 + 0.05 * lean * i, 0.66 - 0.16 * i, 0.62, (-1) ** i * 0.8) for i in range(3)]


def _fan(_rng: Random) -> list[Placement]:
    return [(0.667 + (i - 1) * 0.2, 0.52 + abs(i - 1) * 0.05, 0.58, (i - 1) * -1.6) for i in range(3)]


def _herd(rng: Random) -> list[Placement]:
    return [(0.26, 0.5, 0.36, 0), (1.08, 0.53, 0.4, 0), (0.667 + rng.uniform(-0.06, 0.06), 0.62, 0.6, 0)]


_ARRANGEMENTS = {
    "single": _single, "pair": _pair, "trio": _trio, "row": _row, "heap": _heap, "ring": _ring, "stack": _stack,
    "fan": _fan, "herd": _herd,
}  # fmt: skip


def _companion(rng: Random) -> tuple[Placement, Placement]:
    """Return where the companion and the product stand."""
    side = rng.choice((-1, 1))
    return (0.667 + side * 0.31, 0.41, 0.46, rng.uniform(-0.6, 0.6)), (
        0.667 - side * 0.17,
        0.56,
        0.72,
        rng.uniform(-0.6, 0.6),
    )


def _place(image: Image.Image, name: str, placement: Placement, turn: float, *, stands: bool) -> None:
    x, y, side, lean = placement
    height = image.height
    figure = sprite(name)
    figure = figure.crop(figure.getbbox())
    # Equal areas, not equal boxes: a bottle beside a bowl keeps its height.
    factor = min(side * height * 0.9 / math.sqrt(figure.width * figure.height), height * 0.86 / figure.height)
    figure = figure.resize((round(figure.width * factor), round(figure.height * factor)), Image.Resampling.LANCZOS)
    if turn and lean:
        figure = figure.rotate(lean * turn, resample=Image.Resampling.BICUBIC, expand=True)
    left, top = round(x * height - figure.width / 2), round(y * height - figure.height / 2)
    _cast_shadow(image, figure, (left, top), stands=stands)
    image.paste(figure, (left, top), figure)


def _cast_shadow(image: Image.Image, figure: Image.Image, corner: tuple[int, int], *, stands: bool) -> None:
    alpha = figure.getchannel("A")
    blur = max(4, figure.width // 26)
    margin = blur * 3
    if stands:
        box = alpha.getbbox() or (0, 0, *alpha.size)
        shape = Image.new("L", alpha.size, 0)
        squashed = alpha.crop(box).resize((box[2] - box[0], max(1, (box[3] - box[1]) // 7)))
        shape.paste(squashed, (box[0] + figure.width // 30, box[3] - squashed.height * 2 // 3))
        shift = (0, 0)
    else:
        shape, shift = alpha, (figure.width // 40, figure.width // 26)
    soft = Image.new("L", (alpha.width + margin * 2, alpha.height + margin * 2), 0)
    soft.paste(shape, (margin, margin))
    soft = soft.filter(ImageFilter.GaussianBlur(blur)).point(lambda v: v * 135 // 255)
    dark = Image.new("RGB", soft.size, (24, 18, 14))
    image.paste(dark, (corner[0] - margin + shift[0], corner[1] - margin + shift[1]), soft)


def _sprinkle(image: Image.Image, names: tuple[str, ...], rng: Random) -> None:
    """Lay one or two small companions into the corners."""
    corners = [(0.14, 0.16), (1.2, 0.15), (0.13, 0.86), (1.2, 0.86)]
    for x, y in rng.sample(corners, rng.choice((1, 2))):
        place = (x + rng.uniform(-0.03, 0.03), y + rng.uniform(-0.03, 0.03), rng.uniform(0.17, 0.23), 1.0)
        _place(image, rng.choice(names), place, rng.uniform(-70, 70), stands=False)


_LYING = {"leaf", "herb", "autumn_leaves", "leaves", "flower", "tea_shoot"}


def compose(subject: str, seed: int, size: tuple[int, int] = (1200, 900)) -> Image.Image:
    """Return the illustration of a subject; the same subject, seed and size give the same pixels.

    Raises KeyError for an unknown subject.
    """
    shown = SUBJECTS[subject]
    rng = Random(f"{subject}/{seed}")
    ground = shown.grounds[(seed + rng.randrange(2)) % len(shown.grounds)]
    arrangement = shown.arrangements[seed % len(shown.arrangements)]
    image = GROUNDS[ground](size, rng)
    stands = shown.stands
    lying = tuple(name for name in shown.companions if name in _LYING)
    if arrangement != "companion" and lying and not stands and rng.random() < 0.6:
        _sprinkle(image, lying, rng)
    if arrangement == "companion":
        behind, front = _companion(rng)
        _place(image, rng.choice(shown.companions), behind, 8, stands=stands)
        _place(image, shown.sprites[0], front, shown.turn, stands=stands)
        return image
    offset = rng.randrange(len(shown.sprites))
    for i, placement in enumerate(_ARRANGEMENTS[arrangement](rng)):
        name = shown.sprites[(offset + i) % len(shown.sprites)]
        _place(image, name, placement, shown.turn, stands=stands)
    return image
