import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.payment.providers.payos.client import (
    PayosError,
    PayosUnknownResultError,
    cancel_link,
    channel_of,
    create_link,
    read_link,
)
from marketplace.payment.providers.payos.signature import is_signed, signature_of
from marketplace.payment.providers.payos.webhook import NotANoticeError, read_notice
from tests.payment.payos.stand_in import CHANNEL, serving

# The example of payOS's documentation (payos.vn/docs/tich-hop-webhook/kiem-tra-du-lieu-voi-signature), its key included.
PUBLISHED_KEY = "1a54716c8f0efb2744fb28b6e38b25da7f67a925d98bc1c18bd8faaecadd7675"
PUBLISHED_SIGNATURE = "412e915d2871504ed31be63c8f62a149a4410d34c4c42affc9006ef9917eaa03"
PUBLISHED = {
    "orderCode": 123,
    "amount": 3000,
    "description": "VQRIO123",
    "accountNumber": "12345678",
    "reference": "TF230204212323",
    "transactionDateTime": "2023-02-04 18:25:00",
    "currency": "VND",
    "paymentLinkId": "124c33293c43417ab7879e14c8d9eb18",
    "code": "00",
    "desc": "Thành công",
    "counterAccountBankId": "",
    "counterAccountBankName": "",
    "counterAccountName": "",
    "counterAccountNumber": "",
    "virtualAccountName": "",
    "virtualAccountNumber": "",
}


def body_of(data=PUBLISHED, key=PUBLISHED_KEY, signature=None, **envelope):
    content = {"code": "00", "desc": "success", "success": True, "data": data} | envelope
    return json.dumps(content | {"signature": signature or signature_of(data, key)}, ensure_ascii=False).encode()


class TestSignature:
    def test_the_published_example_is_reproduced(self):
        assert signature_of(PUBLISHED, PUBLISHED_KEY) == PUBLISHED_SIGNATURE

    @given(place=st.integers(0, 63))
    def test_one_wrong_character_is_refused(self, place):
        wrong = PUBLISHED_SIGNATURE[:place] + "x" + PUBLISHED_SIGNATURE[place + 1 :]
        assert not is_signed(PUBLISHED, wrong, PUBLISHED_KEY)

    def test_nothing_is_signed_by_an_empty_key(self):
        assert not is_signed(PUBLISHED, signature_of(PUBLISHED, ""), "")

    @pytest.mark.parametrize("signature", [None, 5, "", [], "ü" * 64])
    def test_what_is_no_signature_is_refused(self, signature):
        assert not is_signed(PUBLISHED, signature, PUBLISHED_KEY)

    def test_an_empty_value_counts_as_the_empty_text(self):
        assert signature_of({"a": None, "b": 1}, "k") == signature_of({"a": "", "b": 1}, "k")


