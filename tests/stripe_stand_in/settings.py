"""What a stand-in is started with."""

from dataclasses import dataclass

API_VERSION = "2026-10-28.endive"
MINUTE = 60
DAY = 24 * 60 * MINUTE


@dataclass
class Settings:
    """Amounts are whole đồng; Stripe's VND is zero-decimal. The webhook URL may be set or changed later."""

    api_key: str = "sk_test_stand_in"
    webhook_secret: str = "whsec_stand_in"
    webhook_url: str = ""
    public_url: str = ""
    stripe_mock_url: str = ""
    currency: str = "vnd"
    minimum_amount: int = 13_000  # Stripe: what converts to 50 US cents
    maximum_amount: int = 99_999_999  # Stripe: eight digits
    fee_basis_points: int = 340
    fee_fixed: int = 9_500
    dispute_fee: int = 0
    available_after: int = 0  # seconds until charged money can be transferred
    webhook_attempts: int = 20
    webhook_timeout: float = 10.0

    def fee_on(self, amount: int) -> int:
        """Stripe's fee for a charge, rounded half up to the đồng."""
        return (amount * self.fee_basis_points + 5_000) // 10_000 + self.fee_fixed
