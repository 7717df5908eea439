from oscar.apps.payment import apps


class PaymentConfig(apps.PaymentConfig):
    name = "marketplace.payment"

    def ready(self) -> None:
        super().ready()
        from marketplace.order.signals import parcel_changed
        from marketplace.payment.holds import forget_hold

        parcel_changed.connect(forget_hold, dispatch_uid="payment.holds")