class TestNotice:
    def test_the_published_webhook_is_read(self):
        notice = read_notice(body_of(signature=PUBLISHED_SIGNATURE), checksum_key=PUBLISHED_KEY)
        assert notice.event_id == "12345678:20230204:TF230204212323"
        assert (notice.memo, notice.amount, notice.currency, notice.account) == ("VQRIO123", 3_000, "VND", "12345678")
        assert notice.occurred_at == datetime(2023, 2, 4, 11, 25, tzinfo=UTC)

    def test_a_forged_amount_is_refused(self):
        forged = body_of(PUBLISHED | {"amount": 3_001}, signature=PUBLISHED_SIGNATURE)
        with pytest.raises(NotANoticeError):
            read_notice(forged, checksum_key=PUBLISHED_KEY)

    def test_a_webhook_signed_with_another_cooperatives_key_is_refused(self):
        with pytest.raises(NotANoticeError):
            read_notice(body_of(key="another"), checksum_key=PUBLISHED_KEY)

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"\xff\xfe",
            "Thành công".encode("utf-16"),
            b"null",
            b"[]",
            b'"a"',
            b"{}",
            b'{"data": []}',
            b"[" * 100_000,
            b'{"data": {"amount": NaN}, "signature": "a"}',
            b'{"data": {}, "signature": "\\ud800"}',
            body_of() + b"\xff",
            b" " * 70_000 + body_of(),
        ],
    )
    def test_what_is_malformed_is_refused(self, body):
        with pytest.raises(NotANoticeError):
            read_notice(body, checksum_key=PUBLISHED_KEY)

    @pytest.mark.parametrize(
        "change",
        [
            {"amount": "3000"},
            {"amount": 3000.5},
            {"amount": True},
            {"amount": 0},
            {"amount": -3000},
            {"amount": 10**15},
            {"transactionDateTime": "2023-02-30 18:25:00"},
            {"transactionDateTime": ""},
            {"description": ["VQRIO123"]},
            {"description": "a\0b"},
            {"reference": "", "paymentLinkId": ""},
        ],
    )
    def test_signed_but_senseless_fields_are_refused(self, change):
        with pytest.raises(NotANoticeError):
            read_notice(body_of(PUBLISHED | change), checksum_key=PUBLISHED_KEY)

    @pytest.mark.parametrize("envelope", [{"code": "01"}, {"success": False}])
    def test_a_signed_message_without_money_is_no_notice(self, envelope):
        assert read_notice(body_of(**envelope), checksum_key=PUBLISHED_KEY) is None

    @given(body=st.binary(max_size=200))
    def test_any_bytes_are_refused_by_name(self, body):
        with pytest.raises(NotANoticeError):
            read_notice(body, checksum_key=PUBLISHED_KEY)

    def test_the_same_movement_has_the_same_name_and_another_day_another(self):
        first = read_notice(body_of(), checksum_key=PUBLISHED_KEY)
        again = read_notice(body_of(PUBLISHED | {"desc": "success"}), checksum_key=PUBLISHED_KEY)
        later = PUBLISHED | {"transactionDateTime": "2023-02-05 18:25:00"}
        assert first.event_id == again.event_id
        assert first.event_id != read_notice(body_of(later), checksum_key=PUBLISHED_KEY).event_id


class TestClient:
    @pytest.fixture
    def payos(self, settings):
        with serving() as stand_in:
            settings.PAYOS_API_URL = stand_in.url
            yield stand_in

    def made(self, order_code=7):
        return create_link(
            CHANNEL,
            order_code=order_code,
            amount=125_000,
            description="CLK7K2M9QX4P1",
            return_url="https://example.org/a",
            cancel_url="https://example.org/b",
            expires_at=1_790_000_000,
        )

    def test_a_link_is_made_read_and_cancelled(self, payos):
        link = self.made()
        assert (link.status, link.amount, link.amount_paid) == ("PENDING", 125_000, 0)
        assert link.url.startswith("https://pay.payos.vn/")
        assert read_link(CHANNEL, 7).id == link.id
        assert cancel_link(CHANNEL, link.id, reason="expired").status == "CANCELLED"
        assert payos.links[7]["cancellationReason"] == "expired"

    def test_the_same_order_code_makes_no_second_link(self, payos):
        self.made()
        with pytest.raises(PayosError, match="231"):
            self.made()
        assert len(payos.links) == 1

    def test_an_unknown_link_is_a_refusal(self, payos):
        with pytest.raises(PayosError) as refusal:
            read_link(CHANNEL, 8)
        assert refusal.value.code == "101"

    @pytest.mark.parametrize("fault", ["500", "reset", "garbage", "forged"])
    def test_an_answer_that_cannot_be_believed_is_an_unknown_result(self, payos, fault):
        payos.fault = fault
        with pytest.raises(PayosUnknownResultError):
            self.made()
        # The link was made all the same but for the reset: reading tells.
        assert fault == "reset" or read_link(CHANNEL, 7).status == "PENDING"

    def test_wrong_keys_are_a_refusal(self, payos, settings):
        settings.PAYOS_CHANNELS = {"an-lanh": {"client_id": "x", "api_key": "y", "checksum_key": "z"}}
        with pytest.raises(PayosError, match="401"):
            read_link(channel_of("an-lanh"), 7)

    def test_without_a_channel_payos_is_off(self, settings):
        settings.PAYOS_CHANNELS = {}
        assert channel_of("an-lanh") is None

    def test_keys_are_not_shown_in_logs(self):
        assert "api-1" not in repr(CHANNEL)
        assert "checksum-1" not in repr(CHANNEL)
