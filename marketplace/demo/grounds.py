"""Grounds of the illustrations: what a product lies on or stands before. No ground holds a word."""

import math
from collections.abc import Callable
from random import Random

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from marketplace.demo.paint import gradient, mixed, tone

Size = tuple[int, int]


def _noise(size: Size, rng: Random, amount: float, scale: int) -> np.ndarray:
    """Return smooth noise around 0, one value a pixel."""
    generator = np.random.default_rng(rng.getrandbits(32))
    small = generator.normal(0, 1, (size[1] // scale + 2, size[0] // scale + 2)).astype(np.float32)
    image = Image.fromarray(small).resize(size, Image.Resampling.BICUBIC)
    return np.asarray(image) * amount


def _textured(image: Image.Image, *noises: np.ndarray) -> Image.Image:
    pixels = np.asarray(image.convert("RGB"), np.float32) + sum(noises)[..., None]  # type: ignore[index]
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8), "RGB")


def _vignette(image: Image.Image, strength: float = 0.2) -> Image.Image:
    width, height = image.size
    x = np.linspace(-1, 1, width, dtype=np.float32)[None, :] + 0.15
    y = np.linspace(-1, 1, height, dtype=np.float32)[:, None] + 0.2
    shade = 1 - strength * np.clip(x * x + y * y - 0.25, 0, 2) / 1.6
    pixels = np.asarray(image, np.float32) * shade[..., None]
    return Image.fromarray(pixels.astype(np.uint8), "RGB")


def wood(size: Size, rng: Random) -> Image.Image:
    """Return planks of one of four woods."""
    base = rng.choice(((196, 150, 104), (168, 116, 74), (214, 178, 132), (120, 84, 60)))
    width, height = size
    image = Image.new("RGB", size, base)
    canvas = ImageDraw.Draw(image)
    plank = height // rng.choice((3, 4, 5))
    y = 0
    while y < height:
        canvas.rectangle([0, y, width, y + plank], fill=tone(base, rng.uniform(0.93, 1.06)))
        for _ in range(26):
            level, swing, phase = y + rng.uniform(4, plank - 4), rng.uniform(1, 7), rng.uniform(0, 6)
            colour = tone(base, rng.choice((0.86, 0.9, 1.07)))
            path = [(x, level + swing * math.sin(x / rng.choice((210, 230)) + phase)) for x in range(0, width + 30, 30)]
            canvas.line(path, fill=colour, width=rng.choice((1, 2, 2, 3)))
        canvas.line([(0, y), (width, y)], fill=tone(base, 0.58), width=4)
        canvas.line([(0, y + 4), (width, y + 4)], fill=tone(base, 1.14), width=2)
        y += plank + 1
    image = image.filter(ImageFilter.GaussianBlur(1.2))
    return _vignette(_textured(image, _noise(size, rng, 3, 120), _noise(size, rng, 2, 3)), 0.26)


