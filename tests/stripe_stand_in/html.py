"""The hosted page's words and markup, in Vietnamese and English, without a script."""

from dataclasses import dataclass
from html import escape

from .store import Obj

VI = {
    "title": "Thanh toán bằng thẻ",
    "banner": "Trang mô phỏng Stripe để thử: không có tiền thật. Đừng nhập thẻ thật.",
    "order": "Đơn hàng",
    "total": "Tổng cộng",
    "pay": "Thanh toán {amount}",
    "email": "E-mail",
    "number": "Số thẻ",
    "expiry": "Ngày hết hạn (tháng/năm, ví dụ 12/34)",
    "cvc": "Mã bảo mật CVC (3 số)",
    "cancel": "Quay lại cửa hàng, không thanh toán",
    "problem": "Chưa thanh toán được",
    "bad_email": "Nhập địa chỉ e-mail.",
    "bad_number": "Số thẻ không đúng.",
    "not_a_test_card": "Trang mô phỏng chỉ nhận các thẻ thử ghi bên dưới.",
    "bad_expiry": "Ngày hết hạn không đúng hoặc đã qua.",
    "bad_cvc": "Mã bảo mật gồm 3 hoặc 4 số.",
    "card_declined": "Thẻ bị từ chối. Hãy thử thẻ khác.",
    "expired_card": "Thẻ đã hết hạn.",
    "incorrect_cvc": "Mã bảo mật không đúng.",
    "processing_error": "Có lỗi khi xử lý thẻ. Hãy thử lại.",
    "payment_intent_authentication_failure": "Ngân hàng chưa xác thực được bạn. Hãy thử lại hoặc dùng thẻ khác.",
    "test_cards": "Thẻ thử",
    "card_fine": "thành công",
    "card_declines": "bị từ chối",
    "card_asks": "hỏi xác thực 3-D Secure",
    "test_rest": "Ngày hết hạn: bất kỳ ngày nào sau hôm nay; CVC: 3 số bất kỳ.",
    "asking": "Ngân hàng hỏi xác thực (3-D Secure)",
    "asking_text": "Ngân hàng giả lập muốn biết có phải bạn đang trả {amount} không.",
    "complete": "Xác thực thành công",
    "fail": "Xác thực thất bại",
    "expired": "Phiên thanh toán đã hết hạn",
    "done": "Đã thanh toán",
    "back": "Về cửa hàng",
    "missing": "Không có phiên thanh toán này",
}
EN = {
    "title": "Pay by card",
    "banner": "A stand-in for Stripe, to try things out: no real money. Do not enter a real card.",
    "order": "Order",
    "total": "Total",
    "pay": "Pay {amount}",
    "email": "E-mail",
    "number": "Card number",
    "expiry": "Expiry date (month/year, for example 12/34)",
    "cvc": "Security code CVC (3 digits)",
    "cancel": "Back to the shop without paying",
    "problem": "Not paid",
    "bad_email": "Enter an e-mail address.",
    "bad_number": "The card number is not valid.",
    "not_a_test_card": "The stand-in takes only the test cards below.",
    "bad_expiry": "The expiry date is not valid or has passed.",
    "bad_cvc": "The security code has 3 or 4 digits.",
    "card_declined": "The card was declined. Try another one.",
    "expired_card": "The card has expired.",
    "incorrect_cvc": "The security code is not correct.",
    "processing_error": "An error occurred while processing the card. Try again.",
    "payment_intent_authentication_failure": "The bank could not authenticate you. Try again or use another card.",
    "test_cards": "Test cards",
    "card_fine": "succeeds",
    "card_declines": "is declined",
    "card_asks": "asks for 3-D Secure",
    "test_rest": "Expiry date: any after today; CVC: any 3 digits.",
    "asking": "The bank asks (3-D Secure)",
    "asking_text": "The pretended bank wants to know whether it is you who pays {amount}.",
    "complete": "Complete authentication",
    "fail": "Fail authentication",
    "expired": "This checkout session has expired",
    "done": "Paid",
    "back": "Back to the shop",
    "missing": "There is no such checkout session",
}
STYLE = """
:root{color-scheme:light}*{box-sizing:border-box}
body{margin:0;font:16px/1.5 system-ui,sans-serif;color:#1b1f24;background:#f6f7f9}
.banner{margin:0;padding:.75rem 1rem;background:#5c1a00;color:#fff;font-weight:600;text-align:center}
main{max-width:34rem;margin:1.5rem auto;padding:1.5rem;background:#fff;border:1px solid #d5d9de;border-radius:.5rem}
h1{font-size:1.4rem;margin:0 0 1rem}h2{font-size:1.1rem;margin:1.5rem 0 .5rem}
table{width:100%;border-collapse:collapse}td,th{padding:.3rem 0;text-align:left;vertical-align:top;font-weight:400}
td:last-child{text-align:right;white-space:nowrap}tfoot th,tfoot td{border-top:1px solid #d5d9de;font-weight:700}
label{display:block;margin-top:1rem;font-weight:600}
input{width:100%;padding:.6rem;font:inherit;border:1px solid #6b7280;border-radius:.3rem}
input[aria-invalid=true]{border:2px solid #a50e0e}
.problem{color:#a50e0e;margin:.25rem 0 0}
.alert{padding:.75rem 1rem;border:2px solid #a50e0e;color:#a50e0e;border-radius:.3rem}
button,.button{display:block;width:100%;margin-top:1rem;padding:.75rem;font:inherit;font-weight:700;color:#fff;
background:#1d4ed8;border:0;border-radius:.3rem;cursor:pointer;text-align:center;text-decoration:none}
button.second{background:#4b5563}a{color:#1d4ed8}a:focus,button:focus,input:focus{outline:3px solid #f59e0b}
.cancel{display:block;margin-top:1rem}code{font-size:1rem}
"""
FIELDS = (
    ("email", "email", "email", "email"),
    ("number", "text", "cc-number", "numeric"),
    ("expiry", "text", "cc-exp", "text"),
    ("cvc", "text", "cc-csc", "numeric"),
)


