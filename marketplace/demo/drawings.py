"""Products of Cao Bằng that no picture set has, drawn as 512 px sprites on a transparent ground."""

import math
import random
from collections.abc import Callable

from PIL import Image, ImageFilter

from marketplace.demo.figures import (
    LEAF_DARK,
    LEAF_LIGHT,
    STRAW_DARK,
    STRAW_LIGHT,
    WOOD_DARK,
    WOOD_LIGHT,
    Dab,
    bottle,
    cube,
    dabs_layer,
    grain_bowl,
    leaf_between,
    pod,
    skein,
    slab,
)
from marketplace.demo.paint import (
    Colour,
    body,
    clipped,
    ellipse,
    flat,
    mask,
    polygon,
    rounded,
    smooth,
    stack,
    stroke,
    tone,
)


def black_jelly() -> Image.Image:
    """Return cubes of black grass jelly with a leaf."""
    top, left, right = (92, 82, 84), (46, 38, 40), (30, 24, 27)
    cubes = [cube(x, y, 104, top, left, right) for x, y in ((256, 150), (146, 268), (366, 268), (256, 318))]
    glints = [
        flat(ellipse(x, y, 26, 8).filter(ImageFilter.GaussianBlur(3)), (255, 255, 255), 0.5)
        for x, y in ((232, 128), (122, 248), (342, 246), (230, 296))
    ]
    return stack(*cubes, *glints, leaf_between((330, 160), (452, 78), 42))


def jelly_dried() -> Image.Image:
    """Return a tied bundle of dried black-jelly herb."""
    rng = random.Random(5)
    layers = []
    for i in range(46):
        x = 256 + (i - 22.5) * 5.2
        spread = (i - 22.5) * 4.2
        tint = rng.randint(-14, 14)
        light: Colour = (124 + tint, 104 + tint, 74 + tint)
        layers.append(
            flat(stroke([(x + spread * 0.8, 470), (x, 300), (x + spread, 60 + rng.randint(0, 60))], 7), light)
        )
        if i % 2:
            end = (x + spread * 0.9, 90 + rng.randint(0, 120))
            layers.append(
                leaf_between(end, (end[0] + rng.choice((-46, 46)), end[1] - 26), 15, (106, 98, 62), (66, 62, 40))
            )
    return stack(*layers, body(rounded(136, 286, 376, 324, 18), STRAW_LIGHT, STRAW_DARK))


def leaf() -> Image.Image:
    """Return one broad green leaf."""
    return leaf_between((70, 440), (450, 70), 120)


def tea_shoot() -> Image.Image:
    """Return a tea bud with two leaves."""
    return stack(
        flat(stroke([(256, 480), (252, 330), (258, 220)], 14), (88, 148, 66)),
        leaf_between((254, 330), (70, 170), 58),
        leaf_between((254, 320), (446, 196), 58),
        leaf_between((256, 240), (262, 40), 38, (190, 220, 120), (98, 164, 70)),
    )


