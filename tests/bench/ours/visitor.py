"""A guest's whole way through our shop, from a listing's page to the order's."""

from collections.abc import Mapping

from tests.bench.client import BenchError, Browser, Response

BUYER = {
    "name": "Nguyễn Thị Lan",
    "commune": "Phường Thục Phán, Cao Bằng",
    "street": "12 phố Xuân Trường",
}
CHECKOUT, ADD, ORDER = "/dat-hang/", "/gio-hang/them/{pk}/", "/don-hang/"


def add_to_basket(browser: Browser, listing: str) -> tuple[Response, Response]:
    """Opens the listing and puts one step of it into the basket; the pages that were read."""
    page = browser.get(listing)
    return page, browser.submit(page, ADD.format(pk=listing.rstrip("/").rpartition("_")[2]), {})


def buyer(number: int) -> Mapping[str, str]:
    return BUYER | {"phone": f"09{10_000_000 + number:08d}", "email": f"khach{number}@example.com"}


def check_out(browser: Browser, listing: str, number: int) -> int:
    """Buys one step of `listing` and returns the bytes read.

    Raises BenchError when no order came of it.
    """
    page, added = add_to_basket(browser, listing)
    form = browser.get(CHECKOUT)
    order = browser.submit(form, "", buyer(number))
    if not order.path.startswith(ORDER):
        raise BenchError(f"the order ended at {order.path}")
    return sum(len(read.body) for read in (page, added, form, order))


def placing_statements(browser: Browser, listing: str) -> int:
    """How many statements the request that places an order of one line runs; the browser must ask for counts."""
    add_to_basket(browser, listing)
    form = browser.get(CHECKOUT)
    return browser.submit_once(form, "", buyer(0)).sql[0]
