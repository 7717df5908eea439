from oscar.apps.payment import apps


class PaymentConfig(apps.PaymentConfig):
    name = "marketplace.payment"

    def ready(self) -> None:
        super().ready()
        from marketplace.order.evidence import register_reduction_source
        from marketplace.order.signals import parcel_changed, parcel_recharged
        from marketplace.payment import receivers
        from marketplace.payment.holds import forget_hold
        from marketplace.payment.selectors import refund_reductions

        register_reduction_source(refund_reductions)
        parcel_changed.connect(forget_hold, dispatch_uid="payment.holds")
        parcel_changed.connect(receivers.follow_parcel, dispatch_uid="payment.refunds")
        parcel_recharged.connect(receivers.follow_charge, dispatch_uid="payment.refunds")
