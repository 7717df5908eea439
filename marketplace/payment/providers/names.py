"""Names of where money comes from, as attempts, facts and refunds write them."""

CASH = "cash"
TRANSFER = "transfer"
STRIPE = "stripe"
# The providers whose money goes to the marketplace and is owed to the cooperatives; other money is theirs at once.
COLLECTING = frozenset({STRIPE})
