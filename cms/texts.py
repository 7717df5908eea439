"""What the site's fixed pages say until an editor writes something else. Content, not interface: Vietnamese only."""

HOME_HEADLINE = "Nông sản Cao Bằng, mua thẳng từ hợp tác xã"
HOME_INTRODUCTION = "Hạt dẻ, miến dong, thạch đen, chè và nhiều thứ khác, ghi rõ xã nào làm ra và mùa nào ngon nhất."

HOME_BODY = [
    ("listings", {"heading": "Đang vào mùa", "scope": "season", "count": 9}),
    ("coverage_figure", {"heading": "Liên kết có thật, đo từ đơn hàng thật"}),
    ("cooperatives", {"heading": "Hợp tác xã gần mùa", "count": 6}),
    ("communes", {"heading": "Đi chợ theo xã", "count": 6}),
    (
        "steps",
        {
            "heading": "Mua hàng thế nào",
            "steps": [
                "Chọn hàng: giá tính theo cân, theo gói, đã gồm thuế.",
                "Đặt hàng không cần tài khoản: chỉ cần tên, số điện thoại và địa chỉ.",
                "Trả tiền khi nhận hàng: mỗi hợp tác xã gửi một kiện, anh/chị theo dõi từng kiện.",
            ],
        },
    ),
]

TEXT_PAGES = [
    (
        "gioi-thieu",
        "Giới thiệu",
        "<p>Chợ Liên Kết là chợ của các hợp tác xã nông nghiệp trong tỉnh. Người mua gặp thẳng người làm ra nông sản; "
        "cán bộ thấy mô hình liên kết nào thật sự bán được hàng.</p>"
        "<h2>Hai con số cạnh nhau</h2><p>Chúng tôi luôn in hai con số: <b>khai báo</b> theo sổ mô hình liên kết đã thẩm "
        "định, và <b>có bán hàng</b>, đếm từ đơn đã giao và đã trả tiền trên chợ. Mỗi tỷ lệ mở ra được đến từng xã, từng "
        "mô hình và từng ngày có bằng chứng. Không nơi nào nêu tên người mua.</p>",
    ),
    (
        "quy-che",
        "Quy chế hoạt động",
        "<p>Phiên bản 1. Chợ là nền tảng trung gian: hợp tác xã là người bán, chịu trách nhiệm về hàng, giá và hóa đơn.</p>"
        "<h2>Người bán</h2><p>Chỉ hợp tác xã, tổ hợp tác và liên hiệp hợp tác xã đã được kiểm tra đăng ký mới được bán. "
        "Mỗi mặt hàng phải ghi xã nơi làm ra.</p>"
        "<h2>Đặt hàng và trả tiền</h2><p>Đơn hàng được ghi nhận trước khi thu tiền. Trả tiền khi nhận hàng.</p>"
        "<h2>Khiếu nại</h2><p>Gọi cho hợp tác xã ghi trên đơn hàng; nếu chưa ổn, gọi cho chợ theo số ở cuối trang.</p>",
    ),
    (
        "tro-giup",
        "Trợ giúp",
        "<h2>Tôi muốn mua</h2><p>Chọn hàng, thêm vào giỏ, điền tên, số điện thoại và địa chỉ. Không cần tài khoản.</p>"
        "<h2>Tôi muốn xem đơn</h2><p>Mở liên kết trong thư xác nhận, hoặc tra bằng mã đơn và số điện thoại.</p>"
        "<h2>Hàng không đúng</h2><p>Chụp ảnh và báo cho hợp tác xã trong 24 giờ với hàng tươi.</p>",
    ),
]
