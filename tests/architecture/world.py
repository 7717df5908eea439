"""The standing cast of the route table: who they are, and what they would like to open."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.urls import reverse

from catalog.models import Category, Product
from cms.services import appoint_official, create_profile, ensure_site
from cooperatives.indicators.services import load_rules_and_targets
from cooperatives.linkage.models import LinkageModel
from cooperatives.models import Cooperative, Membership
from marketplace.order.emails_packing import consent_key
from marketplace.order.models import Order, Parcel, ParcelProblem, ProblemPhoto, WeightConsent
from marketplace.order.placing import Buyer
from marketplace.payment.card_pages import return_token
from marketplace.payment.models import PaymentAttempt, Refund, StatementUpload, UnmatchedMoney
from marketplace.settlement.models import Statement
from marketplace.shipping.models import DeliveryMethod, DeliveryZone
from marketplace.users.models import User
from search.models import SavedSearch
from search.saved import stop_key
from tests.factories.cooperatives import CooperativeFactory, MembershipFactory, PickupPointFactory
from tests.factories.listings import ListingFactory
from tests.factories.orders import ParcelFactory
from tests.factories.places import CommuneFactory, DistrictFactory, ProvinceFactory
from tests.factories.users import UserFactory

SETTLEMENT = ("portal:settlement_statement", "portal:settlement_xlsx", "portal:settlement_paper")


@dataclass
class World:
    """One order of Lan's at one cooperative, and everybody who might look at it."""

    people: dict[str, User | AnonymousUser]
    listing: Product
    category: Category
    order: Order
    parcel: Parcel
    attempt: PaymentAttempt
    linkage: LinkageModel
    statement: Statement
    zone: DeliveryZone
    pickup: DeliveryMethod
    photo: ProblemPhoto
    refund: Refund
    district_slug: str

    def url(self, name: str) -> str:
        """The address of a route, about this world's objects."""
        commune = self.listing.commune
        arguments = {
            "catalogue:category": {"category_slug": self.category.full_slug, "pk": self.category.pk},
            "catalogue:detail": {"product_slug": self.listing.slug, "pk": self.listing.pk},
            "places:commune": {"slug": commune.slug},
            "places:coverage_status": {"slug": commune.slug},
            "places:province": {"slug": commune.province.slug},
            "places:district": {"slug": self.district_slug},
            "basket:add": {"pk": self.listing.pk},
            "basket:update": {"line_id": 1},
            "basket:remove": {"line_id": 1},
            "checkout:pay": {"number": self.order.number},
            "order:weight": {"key": weight_key(self.parcel)},
            "order:detail": {"number": self.order.number},
            "order:cancel": {"number": self.order.number, "parcel_number": self.parcel.number},
            "order:invoice": {"number": self.order.number},
            "order:recipient": {"number": self.order.number},
            "order:again": {"number": self.order.number},
            "order:problem": {"number": self.order.number, "parcel_number": self.parcel.number},
            "order:contest": {"number": self.order.number, "pk": self.refund.pk},
            "order:problem_photo": {"number": self.order.number, "pk": self.photo.pk},
            "payment:pay_by_card": {"number": self.order.number},
            "payment:card_return": {"token": return_token(self.attempt)},
            "indicators:unit": {"slug": commune.slug},
            "indicators:linkage": {"code": self.linkage.code},
            "portal:parcel": {"number": self.parcel.number},
            "portal:pack": {"number": self.parcel.number},
            "portal:refund": {"number": self.parcel.number},
            "portal:refund_given": {"pk": refund_pk(self.parcel)},
            "portal:problem": {"pk": self.photo.problem_id},
            "portal:problem_photo": {"pk": self.photo.pk},
            "portal:act": {"number": self.parcel.number, "slug": "huy"},
            "portal:pickup_edit": {"pk": self.pickup.pk},
            "portal:delivery_edit": {"pk": self.zone.method_id},
            "portal:delivery_zone_new": {"pk": self.zone.method_id},
            "portal:delivery_zone": {"pk": self.zone.pk},
            "portal:delivery_zone_remove": {"pk": self.zone.pk},
            **{name: {"number": self.statement.number} for name in SETTLEMENT},
            "portal:listing_edit": {"pk": self.listing.pk},
            "portal:stock": {"pk": self.listing.pk},
            "portal:photo_remove": {"pk": self.listing.pk, "photo": 1},
            "portal:listing_state": {"pk": self.listing.pk, "slug": "go"},
            "payment:payos": {"slug": self.listing.cooperative.slug},
            "portal:transfer_received": {"number": self.parcel.number},
            "portal:statement": {"pk": StatementUpload.objects.get().pk},
            "portal:unmatched": {"pk": UnmatchedMoney.objects.get().pk},
            "cooperatives:profile": {"slug": self.listing.cooperative.slug},
            "saved:remove": {"pk": 1},
            "saved:notice": {"pk": 1},
            "saved:stop": {"key": stop_key(saved_search(self.people["buyer"]))},
        }
        return reverse(name, kwargs=arguments.get(name))


