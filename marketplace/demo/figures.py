"""Shapes that several drawings share: leaves, cubes, slabs, skeins, bowls of grain, bottles."""

import math
import random

from PIL import Image, ImageDraw, ImageFilter

from marketplace.demo.paint import (
    SPRITE,
    Colour,
    Point,
    body,
    clipped,
    ellipse,
    flat,
    mask,
    mixed,
    polygon,
    rounded,
    smooth,
    stack,
    stroke,
    tone,
)

WOOD_LIGHT, WOOD_DARK = (204, 148, 92), (138, 86, 46)
LEAF_LIGHT, LEAF_DARK = (126, 190, 84), (52, 122, 58)
STRAW_LIGHT, STRAW_DARK = (226, 190, 122), (176, 130, 66)
Dab = tuple[list[Point], float, Colour]


def dabs_layer(dabs: list[Dab]) -> Image.Image:
    """Return many small strokes painted on one layer: far cheaper than a layer each."""
    large = Image.new("RGBA", (SPRITE * 2, SPRITE * 2), (0, 0, 0, 0))
    canvas = ImageDraw.Draw(large)
    for path, width, colour in dabs:
        points = [(x * 2, y * 2) for x, y in path]
        under = [(x + 2, y + 3) for x, y in points]
        canvas.line(under, fill=(*[round(c * 0.6) for c in colour], 255), width=round(width * 2))
        canvas.line(points, fill=(*colour, 255), width=round(width * 2))
        for x, y in (points[0], points[-1]):
            canvas.ellipse([x - width, y - width, x + width, y + width], fill=(*colour, 255))
    return large.resize((SPRITE, SPRITE), Image.Resampling.BOX)


def cube(cx: float, cy: float, size: float, top: Colour, left: Colour, right: Colour) -> Image.Image:
    """Return a cube seen from above its front edge."""
    w, h, d = size, size * 0.5, size * 0.72
    up, mid = [(cx, cy - h), (cx + w, cy), (cx, cy + h), (cx - w, cy)], cy
    left_face = [(cx - w, mid), (cx, mid + h), (cx, mid + h + d), (cx - w, mid + d)]
    right_face = [(cx + w, mid), (cx, mid + h), (cx, mid + h + d), (cx + w, mid + d)]
    outline = smooth(polygon([up[0], up[1], right_face[3], right_face[2], left_face[3], up[3]]), 7)
    whole = stack(
        flat(outline, left),
        body(polygon(right_face), right, tone(right, 0.7), depth=14, gloss=20),
        body(polygon(left_face), left, tone(left, 0.75), depth=14, gloss=30),
        body(polygon(up), top, left, depth=16, gloss=110),
    )
    return clipped(whole, outline)


def leaf_between(
    start: Point, end: Point, width: float, light: Colour = LEAF_LIGHT, dark: Colour = LEAF_DARK
) -> Image.Image:
    (x0, y0), (x1, y1) = start, end
    length = math.hypot(x1 - x0, y1 - y0)
    ux, uy = (x1 - x0) / length, (y1 - y0) / length
    edge: list[Point] = []
    for side in (1, -1):
        steps = range(13) if side == 1 else range(12, -1, -1)
        for step in steps:
            t = step / 12
            offset = side * width * math.sin(math.pi * t) ** 0.85
            edge.append((x0 + ux * length * t - uy * offset, y0 + uy * length * t + ux * offset))
    vein = stroke([start, (x0 + (x1 - x0) * 0.92, y0 + (y1 - y0) * 0.92)], 3)
    return stack(body(polygon(edge), light, dark, depth=10), flat(vein, (235, 245, 215), 0.45))


def pod(base: Point, tip: Point) -> Image.Image:
    outer = leaf_between(base, tip, 42, (166, 96, 52), (98, 48, 24))
    start = (base[0] * 0.75 + tip[0] * 0.25, base[1] * 0.75 + tip[1] * 0.25)
    end = (base[0] * 0.2 + tip[0] * 0.8, base[1] * 0.2 + tip[1] * 0.8)
    return stack(outer, leaf_between(start, end, 20, (96, 44, 20), (60, 26, 12)))


def skein(light: Colour, dark: Colour, tie: tuple[Colour, Colour], seed: int) -> Image.Image:
    """Return a skein of noodles lying across the picture, tied in the middle."""
    rng = random.Random(seed)
    layers = []
    for i in range(72):
        t = (i % 36) / 35
        y0 = 112 + 288 * t
        waist = 196 + 120 * t
        wave = rng.uniform(-10, 10)
        mix = rng.random()
        colour: Colour = mixed(dark, light, mix)
        path = []
        for step in range(17):
            s = step / 16
            pinch = math.sin(math.pi * s) ** 1.6
            path.append((34 + 444 * s, y0 * (1 - pinch) + waist * pinch + wave * math.sin(3 * math.pi * s)))
        layers.append(flat(stroke(path, 11), colour))
    band = body(rounded(222, 176, 290, 336, 22), *tie, depth=14)
    return stack(*layers, band)


