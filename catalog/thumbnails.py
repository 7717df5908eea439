"""Oscar's dashboard asks for thumbnails; photos of listings have theirs since they were stored."""

from dataclasses import dataclass

from django.db.models.fields.files import ImageFieldFile
from oscar.core.thumbnails import AbstractThumbnailer

from catalog.models import ProductImage
from catalog.photos import WIDTHS, rendition_url


@dataclass(frozen=True)
class Thumbnail:
    """What Oscar's templates read of a thumbnail."""

    url: str


class RenditionThumbnailer(AbstractThumbnailer):
    """Gives the smallest stored size of a listing's photo, and any other picture as it is. Named in settings."""

    def generate_thumbnail(self, source: ImageFieldFile, **opts: object) -> Thumbnail:
        photo = source.instance
        if isinstance(photo, ProductImage) and photo.stem:
            return Thumbnail(rendition_url(photo.stem, WIDTHS[0], "webp"))
        return Thumbnail(source.url)

    def delete_thumbnails(self, source: ImageFieldFile) -> None:
        """Nothing: `delete_unused_photos` deletes what no row names."""
