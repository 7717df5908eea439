"""Every address, opened by everybody, against a written table. An address that is missing from the table fails."""

import pytest
from django.urls import get_resolver, reverse
from django.urls.resolvers import URLPattern, URLResolver

from tests.architecture.world import World, build_world

pytestmark = pytest.mark.django_db

PEOPLE = ("nobody", "buyer", "stranger", "clerk", "member", "other_clerk", "commune_official", "province_official")
LOGIN = 302
MISSING = 404
FORBIDDEN = 403
POST_ONLY = 405


def for_all(status: int, **exceptions: int) -> dict[str, int]:
    return {person: exceptions.get(person, status) for person in PEOPLE}


PUBLIC = for_all(200)
# Asked for by GET, or with an empty basket, these lead to the page where one can go on.
TO_ELSEWHERE = for_all(302)
NO_GET = for_all(POST_ONLY)
OWN_ACCOUNT = for_all(200, nobody=LOGIN)
# The cooperative's own workplace: anybody's cooperative for the general pages, this one's for its objects.
WORKPLACE = for_all(MISSING, nobody=LOGIN, clerk=200, other_clerk=200, member=FORBIDDEN)
OWN_OBJECT = for_all(MISSING, nobody=LOGIN, clerk=200, member=FORBIDDEN)
OWN_ORDER = for_all(MISSING, buyer=200)

TABLE: dict[str, dict[str, int]] = {
    "set_language": TO_ELSEWHERE,
    "account_login": for_all(302, nobody=200),
    "account_logout": for_all(200, nobody=302),
    "account_change_password": OWN_ACCOUNT,
    "users:landing": TO_ELSEWHERE,
    "customer:summary": TO_ELSEWHERE,
    "catalogue:index": PUBLIC,
    "catalogue:category": PUBLIC,
    "catalogue:detail": PUBLIC,
    "places:index": PUBLIC,
    "places:commune": PUBLIC,
    "places:coverage_status": TO_ELSEWHERE,
    "places:district": PUBLIC,
    "places:province": TO_ELSEWHERE,
    "search:search": PUBLIC,
    "search:opened": NO_GET,
    "search:save": NO_GET,
    "saved:list": OWN_ACCOUNT,
    "saved:remove": NO_GET,
    "saved:notice": NO_GET,
    # Whoever holds the signed link.
    "saved:stop": PUBLIC,
    "health:page": PUBLIC,
    # Whoever shows the token; none is set.
    "health:metrics": for_all(MISSING),
    "search:suggestions": PUBLIC,
    "search:ranking": PUBLIC,
    "basket:summary": PUBLIC,
    "basket:add": TO_ELSEWHERE,
    "basket:update": NO_GET,
    "basket:remove": NO_GET,
    "basket:accept": NO_GET,
    "basket:voucher": NO_GET,
    "checkout:checkout": TO_ELSEWHERE,
    "checkout:communes": PUBLIC,
    # Nothing is to be paid by card: back to the order.
    "checkout:pay": for_all(MISSING, buyer=302),
    "order:mine": OWN_ACCOUNT,
    "order:find": PUBLIC,
    # Whoever holds the signed link.
    "order:weight": PUBLIC,
    "order:detail": OWN_ORDER,
    "order:cancel": OWN_ORDER,
    "order:recipient": OWN_ORDER,
    "order:invoice": OWN_ORDER,
    "order:again": NO_GET,
    # Nothing has come yet that could be bad: back to the order, which says so.
    "order:problem": for_all(MISSING, buyer=302),
    "order:problem_photo": OWN_ORDER,
    "order:contest": OWN_ORDER,
    "webhook:stripe": NO_GET,
    "payment:pay_by_card": NO_GET,
    "payment:card_return": TO_ELSEWHERE,
    "payment:payos": NO_GET,
    "indicators:coverage": PUBLIC,
    "indicators:unit": PUBLIC,
    "indicators:linkage": for_all(MISSING),
    "portal:today": WORKPLACE,
    "portal:switch": NO_GET,
    "portal:parcels": WORKPLACE,
    "portal:parcel": OWN_OBJECT,
    "portal:problems": WORKPLACE,
    "portal:problem": OWN_OBJECT,
    "portal:problem_photo": OWN_OBJECT,
    "portal:act": OWN_OBJECT,
    # The parcel is not confirmed yet: nothing is packed.
    "portal:pack": {**OWN_OBJECT, "clerk": 302},
    "portal:refund": OWN_OBJECT,
    "portal:refunds": WORKPLACE,
    "portal:refund_given": OWN_OBJECT,
    "portal:terms": WORKPLACE,
    "portal:transfer_received": for_all(MISSING, nobody=LOGIN, clerk=302, member=FORBIDDEN),
    "portal:money": WORKPLACE,
    # Only a manager names the account that money goes to.
    "portal:bank_account": for_all(MISSING, nobody=LOGIN, clerk=FORBIDDEN, other_clerk=FORBIDDEN, member=FORBIDDEN),
    "portal:statement_upload": NO_GET,
    "portal:statement": for_all(MISSING, nobody=LOGIN, clerk=200),
    "portal:unmatched": OWN_OBJECT,
    "portal:delivery": WORKPLACE,
    "portal:ordering_rules": WORKPLACE,
    "portal:delivery_new": WORKPLACE,
    "portal:pickup_new": WORKPLACE,
    "portal:pickup_edit": OWN_OBJECT,
    "portal:delivery_edit": OWN_OBJECT,
    "portal:delivery_zone_new": OWN_OBJECT,
    "portal:delivery_zone": OWN_OBJECT,
    "portal:delivery_zone_remove": NO_GET,
    "portal:settlement": WORKPLACE,
    "portal:settlement_statement": OWN_OBJECT,
    "portal:settlement_xlsx": OWN_OBJECT,
    "portal:settlement_paper": OWN_OBJECT,
    "portal:listings": WORKPLACE,
    "portal:listing_new": WORKPLACE,
    "portal:listing_edit": OWN_OBJECT,
    "portal:stock": NO_GET,
    "portal:photo_remove": NO_GET,
    "portal:listing_state": OWN_OBJECT,
    "cooperatives:index": PUBLIC,
    "cooperatives:profile": PUBLIC,
}
# Wagtail's and Oscar's own routes go by prefix; what Wagtail serves below the root is its published pages.
PREFIXES = ("quan-tri/", "van-hanh/", "tai-lieu/", "media/", "_util/", "^((?:")


