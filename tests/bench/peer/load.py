"""Fills the stock shop: python -m tests.bench.peer.load PRODUCTS PARTNERS. Prints the addresses to measure, as JSON."""

import json
import sys
from urllib.parse import quote

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import transaction  # noqa: E402
from oscar.apps.address.models import Country  # noqa: E402
from oscar.apps.catalogue.models import Category, Product, ProductCategory, ProductClass, ProductImage  # noqa: E402
from oscar.apps.partner.models import Partner, StockRecord  # noqa: E402
from PIL import Image  # noqa: E402

from tests.bench import data  # noqa: E402

PHOTO = "images/products/photo.jpg"


def write_photo() -> None:
    path = settings.MEDIA_ROOT / PHOTO
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (800, 600), (160, 90, 40)).save(path)


@transaction.atomic
def load(count: int, partner_count: int) -> None:
    write_photo()
    Country.objects.create(
        iso_3166_1_a2="VN", iso_3166_1_a3="VNM", printable_name="Việt Nam", name="Việt Nam", is_shipping_country=True
    )
    kind = ProductClass.objects.create(name="Nông sản")
    categories = [Category.add_root(name=name) for name, _group in data.categories()]
    partners = [Partner.objects.create(name=data.partner_name(i)) for i in range(partner_count)]
    rows = list(data.products(count, partner_count))
    made = Product.objects.bulk_create(
        [
            Product(title=r.title, slug=r.slug, upc=f"SP{r.index}", description=r.description, product_class=kind)
            for r in rows
        ],
        batch_size=1000,
    )
    ProductCategory.objects.bulk_create(
        [ProductCategory(product=p, category=categories[r.category]) for p, r in zip(made, rows, strict=True)],
        batch_size=1000,
    )
    StockRecord.objects.bulk_create(
        [
            StockRecord(
                product=p,
                partner=partners[r.partner],
                partner_sku=f"SP{r.index}",
                price=r.price,
                num_in_stock=data.STOCK,
            )
            for p, r in zip(made, rows, strict=True)
        ],
        batch_size=1000,
    )
    ProductImage.objects.bulk_create(
        [ProductImage(product=p, original=PHOTO, caption="") for p in made], batch_size=1000
    )


def addresses() -> dict[str, list[str]]:
    return {
        "browse": ["/catalogue/", *[f"/catalogue/?page={n}" for n in range(2, 11)]],
        "category": [category.get_absolute_url() for category in Category.objects.order_by("pk")[:10]],
        "search": [f"/search/?q={quote(text)}" for text in ("hạt dẻ", "miến dong", "gạo nếp", "mật ong", "chè xanh")],
        "listing": [product.get_absolute_url() for product in Product.objects.order_by("-pk")[:40]],
    }


if __name__ == "__main__":
    call_command("migrate", verbosity=0)
    if not Product.objects.exists():
        load(int(sys.argv[1]), int(sys.argv[2]))
    print(json.dumps(addresses()))