@dataclass(frozen=True)
class Texts:
    language: str
    words: dict[str, str]

    @classmethod
    def choose(cls, locale: str | None, languages: str) -> "Texts":
        """By the session's locale; where it is automatic, by what the browser asks for first."""
        if locale in {None, "auto"}:
            locale = "en" if languages.lower().startswith("en") else "vi"
        return cls("vi", VI) if locale == "vi" else cls("en", EN)

    def __getitem__(self, name: str) -> str:
        return escape(self.words[name])

    def declined(self, code: str) -> str:
        return self.words.get(code, self.words["card_declined"])


def money(amount: int) -> str:
    return f"{amount:,}".replace(",", ".") + "\u00a0₫"


def _page(texts: Texts, title: str, inside: str) -> str:
    return (
        f'<!doctype html><html lang="{texts.language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1"><meta name="robots" content="noindex">'
        f"<title>{title}</title><style>{STYLE}</style></head><body>"
        f'<header><p class="banner">{texts["banner"]}</p></header><main><h1>{title}</h1>{inside}</main></body></html>'
    )


def _items(session: Obj, items: list[Obj], texts: Texts) -> str:
    rows = "".join(
        f'<tr><th scope="row">{escape(item["description"])}'
        + (f" × {item['quantity']}" if item["quantity"] > 1 else "")
        + f"</th><td>{money(item['amount_total'])}</td></tr>"
        for item in items
    )
    return (
        f'<h2>{texts["order"]}</h2><table><tbody>{rows}</tbody><tfoot><tr><th scope="row">{texts["total"]}</th>'
        f"<td>{money(session['amount_total'])}</td></tr></tfoot></table>"
    )


def _field(name: str, kind: str, fill: str, mode: str, *, texts: Texts, value: str, problem: str) -> str:
    wrong = f' aria-invalid="true" aria-describedby="{name}-problem"' if problem else ""
    told = f'<p class="problem" id="{name}-problem">{texts[problem]}</p>' if problem else ""
    return (
        f'<label for="{name}">{texts[name]}</label>'
        f'<input id="{name}" name="{name}" type="{kind}" autocomplete="{fill}" inputmode="{mode}" required'
        f' value="{escape(value)}"{wrong}>{told}'
    )


def paying_page(
    session: Obj, items: list[Obj], texts: Texts, form: dict[str, str], problems: dict[str, str], error: str
) -> str:
    fields = "".join(
        _field(*field, texts=texts, value=form.get(field[0], "") if field[0] != "cvc" else "",
               problem=problems.get(field[0], ""))
        for field in FIELDS
        if field[0] != "email" or not session["customer_email"]
    )  # fmt: skip
    alert = ""
    if problems or error:
        told = f" {escape(error)}" if error else ""
        alert = f'<p class="alert" role="alert">{texts["problem"]}.{told}</p>'
    cancel = ""
    if session["cancel_url"]:
        cancel = f'<a class="cancel" id="cancel" href="{escape(session["cancel_url"])}">{texts["cancel"]}</a>'
    pay = texts["pay"].format(amount=money(session["amount_total"]))
    cards = (("4242 4242 4242 4242", "card_fine"), ("4000 0000 0000 0002", "card_declines"),
             ("4000 0025 0000 3155", "card_asks"), ("4000 0027 6000 3184", "card_asks"))  # fmt: skip
    listed = "".join(f"<li><code>{number}</code>: {texts[name]}</li>" for number, name in cards)
    return _page(
        texts,
        texts["title"],
        f'{alert}{_items(session, items, texts)}<form method="post" novalidate>{fields}'
        f'<button type="submit" id="pay">{pay}</button></form>{cancel}'
        f"<h2>{texts['test_cards']}</h2><ul>{listed}</ul><p>{texts['test_rest']}</p>",
    )


def asking_page(session: Obj, texts: Texts) -> str:
    told = texts["asking_text"].format(amount=money(session["amount_total"]))
    return _page(
        texts,
        texts["asking"],
        f'<p>{told}</p><form method="post"><button type="submit" id="complete" name="answer" value="complete">'
        f'{texts["complete"]}</button><button type="submit" id="fail" class="second" name="answer" value="fail">'
        f"{texts['fail']}</button></form>",
    )


def closed_page(session: Obj, texts: Texts, onwards: str | None) -> str:
    title = texts["done"] if session["status"] == "complete" else texts["expired"]
    link = f'<a class="button" id="back" href="{escape(onwards)}">{texts["back"]}</a>' if onwards else ""
    return _page(texts, title, link)


def missing_page(texts: Texts) -> str:
    return _page(texts, texts["missing"], "")