def dried_tea() -> Image.Image:
    """Return a heap of rolled dried tea on a small wooden dish."""
    rng = random.Random(3)
    layers = [
        body(ellipse(256, 372, 226, 84), WOOD_LIGHT, WOOD_DARK),
        body(ellipse(256, 356, 190, 62), (148, 98, 56), (110, 68, 36), gloss=10),
    ]
    mound = smooth(polygon([(76, 372), (180, 250), (256, 176), (332, 250), (436, 372), (256, 404)]), 26)
    layers.append(body(mound, (74, 86, 50), (40, 50, 30), gloss=10))
    strands = []
    for _ in range(520):
        t = rng.random()
        y = 380 - 200 * t
        half = 176 * (1 - t) + 6
        x = 256 + rng.uniform(-half, half)
        strands.append((y, x, rng.uniform(-0.9, 0.9), rng.randint(-16, 20)))
    dabs: list[Dab] = []
    for y, x, bend, tint in sorted(strands):
        colour: Colour = (66 + tint, 82 + tint, 48 + tint // 2)
        dabs.append(([(x - 15, y + 8 * bend), (x, y - 7 * bend), (x + 15, y + 6 * bend)], 8, colour))
    return stack(*layers, dabs_layer(dabs))


def star_anise() -> Image.Image:
    """Return one eight-pointed star anise with its seeds."""
    layers = []
    for i in range(8):
        angle = math.radians(i * 45 + 12)
        tip = (256 + math.cos(angle) * 216, 256 + math.sin(angle) * 216)
        base = (256 + math.cos(angle) * 22, 256 + math.sin(angle) * 22)
        layers.append(pod(base, tip))
    for i in range(8):
        angle = math.radians(i * 45 + 12)
        seed = ellipse(256 + math.cos(angle) * 112, 256 + math.sin(angle) * 112, 17, 17)
        layers.append(body(seed, (196, 108, 44), (104, 44, 16), depth=8, gloss=170))
    return stack(*layers, body(ellipse(256, 256, 30, 30), (158, 92, 52), (92, 46, 24), depth=8))


def vermicelli() -> Image.Image:
    """Return a skein of grey-amber canna vermicelli."""
    return skein((214, 204, 178), (156, 142, 112), (LEAF_LIGHT, LEAF_DARK), 7)


def rice_noodles() -> Image.Image:
    """Return a skein of white dried rice noodles."""
    return skein((252, 248, 236), (222, 212, 188), ((206, 92, 82), (150, 44, 42)), 11)


def shiitake() -> Image.Image:
    """Return one brown shiitake with its cracked cap."""
    stem = body(smooth(polygon([(206, 290), (306, 290), (322, 450), (190, 450)]), 16), (246, 230, 202), (206, 178, 138))
    cap_shape = smooth(mask(lambda d, k: d.pieslice([36 * k, 70 * k, 476 * k, 560 * k], 180, 360, fill=255)), 14)
    cap = body(cap_shape, (164, 110, 68), (92, 54, 30), depth=34)
    gills = body(ellipse(256, 312, 208, 34), (238, 216, 180), (200, 164, 120), gloss=10)
    cracks = []
    for x, y, a in (
        (170, 190, 0.4),
        (250, 140, 1.4),
        (330, 186, 2.5),
        (256, 226, 0.1),
        (126, 258, 0.9),
        (388, 254, 2.2),
    ):
        for turn in (0, 2.1, 4.2):
            end = (x + 38 * math.cos(a + turn), y + 26 * math.sin(a + turn))
            cracks.append(flat(stroke([(x, y), end], 8), (232, 204, 160), 0.8))
    return stack(stem, gills, cap, clipped(stack(*cracks), cap_shape))


def sausages() -> Image.Image:
    """Return a string of smoked sausages, tied with twine."""
    layers = []
    for i, (x, y, tilt) in enumerate(((104, 250, -14), (204, 268, -5), (306, 268, 5), (406, 250, 14))):
        lean = math.tan(math.radians(tilt)) * 150
        layers.append(flat(stroke([(256, 40), (x - lean * 0.9, y - 166)], 5), (226, 206, 162)))
        shape = stroke([(x - lean * 0.75, y - 130), (x, y + 20), (x + lean * 0.5, y + 150)], 82)
        layers.append(body(shape, (198, 84, 58), (116, 32, 26), depth=22, gloss=120))
        rng = random.Random(i)
        fat = [
            flat(ellipse(x + rng.uniform(-26, 26), y + rng.uniform(-130, 150), 6, 9), (244, 196, 168), 0.55)
            for _ in range(11)
        ]
        layers.append(clipped(stack(*fat), shape))
    return stack(*layers, body(ellipse(256, 44, 16, 16), (232, 214, 170), (186, 156, 104), depth=6))


def smoked_meat() -> Image.Image:
    """Return a slab of smoked pork with its layers of fat."""
    shape = smooth(polygon([(58, 196), (404, 96), (470, 306), (120, 430)]), 20)
    layers = [body(shape, (140, 62, 38), (84, 32, 22), depth=26)]
    for offset, width, colour in ((40, 24, (244, 214, 176)), (112, 34, (196, 82, 62)), (158, 22, (246, 220, 186)),
                                  (214, 30, (178, 66, 50))):  # fmt: skip
        path = [
            (40 + offset * 0.28, 214 + offset),
            (220 + offset * 0.3, 152 + offset + 8),
            (436 + offset * 0.26, 96 + offset),
        ]
        layers.append(clipped(body(stroke(path, width), colour, tone(colour, 0.8), depth=8), shape))
    hole = ellipse(396, 130, 13, 13)
    return stack(
        *layers, flat(hole, (60, 22, 16)), flat(stroke([(396, 130), (436, 60), (400, 44), (392, 124)], 7), STRAW_LIGHT)
    )


def jaggery() -> Image.Image:
    """Return stacked slabs of brown cane sugar."""
    tones = ((214, 142, 66), (168, 96, 38), (140, 76, 30))
    layers = []
    for x, y in ((256, 318), (196, 218), (322, 226), (258, 130)):
        layers.append(slab(x, y, *tones))
    return stack(*layers)


def bamboo_poles() -> Image.Image:
    """Return a bundle of straight bamboo poles."""
    layers = []
    for i, x in enumerate((96, 152, 208, 264, 320, 376, 420)):
        shade = (i % 3) * 14
        light: Colour = (196 - shade, 206 - shade, 116 - shade)
        dark: Colour = (122 - shade, 148 - shade, 62 - shade)
        top = 34 + (i * 37) % 46
        layers.append(body(rounded(x - 26, top, x + 26, 484, 14), light, dark, depth=14, gloss=110))
        for joint in range(top + 70 + (i * 31) % 50, 470, 112):
            layers.append(flat(rounded(x - 27, joint, x + 27, joint + 9, 4), (98, 118, 52)))
            layers.append(flat(rounded(x - 24, joint + 8, x + 24, joint + 12, 2), (232, 236, 170), 0.8))
        layers.append(body(ellipse(x, top + 6, 25, 10), (238, 226, 172), (196, 178, 112), depth=4))
    band = [body(rounded(66, y, 450, y + 24, 12), STRAW_LIGHT, STRAW_DARK, depth=8) for y in (150, 372)]
    return stack(*layers, *band)


def sugar_cane() -> Image.Image:
    """Return cut lengths of purple sugar cane with their leaves."""
    layers = [
        leaf_between((170, 150), (40, 20), 24), leaf_between((256, 120), (250, 4), 22), leaf_between((340, 150), (486, 30), 24),
    ]  # fmt: skip
    for x, top in ((160, 120), (352, 130), (256, 90)):
        layers.append(body(rounded(x - 36, top, x + 36, 486, 16), (158, 92, 116), (84, 36, 62), depth=18, gloss=110))
        joints = range(top + 80, 470, 92)
        layers += [flat(rounded(x - 37, joint, x + 37, joint + 11, 5), (220, 196, 150)) for joint in joints]
        layers.append(body(ellipse(x, top + 8, 35, 14), (244, 238, 196), (208, 196, 130), depth=5))
    return stack(*layers)


def plum() -> Image.Image:
    """Return a dark red plum with its bloom."""
    shape = ellipse(256, 286, 186, 178)
    bloom = flat(ellipse(206, 226, 84, 60).filter(ImageFilter.GaussianBlur(26)), (238, 190, 214), 0.55)
    crease = flat(
        stroke([(262, 112), (292, 200), (288, 320), (262, 420)], 6).filter(ImageFilter.GaussianBlur(2)),
        (70, 6, 28),
        0.6,
    )
    return stack(
        body(shape, (198, 40, 72), (98, 10, 44), depth=44),
        clipped(stack(bloom, crease), shape),
        flat(stroke([(258, 122), (262, 80), (284, 44)], 13), (108, 74, 42)),
        leaf_between((274, 72), (420, 52), 34),
    )


def peanuts_red() -> Image.Image:
    """Return a heap of red-skinned peanut kernels."""
    rng = random.Random(21)
    spots = []
    for row, count in enumerate((10, 9, 8, 7, 6, 4, 2)):
        spots += [
            (256 + (i - (count - 1) / 2) * 44 + rng.uniform(-6, 6), 440 - row * 40 + rng.uniform(-6, 6))
            for i in range(count)
        ]
    layers = []
    for x, y in sorted(spots, key=lambda s: s[1]):
        shape = stroke([(x - 11, y + rng.uniform(-12, 12)), (x + 11, y + rng.uniform(-12, 12))], 38)
        tint = rng.randint(-14, 14)
        layers.append(body(shape, (206 + tint, 84 + tint, 74 + tint), (132, 32, 38), depth=10, gloss=130))
    return stack(*layers)


def black_rice() -> Image.Image:
    """Return a wooden bowl of black glutinous rice."""
    return grain_bowl((88, 52, 84), (48, 24, 48), (WOOD_LIGHT, WOOD_DARK), 2)


def white_rice() -> Image.Image:
    """Return a dark bowl of raw glutinous rice."""
    return grain_bowl((238, 230, 208), (204, 192, 160), ((92, 112, 150), (40, 56, 96)), 4)


def rice_sack() -> Image.Image:
    """Return an open cloth sack of rice."""
    rng = random.Random(9)
    sack = smooth(
        polygon([(120, 190), (392, 190), (430, 300), (440, 420), (400, 476), (112, 476), (72, 420), (82, 300)]), 18
    )
    weave = []
    for i in range(40):
        y = 190 + i * 7.4
        weave.append(flat(stroke([(60, y), (452, y)], 1.6), (150, 112, 62), 0.28))
    grains: list[Dab] = []
    for _ in range(380):
        t, a = rng.random() ** 0.5, rng.uniform(0, 2 * math.pi)
        x, y = 256 + 126 * t * math.cos(a), 176 + (76 if math.sin(a) < 0 else 26) * t * math.sin(a)
        tilt = rng.uniform(0, math.pi)
        tint = rng.randint(-20, 12)
        path = [(x - 7 * math.cos(tilt), y - 5 * math.sin(tilt)), (x + 7 * math.cos(tilt), y + 5 * math.sin(tilt))]
        grains.append((path, 8, (238 + tint, 228 + tint, 202 + tint)))
    return stack(
        body(ellipse(256, 186, 160, 54), (168, 126, 74), (120, 84, 44)),
        dabs_layer(grains),
        body(sack, (226, 192, 132), (172, 126, 70), depth=40, gloss=60),
        clipped(stack(*weave), sack),
        body(
            smooth(polygon([(98, 192), (414, 192), (420, 238), (92, 238)]), 14),
            (236, 206, 150),
            (190, 146, 88),
            depth=12,
        ),
    )


def incense() -> Image.Image:
    """Return a bundle of incense sticks with red feet."""
    layers = []
    for i in range(21):
        t = (i - 10) / 10
        foot, top = (256 + t * 58, 480), (256 + t * 130, 44 + abs(t) * 40)
        waist = (foot[0] * 0.62 + top[0] * 0.38, foot[1] * 0.62 + top[1] * 0.38)
        shade = (i * 7) % 22
        layers.append(flat(stroke([foot, waist], 6), (198 - shade, 52, 56)))
        layers.append(
            body(stroke([waist, top], 13), (196 - shade, 146 - shade, 88), (134 - shade, 92 - shade, 48), depth=5)
        )
    return stack(*layers, body(rounded(178, 330, 334, 362, 16), (70, 100, 160), (30, 50, 100), depth=10))


def brocade() -> Image.Image:
    """Return a folded indigo cloth with a woven border of Tày diamonds."""
    cloth = smooth(polygon([(60, 130), (420, 96), (462, 380), (96, 436)]), 12)
    fold = smooth(polygon([(60, 130), (300, 108), (210, 420), (96, 436)]), 10)
    pattern = []
    for row in range(7):
        for col in range(10):
            x = 40 + col * 48 + row * 4.5
            y = 120 + row * 52 - col * 3.6
            colour = ((212, 62, 58), (246, 236, 214), (226, 166, 52), (62, 150, 132))[(row + col) % 4]
            ring = [(x, y - 22), (x + 20, y), (x, y + 22), (x - 20, y)]
            inner = [(x, y - 9), (x + 8, y), (x, y + 9), (x - 8, y)]
            pattern += [flat(polygon(ring), colour, 0.95), flat(polygon(inner), (36, 50, 104))]
    stripes = [flat(stroke([(50, 146 + i * 52), (480, 100 + i * 52)], 4), (246, 236, 214), 0.6) for i in range(7)]
    shade = flat(fold, (8, 14, 44), 0.28)
    under = body(smooth(polygon([(84, 160), (436, 130), (478, 410), (116, 466)]), 12), (52, 66, 122), (22, 32, 74))
    return stack(
        under,
        body(cloth, (52, 74, 142), (30, 44, 96), depth=20, gloss=30),
        clipped(stack(*stripes, *pattern), cloth),
        clipped(shade, cloth),
    )


def forged_knife() -> Image.Image:
    """Return a hand-forged knife: a dark blade with a bright edge and a wooden handle."""
    blade = smooth(polygon([(186, 326), (392, 92), (470, 60), (452, 156), (262, 396)]), 8)
    edge = polygon([(262, 396), (452, 156), (470, 60), (440, 150), (250, 378)])
    return stack(
        body(stroke([(70, 446), (204, 352)], 58), WOOD_LIGHT, (112, 66, 34), depth=18, gloss=110),
        body(stroke([(196, 358), (216, 344)], 66), (206, 170, 92), (142, 104, 44), depth=8),
        body(blade, (120, 128, 138), (54, 60, 70), depth=20, gloss=90),
        flat(edge, (232, 238, 242), 0.9),
        *[flat(ellipse(x, y, 5, 5), (60, 34, 18)) for x, y in ((104, 424), (152, 390))],
    )


def spirit_bottle() -> Image.Image:
    """Return a clear bottle of maize spirit."""
    return bottle(
        ((226, 238, 240), (170, 196, 204)), ((240, 246, 244), (196, 216, 220)), ((214, 164, 66), (150, 102, 30))
    )


def oil_bottle() -> Image.Image:
    """Return a bottle of golden camellia oil."""
    return bottle(((226, 232, 206), (176, 184, 140)), ((250, 214, 96), (206, 146, 30)), ((96, 140, 84), (44, 88, 48)))


def honey_jar(dark: bool = False) -> Image.Image:  # noqa: FBT001, FBT002 - one jar, two honeys
    """Return a jar of honey: golden, or the dark one of the forest."""
    fill = ((198, 110, 30), (116, 50, 12)) if dark else ((255, 202, 74), (222, 140, 22))
    jar = rounded(110, 132, 402, 470, 56)
    return stack(
        body(jar, (244, 236, 214), (206, 190, 150), depth=20, gloss=130),
        body(rounded(126, 170, 386, 456, 46), *fill, depth=36, gloss=80),
        flat(stroke([(154, 230), (152, 400)], 15).filter(ImageFilter.GaussianBlur(5)), (255, 255, 255), 0.55),
        body(rounded(120, 62, 392, 146, 22), (222, 178, 104), (160, 112, 52), depth=16),
        body(polygon([(256 + 74 * math.cos(math.radians(a)), 320 + 74 * math.sin(math.radians(a))) for a in range(30, 390, 60)]),
             (255, 244, 206), (240, 214, 150), depth=8),
        body(polygon([(256 + 42 * math.cos(math.radians(a)), 320 + 42 * math.sin(math.radians(a))) for a in range(30, 390, 60)]),
             (252, 196, 70), (220, 140, 26), depth=8),
    )  # fmt: skip


def forest_honey() -> Image.Image:
    """Return a jar of dark forest honey."""
    return honey_jar(dark=True)


def camellia_seeds() -> Image.Image:
    """Return glossy brown camellia seeds beside their flower."""
    layers = [
        body(ellipse(256 + 88 * math.cos(math.radians(a)), 170 + 78 * math.sin(math.radians(a)), 74, 60),
             (255, 255, 252), (222, 224, 214), depth=18)
        for a in range(18, 378, 72)
    ]  # fmt: skip
    layers.append(body(ellipse(256, 170, 48, 44), (250, 206, 74), (214, 150, 30), depth=10))
    for x, y in ((150, 372), (250, 410), (352, 376), (200, 440), (306, 448)):
        layers.append(body(ellipse(x, y, 50, 44), (122, 70, 40), (54, 26, 14), depth=14, gloss=150))
    return stack(*layers)


DRAWINGS: dict[str, Callable[[], Image.Image]] = {
    drawing.__name__: drawing
    for drawing in (
        bamboo_poles, black_jelly, black_rice, brocade, camellia_seeds, dried_tea, forest_honey, forged_knife,
        honey_jar, incense, jaggery, jelly_dried, leaf, oil_bottle, peanuts_red, plum, rice_noodles, rice_sack,
        sausages, shiitake, smoked_meat, spirit_bottle, star_anise, sugar_cane, tea_shoot, vermicelli, white_rice,
    )
}  # fmt: skip