def brocade(size: Size, rng: Random) -> Image.Image:
    """Return an indigo cloth with woven borders above and below, the dye and diamonds of Tày and Nùng cloth."""
    width, height = size
    indigo = rng.choice(((38, 60, 112), (30, 46, 92), (52, 78, 128)))
    image = gradient(size, tone(indigo, 1.16), tone(indigo, 0.86))
    canvas = ImageDraw.Draw(image)
    thread = [(190, 62, 56), (240, 230, 208), (214, 160, 60), (70, 146, 130)]
    rng.shuffle(thread)
    band = height * rng.choice((13, 16)) // 100
    for top in (0, height - band):
        canvas.rectangle([0, top, width, top + band], fill=tone(indigo, 0.72))
        for offset in (10, band - 14):
            canvas.rectangle([0, top + offset, width, top + offset + 4], fill=thread[0])
        step = band - 26
        for i in range(width // step + 2):
            x, y, r = i * step, top + band / 2, step * 0.46
            for scale, colour in ((1, thread[i % 2 + 1]), (0.66, tone(indigo, 0.6)), (0.36, thread[3])):
                s = r * scale
                canvas.polygon([(x, y - s), (x + s, y), (x, y + s), (x - s, y)], fill=colour)
    image = image.filter(ImageFilter.GaussianBlur(0.9))
    pixels = np.asarray(image, np.float32)
    weave = 4 * np.sin(np.arange(width) * 1.6)[None, :] * np.sin(np.arange(height) * 1.6)[:, None]
    image = Image.fromarray(np.clip(pixels + weave[..., None], 0, 255).astype(np.uint8), "RGB")
    return _vignette(image, 0.2)


def foliage(size: Size, rng: Random) -> Image.Image:
    """Return a green gradient with leaves out of focus."""
    light, dark = rng.choice((((214, 232, 176), (120, 172, 96)), ((176, 214, 150), (70, 134, 92)),
                              ((236, 240, 200), (150, 186, 110))))  # fmt: skip
    image = gradient(size, light, dark, angle=rng.choice((60, 90, 120)))
    for _ in range(14):
        layer = Image.new("RGBA", size, (0, 0, 0, 0))
        x, y, r = rng.uniform(-60, size[0]), rng.uniform(-60, size[1]), rng.uniform(50, 170)
        shade = tone(rng.choice((light, dark)), rng.uniform(0.92, 1.12))
        canvas = ImageDraw.Draw(layer)
        canvas.ellipse([x, y, x + r * 1.7, y + r * 0.8], fill=(*shade, 150))
        layer = layer.rotate(rng.uniform(-50, 50), center=(x, y), resample=Image.Resampling.BILINEAR)
        image.paste(layer, mask=layer.getchannel("A"))
    return image.filter(ImageFilter.GaussianBlur(22))


def stone(size: Size, rng: Random) -> Image.Image:
    """Return a slab of grey or slate stone."""
    base = rng.choice(((176, 178, 176), (122, 130, 136), (206, 204, 196), (88, 98, 104)))
    image = Image.new("RGB", size, base)
    noises = [_noise(size, rng, 7, 180), _noise(size, rng, 5, 24), _noise(size, rng, 4, 2)]
    return _vignette(_textured(image, *noises), 0.26)


def terraces(size: Size, rng: Random) -> Image.Image:
    """Return paper with the soft arcs of terraced fields."""
    paper = rng.choice(((250, 247, 236), (244, 240, 224), (240, 244, 234)))
    tint = rng.choice(((168, 196, 130), (214, 186, 110), (136, 176, 168)))
    width, height = size
    image = Image.new("RGB", (width * 2, height * 2), paper)
    canvas = ImageDraw.Draw(image)
    cx, cy = rng.uniform(0.1, 0.9) * width * 2, height * 2 * rng.uniform(1.05, 1.35)
    rings = 11
    for i in range(rings):
        r = (rings - i) / rings * width * 1.75
        mix = 0.1 + 0.42 * i / rings
        colour = mixed(paper, tint, mix)
        canvas.ellipse([cx - r * 1.15, cy - r * 0.86, cx + r * 1.15, cy + r * 0.86], fill=colour)
        edge = tone(colour, 0.95)
        canvas.ellipse([cx - r * 1.15, cy - r * 0.86, cx + r * 1.15, cy + r * 0.86], outline=edge, width=5)
    return image.resize(size, Image.Resampling.BOX).filter(ImageFilter.GaussianBlur(0.8))


def tray(size: Size, rng: Random) -> Image.Image:
    """Return a round bamboo tray on a plain table."""
    width, height = size
    table = rng.choice(((228, 222, 206), (96, 118, 104), (72, 86, 120), (206, 182, 150)))
    image = _vignette(gradient(size, tone(table, 1.06), tone(table, 0.9)), 0.16)
    radius = round(height * 0.475)
    yy, xx = np.mgrid[0 : radius * 2, 0 : radius * 2]
    cell = 26
    over = ((xx // cell + yy // cell) % 2).astype(np.float32)
    ridge = np.where(over > 0, np.abs(np.sin(xx * math.pi / cell)), np.abs(np.sin(yy * math.pi / cell)))
    light = (0.8 + 0.24 * ridge - 0.05 * over)[..., None]
    weave = Image.fromarray(np.clip(np.array((222, 188, 128), np.float32) * light, 0, 255).astype(np.uint8), "RGB")
    disc = Image.new("L", (radius * 4, radius * 4), 0)
    ImageDraw.Draw(disc).ellipse([4, 4, radius * 4 - 4, radius * 4 - 4], fill=255)
    disc = disc.resize((radius * 2, radius * 2), Image.Resampling.BOX)
    rim = ImageChops.subtract(disc, _shrunk(disc, 0.93))
    left, top = (width - radius * 2) // 2, (height - radius * 2) // 2
    shadow = Image.new("L", size, 0)
    shadow.paste(disc, (left + 14, top + 20))
    image.paste(
        Image.new("RGB", size, tone(table, 0.35)),
        mask=shadow.filter(ImageFilter.GaussianBlur(16)).point(lambda v: v * 150 // 255),
    )
    image.paste(weave, (left, top), disc)
    image.paste(gradient((radius * 2, radius * 2), (206, 158, 92), (142, 96, 48)), (left, top), rim)
    inner = ImageChops.subtract(_shrunk(disc, 0.93), ImageChops.offset(_shrunk(disc, 0.9), 8, 12)).filter(
        ImageFilter.GaussianBlur(8)
    )
    image.paste(Image.new("RGB", inner.size, (84, 54, 24)), (left, top), inner.point(lambda v: v * 120 // 255))
    return image


def _shrunk(disc: Image.Image, factor: float) -> Image.Image:
    side = round(disc.width * factor)
    result = Image.new("L", disc.size, 0)
    margin = (disc.width - side) // 2
    result.paste(disc.resize((side, side), Image.Resampling.BILINEAR), (margin, margin))
    return result


def linen(size: Size, rng: Random) -> Image.Image:
    """Return a cloth of plain weave."""
    base = rng.choice(((236, 226, 206), (222, 208, 184), (198, 206, 196), (232, 214, 196)))
    width, height = size
    image = gradient(size, tone(base, 1.04), tone(base, 0.94))
    weave = 5 * np.sin(np.arange(width) * 1.1)[None, :] + 5 * np.sin(np.arange(height) * 1.1)[:, None]
    folds = 7 * np.sin((np.arange(width)[None, :] + np.arange(height)[:, None] * 0.6) / 170 + rng.uniform(0, 6))
    return _vignette(
        _textured(image, weave.astype(np.float32), folds.astype(np.float32), _noise(size, rng, 2, 2)), 0.14
    )


def mountains(size: Size, rng: Random) -> Image.Image:
    """Return the limestone peaks of the north in morning mist, with a meadow in front."""
    width, height = size
    sky = rng.choice(
        (((250, 236, 212), (206, 222, 226)), ((222, 236, 244), (240, 240, 226)), ((252, 226, 200), (226, 214, 222)))
    )
    image = gradient(size, *sky, angle=90)
    near = rng.choice(((112, 150, 140), (120, 142, 160), (128, 156, 120)))
    for layer in range(4):
        depth = layer / 3
        colour = tuple(
            round(s * (1 - 0.25 - depth * 0.5) + n * (0.25 + depth * 0.5)) for s, n in zip(sky[1], near, strict=True)
        )
        shape = Image.new("L", size, 0)
        level = height * (0.36 + 0.1 * layer)
        path: list[tuple[float, float]] = [(0, height)]
        phases = [rng.uniform(0, 6) for _ in range(3)]
        for x in range(0, width + 8, 8):
            karst = abs(math.sin(x / 96 + phases[0])) ** 1.5 * 92 + abs(math.sin(x / 171 + phases[1])) * 70
            path.append((x, level + 60 - karst * (1 - depth * 0.35) + 10 * math.sin(x / 37 + phases[2])))
        path.append((width, height))
        ImageDraw.Draw(shape).polygon(path, fill=255)
        image.paste(Image.new("RGB", size, colour), mask=shape.filter(ImageFilter.GaussianBlur(3 - layer * 0.5)))
    meadow = rng.choice(((150, 186, 98), (176, 182, 96), (128, 172, 104)))
    field = Image.new("L", size, 0)
    ImageDraw.Draw(field).ellipse([-width * 0.4, height * 0.68, width * 1.4, height * 1.9], fill=255)
    image.paste(
        gradient(size, tone(meadow, 1.1), tone(meadow, 0.72), angle=90),
        mask=field.filter(ImageFilter.GaussianBlur(2)),
    )
    return image


def banana_leaf(size: Size, rng: Random) -> Image.Image:
    """Return a banana leaf filling the picture, its rib on the diagonal."""
    width, height = size
    side = round(math.hypot(width, height)) + 8
    base = rng.choice(((74, 138, 72), (96, 156, 78), (56, 116, 74)))
    x = np.arange(side, dtype=np.float32)[None, :]
    y = np.arange(side, dtype=np.float32)[:, None]
    ribs = np.abs(y - side / 2)
    veins = np.sin((x + ribs * 0.42) / 9.5) * 0.5 + np.sin((x + ribs * 0.42) / 41) * 0.8
    shade = 1 + 0.045 * veins - 0.16 * ribs / (side / 2)
    pixels = np.array(base, np.float32) * shade[..., None]
    rib = np.exp(-((ribs / 13) ** 2))[..., None]
    pixels = pixels * (1 - rib * 0.8) + np.array((190, 212, 130), np.float32) * rib * 0.8
    image = Image.fromarray(np.clip(pixels * np.ones((1, side, 1), np.float32), 0, 255).astype(np.uint8), "RGB")
    image = image.rotate(rng.choice((18, -22, 30, -32)), resample=Image.Resampling.BILINEAR)
    left, top = (side - width) // 2, (side - height) // 2
    return _vignette(image.crop((left, top, left + width, top + height)), 0.24)


GROUNDS: dict[str, Callable[[Size, Random], Image.Image]] = {
    ground.__name__: ground for ground in (banana_leaf, brocade, foliage, linen, mountains, stone, terraces, tray, wood)
}
