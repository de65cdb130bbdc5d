import DaybookCore
import DaybookDecisions

// What golden events are about. Written out, for these are recorded for ever.

let order = OrderID(rawValue: 0x012C_0000_0000_7ABC_8DEF_0123_4567_89AB)
let user = UserID(rawValue: 0x012C_0000_0001_7000_8000_0000_0000_0001)
let payment = PaymentID(rawValue: 0x012C_0000_0002_7000_8000_0000_0000_0002)
let shipment = ShipmentID(rawValue: 0x012C_0000_0003_7000_8000_0000_0000_0003)
let goodsReturn = ReturnID(rawValue: 0x012C_0000_0004_7000_8000_0000_0000_0004)
let verification = VerificationID(rawValue: 0x012C_0000_0005_7000_8000_0000_0000_0005)
let mailOne = MailID(rawValue: 0x012C_0000_0006_7000_8000_0000_0000_0006)
let refund = RefundID(rawValue: 0x012C_0000_0007_7000_8000_0000_0000_0007)
let capture = CaptureID(rawValue: 0x012C_0000_0008_7000_8000_0000_0000_0008)

/// 2010-12-01T08:26:00.5Z
let instant = Instant(microseconds: 1_291_191_960_500_000)
let firstInstant = Instant(microseconds: .min)
let lastInstant = Instant(microseconds: .max)

let digest = Digest((0..<32).map { UInt8($0) })!
let emailDigest = EmailDigest(digest: digest)
/// Nonce, one byte of ciphertext, authentication tag.
let box = Sealed(box: (0..<29).map { UInt8(0xE0 + $0) }, keyVersion: 1)
let emptyBox = Sealed(box: [], keyVersion: 0)
let lastBox = Sealed(box: [0xFF], keyVersion: .max)

let sku = SKU(rawValue: "85123A")!
let longSKU = SKU(rawValue: String(repeating: "Ä", count: 64))!
let unitOfOne = Quantity(rawValue: 1)!
let mostUnits = Quantity(rawValue: 100_000)!
let warehouse = LocationID(rawValue: "warehouse-2")!
let longLocation = LocationID(rawValue: String(repeating: "é", count: 32))!
let pounds = Currency(rawValue: "GBP")!
let yen = Currency(rawValue: "JPY")!
let dinars = Currency(rawValue: "KWD")!
let price = Money(minor: 255, currency: pounds)
let nothing = Money(minor: 0, currency: yen)
let mostMoney = Money(minor: .max, currency: dinars)
let leastMoney = Money(minor: .min, currency: dinars)

/// Quotes, backslash, line break, control character, letters of one to four bytes of UTF-8.
let oddText = "\"quoted\" \\ line\nbreak \u{1} \u{9B} é € 𝄞 \u{2028}"
/// Longer than a length of one byte can say, and of two.
let longText = String(repeating: "0123456789abcdef", count: 1_024) + "!"