def saved_search(user: User | AnonymousUser) -> SavedSearch:
    """Of the buyer's own."""
    at = datetime(2026, 11, 20, tzinfo=UTC)
    given = {"label": "hạt dẻ", "language": "vi", "created_at": at, "seen_until": at, "checked_on": at.date()}
    return SavedSearch.objects.get_or_create(user=user, address="q=hat+de", defaults=given)[0]


def refund_pk(parcel: Parcel) -> int:
    """Of money that the cooperative promised back."""
    defaults = {"provider": "cash", "parcel": parcel, "amount": 1, "reason": "other", "created_at": parcel.placed_at}
    return Refund.objects.get_or_create(key="world", defaults=defaults)[0].pk


def weight_key(parcel: Parcel) -> str:
    """Of the signed link by which a buyer is asked about a weight."""
    asked_at = parcel.placed_at
    consent, _ = WeightConsent.objects.get_or_create(
        line=parcel.lines.get(),
        defaults={"weight": 2, "charge": 1, "requested_at": asked_at, "expires_at": asked_at + timedelta(hours=12)},
    )
    return consent_key(consent)


def build_world() -> World:
    ensure_site()
    load_rules_and_targets()
    category = Category.add_root(name="Hạt và quả khô", slug="hat-va-qua-kho")
    home = CommuneFactory(is_new=True, parent=ProvinceFactory(code=settings.HOME_PROVINCE_CODE))
    listing = ListingFactory(category=category, cooperative=CooperativeFactory(home=home))
    lan = UserFactory(full_name="Nguyễn Thị Lan")
    parcel = ParcelFactory(listing=listing, buyer=Buyer(name="Lan", phone="+84912345678", email="", user=lan))
    create_profile(cooperative=listing.cooperative)
    elsewhere = CommuneFactory(is_new=True, parent=listing.commune.province)
    linkage = LinkageModel.objects.create(
        code="MH-001", name="Hạt dẻ", commodity=listing.commodity, form="LK3", valid_from=date(2024, 1, 1)
    )
    statement = Statement.objects.create(
        number="SK261031-0001",
        cooperative=listing.cooperative,
        period_from=date(2026, 10, 1),
        period_to=date(2026, 10, 31),
        made_at=parcel.placed_at,
    )
    commune_official, province_official = UserFactory(), UserFactory()
    appoint_official(user=commune_official, unit=elsewhere, valid_from=date(2025, 7, 1))
    appoint_official(user=province_official, unit=listing.commune.province, valid_from=date(2020, 3, 1))
    clerk = MembershipFactory(cooperative=listing.cooperative).user
    _money(listing.cooperative, clerk)
    problem = ParcelProblem.objects.create(
        key=uuid4(), parcel=parcel, kind="damaged", text="Vỡ túi", reported_at=parcel.placed_at
    )
    return World(
        people={
            "nobody": AnonymousUser(),
            "buyer": lan,
            "stranger": UserFactory(),
            "clerk": clerk,
            "member": MembershipFactory(cooperative=listing.cooperative, role=Membership.Role.MEMBER).user,
            "other_clerk": MembershipFactory().user,
            "commune_official": commune_official,
            "province_official": province_official,
        },
        listing=listing,
        category=category,
        order=parcel.order,
        parcel=parcel,
        attempt=PaymentAttempt.objects.create(
            order=parcel.order, provider="stripe", amount=parcel.total, shares={}, created_at=parcel.placed_at
        ),
        linkage=linkage,
        statement=statement,
        zone=listing.cooperative.delivery_methods.get().zones.get(),
        refund=Refund.objects.create(
            key="world", provider="cash", parcel=parcel, amount=1, reason="other", created_at=parcel.placed_at
        ),
        photo=ProblemPhoto.objects.create(problem=problem, content=b"RIFF", width=4, height=3),
        pickup=PickupPointFactory(cooperative=listing.cooperative),
        district_slug=DistrictFactory(parent=listing.commune.province).slug,
    )


def _money(cooperative: Cooperative, clerk: User) -> None:
    """A statement between preview and import, and a transfer that fits nothing."""
    now = datetime(2026, 11, 20, tzinfo=UTC)
    content = "Ngày,Ghi có,Nội dung\n20/11/2026,5.000,a\n".encode()
    StatementUpload.objects.create(
        cooperative=cooperative, name="saoke.csv", content=content, uploaded_at=now, uploaded_by=clerk
    )
    UnmatchedMoney.objects.create(
        provider="statement",
        reference="1",
        cooperative=cooperative,
        amount=5_000,
        reason=UnmatchedMoney.Reason.NO_REFERENCE,
        occurred_at=now,
        recorded_at=now,
    )
