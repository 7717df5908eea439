import factory

from cooperatives.commodities.models import Commodity


class CommodityFactory(factory.django.DjangoModelFactory):
    """A root of the tree, or with `parent=` a child."""

    class Meta:
        model = Commodity

    code = factory.Sequence(lambda n: f"commodity-{n}")
    name = factory.Sequence(lambda n: f"Nông sản {n}")
    category = Commodity.Category.FRUIT

    @classmethod
    def _create(cls, model_class, *args, parent: Commodity | None = None, **kwargs) -> Commodity:
        if parent is None:
            return model_class.add_root(**kwargs)
        parent.refresh_from_db()
        return parent.add_child(**kwargs)
