"""What buyers and clerks do with their hands, at an address of any site: the tests' own or the running demo."""

from collections.abc import Sequence
from datetime import timedelta

from django.urls import reverse
from django.utils import timezone

from marketplace.order.models import Parcel
from tests.browser.conftest import Visitor

LATER = timedelta(days=365)


def put_into_basket(visitor: Visitor, addresses: Sequence[str], quantity: str) -> None:
    for address in addresses:
        page = visitor.open(address)
        page.fill("#quantity", quantity)
        visitor.press(".buy button.button--main")


def place_order(visitor: Visitor, *, name: str, phone: str, commune: str, ways: Sequence[str]) -> None:
    """Fills in the checkout and orders. `ways` are the values of the ways of paying to be chosen."""
    page = visitor.open(reverse("checkout:checkout"))
    page.fill("[name=phone]", phone)
    page.fill("[name=name]", name)
    page.fill("[name=commune]", commune)
    if visitor.has_scripts:
        # Leaving the commune, the page asks for its charges, and puts the ways of paying anew.
        with page.expect_response(lambda answer: answer.request.method == "POST"):
            page.fill("[name=street]", "Xóm Bản Giốc")
        visitor.settle()
    else:
        page.fill("[name=street]", "Xóm Bản Giốc")
    # Where the charge is the same for the whole country, the total is known at once.
    if not visitor.has_scripts and not page.locator("#sums button[value=place]").count():
        visitor.press("#sums button[value=update]")
    page.wait_for_selector("#sums button[value=place]")
    for way in ways:
        page.check(f"#payment input[value={way}]")
    visitor.press("#sums button[value=place]")


def type_card(visitor: Visitor, number: str) -> None:
    """On the provider's page, which asks guests for an e-mail where they gave none."""
    page = visitor.page
    if page.locator("[name=email]").count():
        page.fill("[name=email]", "khach@example.com")
    page.fill("[name=number]", number)
    page.fill("[name=expiry]", f"{timezone.now() + LATER:%m/%y}")
    page.fill("[name=cvc]", "123")
    visitor.press("#pay")


def bring_to(clerk: Visitor, parcel: Parcel, status: str) -> None:
    """One tap after the other on the parcel's own page, and on the page that asks where there is one."""
    for _step in range(5):
        parcel.refresh_from_db()
        if parcel.status == status:
            return
        page = clerk.open(reverse("portal:parcel", args=[parcel.number]))
        clerk.press(page.locator(".work-acts .button--main").first)
        if page.locator("form.panel .work-acts button.button--main").count():
            clerk.press("form.panel .work-acts button.button--main")
    raise AssertionError(f"{parcel.number} is {parcel.status}, not {status}")


def promise_back(clerk: Visitor, parcel: Parcel, *, amount: str, line: int | None = None) -> None:
    """Presses "Give money back" on the parcel's page, for a line or for the whole."""
    page = clerk.open(reverse("portal:parcel", args=[parcel.number]))
    clerk.press(f"a[href='{reverse('portal:refund', args=[parcel.number])}']")
    page.fill(f"[name=line_{line}]" if line else "[name=amount]", amount)
    page.check("[name=reason][value=damaged]")
    clerk.press("form.panel .button--danger")


def write_down_given(clerk: Visitor, parcel: Parcel, reference: str) -> None:
    """The refund of the parcel that waits is taken from the list, and how it was given is written down."""
    page = clerk.open(reverse("portal:refunds"))
    row = page.locator(".panel", has_text=parcel.number.upper())
    clerk.press(row.locator("a.button--main"))
    page.fill("[name=reference]", reference)
    clerk.press("form.panel .button--main")
    page.wait_for_url(f"**{reverse('portal:refunds')}")