def slab(cx: float, cy: float, top: Colour, left: Colour, right: Colour) -> Image.Image:
    w, h, d = 168, 66, 56
    up = [(cx, cy - h), (cx + w, cy), (cx, cy + h), (cx - w, cy)]
    left_face = [(cx - w, cy), (cx, cy + h), (cx, cy + h + d), (cx - w, cy + d)]
    right_face = [(cx + w, cy), (cx, cy + h), (cx, cy + h + d), (cx + w, cy + d)]
    outline = smooth(polygon([up[0], up[1], right_face[3], right_face[2], left_face[3], up[3]]), 9)
    grooves = [
        flat(stroke([(cx - w * 0.5, cy - h * 0.5), (cx + w * 0.5, cy + h * 0.5)], 5), left, 0.7),
        flat(stroke([(cx + w * 0.5, cy - h * 0.5), (cx - w * 0.5, cy + h * 0.5)], 5), left, 0.7),
    ]
    faces = stack(
        flat(outline, left),
        body(polygon(right_face), right, tone(right, 0.8), depth=10, gloss=16),
        body(polygon(left_face), left, tone(left, 0.85), depth=10, gloss=24),
        body(polygon(up), (236, 170, 92), top, depth=14, gloss=90),
        *grooves,
    )
    return clipped(faces, outline)


def grain_bowl(grain: Colour, shade: Colour, bowl: tuple[Colour, Colour], seed: int) -> Image.Image:
    rng = random.Random(seed)
    layers = [body(ellipse(256, 252, 206, 66), bowl[0], bowl[1], depth=14)]
    heap = smooth(mask(lambda d, k: d.pieslice([66 * k, 96 * k, 446 * k, 410 * k], 180, 360, fill=255)), 10)
    layers.append(body(heap, grain, shade, depth=24, gloss=30))
    layers.append(flat(ellipse(256, 252, 190, 42), shade))
    grains: list[Dab] = []
    for _ in range(520):
        t, a = rng.random() ** 0.5, rng.uniform(0, 2 * math.pi)
        x, y = 256 + 186 * t * math.cos(a), 236 + (132 if math.sin(a) < 0 else 44) * t * math.sin(a)
        tilt, mix = rng.uniform(0, math.pi), rng.uniform(0.75, 1.3)
        colour: Colour = tone(grain, mix)
        path = [(x - 8 * math.cos(tilt), y - 5 * math.sin(tilt)), (x + 8 * math.cos(tilt), y + 5 * math.sin(tilt))]
        grains.append((path, 8, colour))
    layers.append(dabs_layer(grains))
    front = polygon([(50, 252), *[(256 - 206 * math.cos(a / 20 * math.pi), 252 + 60 * math.sin(a / 20 * math.pi)) for a in range(21)],
                     (462, 252), (400, 400), (330, 446), (182, 446), (112, 400)])  # fmt: skip
    layers.append(body(smooth(front, 8), *bowl, depth=30))
    layers.append(body(rounded(186, 434, 326, 468, 12), *bowl, depth=10))
    return stack(*layers)


def bottle(glass: tuple[Colour, Colour], fill: tuple[Colour, Colour], cap: tuple[Colour, Colour]) -> Image.Image:
    outline = smooth(
        polygon([(220, 70), (292, 70), (292, 168), (356, 236), (362, 474), (150, 474), (156, 236), (220, 168)]), 16
    )
    inside = smooth(polygon([(226, 190), (286, 190), (344, 246), (348, 460), (164, 460), (168, 246)]), 14)
    return stack(
        body(outline, *glass, depth=18, gloss=120),
        body(inside, *fill, depth=30, gloss=70),
        flat(stroke([(186, 270), (184, 430)], 12).filter(ImageFilter.GaussianBlur(4)), (255, 255, 255), 0.5),
        body(rounded(208, 38, 304, 96, 12), *cap, depth=10),
        body(rounded(190, 322, 322, 400, 10), (250, 244, 228), (226, 214, 186), depth=8, gloss=30),
        flat(ellipse(256, 361, 24, 24), cap[1], 0.9),
        flat(ellipse(256, 361, 12, 12), (250, 244, 228)),
    )
