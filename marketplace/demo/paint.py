"""Soft, rounded shapes for the illustrations: masks filled with light from the upper left."""

from collections.abc import Callable, Sequence

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFilter

Colour = tuple[int, int, int]
Point = tuple[float, float]

SPRITE = 512  # side of a finished sprite, in pixels
_OVERSAMPLING = 2


def tone(colour: Colour, factor: float) -> Colour:
    """Return the colour made darker (below 1) or lighter."""
    red, green, blue = (max(0, min(255, round(c * factor))) for c in colour)
    return red, green, blue


def mixed(one: Colour, other: Colour, share: float) -> Colour:
    """Return the colour with a share of the other in it."""
    red, green, blue = (round(a * (1 - share) + b * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


def mask(draw: Callable[[ImageDraw.ImageDraw, float], None]) -> Image.Image:
    """Return an antialiased mask. `draw` gets a canvas and the factor from sprite pixels to canvas pixels."""
    large = Image.new("L", (SPRITE * _OVERSAMPLING,) * 2, 0)
    draw(ImageDraw.Draw(large), _OVERSAMPLING)
    return large.resize((SPRITE, SPRITE), Image.Resampling.BOX)


def ellipse(x: float, y: float, rx: float, ry: float) -> Image.Image:
    """Return the mask of an ellipse around (x, y)."""
    return mask(lambda d, k: d.ellipse([(x - rx) * k, (y - ry) * k, (x + rx) * k, (y + ry) * k], fill=255))


def polygon(points: Sequence[Point]) -> Image.Image:
    """Return the mask of a polygon."""
    return mask(lambda d, k: d.polygon([(x * k, y * k) for x, y in points], fill=255))


def rounded(left: float, top: float, right: float, bottom: float, radius: float) -> Image.Image:
    """Return the mask of a rectangle with round corners."""
    return mask(
        lambda d, k: d.rounded_rectangle([left * k, top * k, right * k, bottom * k], radius=radius * k, fill=255)
    )


def stroke(points: Sequence[Point], width: float) -> Image.Image:
    """Return the mask of a thick line with round ends."""

    def draw(canvas: ImageDraw.ImageDraw, k: float) -> None:
        path = [(x * k, y * k) for x, y in points]
        canvas.line(path, fill=255, width=round(width * k), joint="curve")
        for x, y in (path[0], path[-1]):
            r = width * k / 2
            canvas.ellipse([x - r, y - r, x + r, y + r], fill=255)

    return mask(draw)


def smooth(shape: Image.Image, radius: float) -> Image.Image:
    """Return the mask with its corners rounded by about `radius` pixels."""
    blurred = shape.filter(ImageFilter.GaussianBlur(radius))
    return blurred.point(lambda v: max(0, min(255, (v - 118) * 12)))


def gradient(size: tuple[int, int], start: Colour, end: Colour, angle: float = 60) -> Image.Image:
    """Return a linear gradient; angle 0 runs left to right, 90 top to bottom."""
    width, height = size
    radians = np.deg2rad(angle)
    x = np.linspace(0, 1, width, dtype=np.float32)[None, :] * np.cos(radians)
    y = np.linspace(0, 1, height, dtype=np.float32)[:, None] * np.sin(radians)
    t = x + y
    t = (t - t.min()) / (t.max() - t.min())
    colours = np.array(start, np.float32) + (np.array(end, np.float32) - np.array(start, np.float32)) * t[..., None]
    return Image.fromarray(colours.astype(np.uint8), "RGB")


def body(shape: Image.Image, light: Colour, dark: Colour, *, depth: float = 22, gloss: int = 70) -> Image.Image:
    """Return the mask filled as a rounded body: a gradient, a lit rim and a shaded lower edge."""
    box = shape.getbbox() or (0, 0, SPRITE, SPRITE)
    fill = Image.new("RGB", shape.size, dark)
    fill.paste(gradient((box[2] - box[0], box[3] - box[1]), light, dark), box[:2])
    soft = shape.filter(ImageFilter.GaussianBlur(depth))
    lower = ImageChops.subtract(shape, ImageChops.offset(soft, -round(depth * 0.7), -round(depth * 0.9)))
    upper = ImageChops.subtract(shape, ImageChops.offset(soft, round(depth * 0.6), round(depth * 0.8)))
    shade = tone(dark, 0.45)
    fill.paste(Image.new("RGB", shape.size, shade), mask=lower.point(lambda v: v * 110 // 255))
    fill.paste(Image.new("RGB", shape.size, (255, 255, 250)), mask=upper.point(lambda v: v * gloss // 255))
    result = fill.convert("RGBA")
    result.putalpha(shape)
    return result


def flat(shape: Image.Image, colour: Colour, opacity: float = 1.0) -> Image.Image:
    """Return the mask filled with one colour."""
    result = Image.new("RGBA", shape.size, (*colour, 0))
    result.putalpha(shape.point(lambda v: round(v * opacity)))
    return result


def stack(*layers: Image.Image) -> Image.Image:
    """Return the layers composed, the first at the bottom."""
    result = Image.new("RGBA", layers[0].size, (0, 0, 0, 0))
    for layer in layers:
        result.alpha_composite(layer)
    return result


def clipped(layer: Image.Image, shape: Image.Image) -> Image.Image:
    """Return the layer, visible only inside the mask."""
    result = layer.copy()
    result.putalpha(ImageChops.multiply(layer.getchannel("A"), shape))
    return result
