"""Administrative units of a small invented country: two generations, like the real one."""

from datetime import date

import factory

from cooperatives.places.models import AdministrativeUnit, Succession

OLD_FROM = date(2020, 3, 1)
RESTRUCTURED_ON = date(2025, 7, 1)

Kind = AdministrativeUnit.Kind
Level = AdministrativeUnit.Level


class UnitFactory(factory.django.DjangoModelFactory):
    """A unit of the old generation; `is_new=True` makes one of the new."""

    class Meta:
        model = AdministrativeUnit

    class Params:
        is_new = factory.Trait(valid_from=RESTRUCTURED_ON, valid_to=None)

    valid_from = OLD_FROM
    valid_to = RESTRUCTURED_ON
    short_name = factory.Sequence(lambda n: f"Bản {n}")
    latitude = 22.67
    longitude = 106.26


class ProvinceFactory(UnitFactory):
    """Valid without an end, as a province whose area did not change is in the worked histories."""

    level = Level.PROVINCE
    kind = Kind.TINH
    # From 10 on: "04" is for tests of the home province, which name it.
    code = factory.Sequence(lambda n: f"{n % 90 + 10}")
    name = factory.LazyAttribute(lambda unit: f"Tỉnh {unit.short_name}")
    valid_to = None


class DistrictFactory(UnitFactory):
    level = Level.DISTRICT
    kind = Kind.HUYEN
    code = factory.Sequence(lambda n: f"{n % 1000:03}")
    name = factory.LazyAttribute(lambda unit: f"Huyện {unit.short_name}")
    parent = factory.SubFactory(ProvinceFactory)
    province = factory.SelfAttribute("parent")


class CommuneFactory(UnitFactory):
    """An old commune in a district; with `is_new=True`, pass a province as its parent."""

    level = Level.COMMUNE
    kind = Kind.XA
    code = factory.Sequence(lambda n: f"{n % 100_000:05}")
    name = factory.LazyAttribute(lambda unit: f"{Kind(unit.kind).value.title()} {unit.short_name}")
    parent = factory.SubFactory(DistrictFactory)
    province = factory.LazyAttribute(
        lambda unit: unit.parent if unit.parent.level == Level.PROVINCE else unit.parent.province
    )


class SuccessionFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Succession

    predecessor = factory.SubFactory(CommuneFactory)
    successor = factory.SubFactory(CommuneFactory, is_new=True, parent=factory.SubFactory(ProvinceFactory))
    on = RESTRUCTURED_ON
    is_default = True