def routes(resolver: URLResolver | None = None, prefix: str = "", namespace: str = ""):
    for pattern in (resolver or get_resolver()).url_patterns:
        address = prefix + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            yield address, namespace + (pattern.name or "")
        else:
            yield from routes(pattern, address, namespace + (f"{pattern.namespace}:" if pattern.namespace else ""))


@pytest.fixture
def world() -> World:
    return build_world()


def test_every_route_stands_in_the_table():
    named = {name for address, name in routes() if not address.startswith(PREFIXES)}
    assert named == set(TABLE)


def test_everybody_gets_of_every_route_what_the_table_says(client, world):
    wrong = []
    for name, expected in TABLE.items():
        for person, status in expected.items():
            client.logout()
            if person != "nobody":
                client.force_login(world.people[person])
            answer = client.get(world.url(name)).status_code
            if answer != status:
                wrong.append(f"{name} for {person}: {answer}, not {status}")
    assert not wrong, "\n".join(wrong)


def administration() -> list[str]:
    """Every address of the two administrations that can be asked for without an object."""
    return sorted(
        f"/{address}"
        for address, _ in routes()
        if address.startswith(("quan-tri/", "van-hanh/")) and not set(address) & set("<(^\\[")
    )


@pytest.mark.parametrize("person", ["nobody", "buyer", "clerk", "member"])
def test_people_without_an_office_enter_no_administration(client, world, person):
    if person != "nobody":
        client.force_login(world.people[person])
    entered = {url: client.get(url).status_code for url in administration()}
    # Sprites, translations and log-out are the frame of the login page, and tell nothing.
    harmless = {"/quan-tri/sprite/", "/quan-tri/jsi18n/", "/quan-tri/logout/", "/van-hanh/logout/"}
    assert {url: status for url, status in entered.items() if status == 200 and url not in harmless} == {}


def test_officials_do_not_enter_the_operators_dashboard(client, world):
    client.force_login(world.people["province_official"])
    assert client.get(reverse("dashboard:index")).status_code in {302, 403}


def test_an_official_of_another_commune_finds_nothing_of_this_one(client, world):
    client.force_login(world.people["commune_official"])
    listing = world.listing
    page = client.get("/quan-tri/").status_code
    assert page == 200
    for viewset, pk in (("cooperative", listing.cooperative_id), ("linkagemodel", world.linkage.pk)):
        found = [f"/{a}" for a, n in routes() if a.startswith("quan-tri/") and viewset in n and "edit" in n]
        for address in found:
            answer = client.get(address.replace("<str:pk>", str(pk)).replace("<int:pk>", str(pk)))
            assert answer.status_code in {302, 403, 404}, address


def test_the_operators_dashboard_opens_for_an_operator(client, world):
    operator = world.people["stranger"]
    operator.is_staff = operator.is_superuser = True
    operator.email = "operator@example.org"
    operator.save()
    client.force_login(operator)
    for name in ("index", "order-list", "catalogue-product-list", "offer-list", "voucher-list", "partner-list"):
        assert client.get(reverse(f"dashboard:{name}")).status_code == 200, name
