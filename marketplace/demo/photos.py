"""Illustrations for the listings, composed and encoded by as many processes as there are cores."""

import os
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from datetime import datetime
from multiprocessing import get_context
from zlib import crc32

import django

from catalog.models import Product, ProductImage
from catalog.photos import StoredPhoto, store_image
from marketplace.demo import source
from marketplace.demo.compose import compose
from marketplace.demo.world import World

SIZE = (1200, 900)


class Photos:
    """Pictures in the making, in other processes; `attach` waits for them and writes their rows.

    They need no table, so they may begin before the database is there.
    """

    def __init__(self, world: World) -> None:
        self._pool = ProcessPoolExecutor(os.cpu_count() or 1, mp_context=get_context("spawn"), initializer=django.setup)
        self._jobs: dict[str, Future[StoredPhoto]] = {}
        turn: Counter[str] = Counter()
        for row in source.listings():
            number = turn[row.subject]
            turn[row.subject] += 1
            stem = f"listings/demo/{row.subject}-{number:02d}-{crc32(row.title.encode()):08x}"
            self._jobs[row.title] = self._pool.submit(
                stored_illustration, row.subject, world.seed + number, stem, world.now
            )

    def attach(self, world: World, progress: Callable[[int, int], None]) -> None:
        """Write the rows of the pictures, each the cover of its listing."""
        images = []
        for done, product in enumerate(world.listings, start=1):
            photo = self._jobs[product.title].result()
            product.cover_stem, product.cover_colour = photo.stem, photo.colour
            images.append(
                ProductImage(
                    product=product,
                    original=photo.original,
                    caption="Ảnh minh họa",
                    display_order=0,
                    stem=photo.stem,
                    width=photo.width,
                    height=photo.height,
                    colour=photo.colour,
                )
            )
            if done % 20 == 0 or done == len(world.listings):
                progress(done, len(world.listings))
        ProductImage.objects.bulk_create(images)
        Product.objects.bulk_update(world.listings, ["cover_stem", "cover_colour"])
        self._pool.shutdown()


def stored_illustration(subject: str, seed: int, stem: str, now: datetime, size: tuple[int, int] = SIZE) -> StoredPhoto:
    """Compose an illustration and write its files in every size and format."""
    return store_image(image=compose(subject, seed, size), now=now, stem=stem)
