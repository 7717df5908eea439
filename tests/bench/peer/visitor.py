"""A guest's whole way through the stock shop, from a product's page to the thanks."""

from tests.bench.client import BenchError, Browser

ADDRESS = {
    "first_name": "Lan",
    "last_name": "Nguyễn Thị",
    "line1": "12 phố Xuân Trường",
    "line4": "Cao Bằng",
    "phone_number": "+84912345678",
}


def check_out(browser: Browser, listing: str, buyer: int) -> int:
    """Buys one of `listing` and returns the bytes read.

    Raises BenchError when no order came of it.
    """
    product = browser.get(listing)
    added = browser.submit(product, f"/basket/add/{listing.rstrip('/').rpartition('_')[2]}/", {"quantity": "1"})
    gateway = browser.get("/checkout/")
    address = browser.submit(gateway, "", {"username": f"khach{buyer}@example.com", "options": "anonymous"})
    payment = browser.submit(address, "", ADDRESS)
    preview = browser.get("/checkout/preview/")
    thanks = browser.submit(preview, "/checkout/preview/", {"action": "place_order"})
    if thanks.path != "/checkout/thank-you/":
        raise BenchError(f"the order ended at {thanks.path}")
    return sum(len(page.body) for page in (product, added, gateway, address, payment, preview, thanks))
