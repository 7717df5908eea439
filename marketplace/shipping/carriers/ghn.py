"""Giao Hàng Nhanh, from its published fields (api.ghn.vn, v2). Not verified against the real service.

Off unless GHN_TOKEN and GHN_SHOP_ID are set. Weights are grams, amounts đồng.
"""

from typing import Any

from django.conf import settings

from marketplace.common.json_http import ServiceError, call
from marketplace.shipping.carriers.base import (
    Booking,
    CarrierLimitError,
    CarrierRefusedError,
    CarrierUnavailableError,
    Consignment,
    ShipmentStatus,
)

MAXIMUM_WEIGHT = 50_000
MAXIMUM_CASH = 50_000_000
MAXIMUM_INSURED = 5_000_000
# From 20 kg on, GHN's service for heavy goods.
HEAVY_FROM = 20_000
LIGHT, HEAVY = 2, 5
PAID_BY_SHOP = 1
LOOK_BUT_NOT_TRY = "CHOXEMHANGKHONGTHU"
# Centimetres: nothing of ours is measured, and GHN charges by volume beyond 6 kg or so of this box.
BOX = {"length": 30, "width": 30, "height": 20}

_STATUSES = {
    **dict.fromkeys(("ready_to_pick", "picking", "money_collect_picking"), ShipmentStatus.BOOKED),
    **dict.fromkeys(("picked", "storing"), ShipmentStatus.PICKED_UP),
    **dict.fromkeys(("transporting", "sorting", "delivering", "money_collect_delivering"), ShipmentStatus.UNDERWAY),
    "delivered": ShipmentStatus.DELIVERED,
    **dict.fromkeys(("delivery_fail", "waiting_to_return"), ShipmentStatus.FAILED),
    **dict.fromkeys(
        ("return", "return_transporting", "return_sorting", "returning", "return_fail"), ShipmentStatus.RETURNING
    ),
    "returned": ShipmentStatus.RETURNED,
    "cancel": ShipmentStatus.CANCELLED,
    **dict.fromkeys(("damage", "lost"), ShipmentStatus.LOST),
}


class GhnCarrier:
    slug = "ghn"
    name = "GHN"

    def require_possible(self, consignment: Consignment) -> None:
        if not 0 < consignment.weight_g <= MAXIMUM_WEIGHT or not 0 <= consignment.cash_to_collect <= MAXIMUM_CASH:
            raise CarrierLimitError(carrier=self.name)

    def quote(self, consignment: Consignment) -> int:
        self.require_possible(consignment)
        sender, recipient = consignment.sender.ward, consignment.recipient.ward
        data = self._ask(
            "/v2/shipping-order/fee",
            {
                **self._measures(consignment),
                "from_district_id": sender.district_id,
                "from_ward_code": sender.ward_code,
                "to_district_id": recipient.district_id,
                "to_ward_code": recipient.ward_code,
            },
        )
        return self._amount(data.get("total"))

    def create(self, consignment: Consignment) -> Booking:
        self.require_possible(consignment)
        sender, recipient = consignment.sender, consignment.recipient
        data = self._ask(
            "/v2/shipping-order/create",
            {
                **self._measures(consignment),
                "client_order_code": consignment.reference,
                "payment_type_id": PAID_BY_SHOP,
                "required_note": LOOK_BUT_NOT_TRY,
                "note": consignment.note,
                "content": consignment.content,
                "cod_amount": consignment.cash_to_collect,
                "from_name": sender.name,
                "from_phone": sender.phone,
                "from_address": sender.address,
                "from_district_id": sender.ward.district_id,
                "from_ward_code": sender.ward.ward_code,
                "to_name": recipient.name,
                "to_phone": recipient.phone,
                "to_address": recipient.address,
                "to_district_id": recipient.ward.district_id,
                "to_ward_code": recipient.ward.ward_code,
            },
        )
        return self._booking(data, "total_fee")

    def find(self, reference: str) -> Booking | None:
        try:
            data = self._ask("/v2/shipping-order/detail-by-client-code", {"client_order_code": reference})
        except CarrierRefusedError:
            return None
        return self._booking(data, "total_fee")

    def cancel(self, tracking_number: str) -> None:
        answer = self._ask("/v2/switch-status/cancel", {"order_codes": [tracking_number]})
        results = answer.get("results", ())
        if not any(isinstance(row, dict) and row.get("result") is True for row in results):
            raise CarrierRefusedError(carrier=self.name)

    def track(self, tracking_number: str) -> ShipmentStatus | None:
        data = self._ask("/v2/shipping-order/detail", {"order_code": tracking_number})
        return _STATUSES.get(str(data.get("status", "")))

    def _measures(self, consignment: Consignment) -> dict[str, Any]:
        return {
            **BOX,
            "weight": consignment.weight_g,
            "insurance_value": min(consignment.goods_value, MAXIMUM_INSURED),
            "service_type_id": HEAVY if consignment.weight_g >= HEAVY_FROM else LIGHT,
        }

    def _booking(self, data: dict[str, Any], fee: str) -> Booking:
        number = data.get("order_code")
        if not isinstance(number, str) or not number or len(number) > 60:
            raise CarrierUnavailableError(carrier=self.name)
        return Booking(number, self._amount(data[fee]) if data.get(fee) is not None else None)

    def _amount(self, value: Any) -> int:
        try:
            amount = int(value)
        except (TypeError, ValueError, OverflowError) as error:
            raise CarrierUnavailableError(carrier=self.name) from error
        if not 0 <= amount <= 10**9:
            raise CarrierUnavailableError(carrier=self.name)
        return amount

    def _ask(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """The answer's `data`. Raises CarrierRefusedError for 400 to 499, CarrierUnavailableError for anything else."""
        headers = {"Token": settings.GHN_TOKEN, "ShopId": str(settings.GHN_SHOP_ID)}
        try:
            answer = call("POST", f"{settings.GHN_API_URL}{path}", json=body, headers=headers)
        except ServiceError as error:
            # Our token's fault, or too many requests, says nothing of the parcel.
            is_refusal = error.status is not None and 400 <= error.status < 500 and error.status not in {401, 403, 429}
            raise (CarrierRefusedError if is_refusal else CarrierUnavailableError)(carrier=self.name) from error
        data = answer.get("data")
        if answer.get("code") != 200:
            raise CarrierRefusedError(carrier=self.name)
        if isinstance(data, list):
            return {"results": data}
        if not isinstance(data, dict):
            raise CarrierUnavailableError(carrier=self.name)
        return data
