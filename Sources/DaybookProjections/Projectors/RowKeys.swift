internal import DaybookCore
internal import DaybookDecisions

extension TypedIdentifier {
    /// The lower half of a UUIDv7 is random.
    var rowHash: UInt64 {
        UInt64(truncatingIfNeeded: rawValue) ^ UInt64(truncatingIfNeeded: rawValue >> 64)
    }
}

extension OrderID: RowKey {}
extension PaymentID: RowKey {}
extension RefundID: RowKey {}
extension ReturnID: RowKey {}
extension UserID: RowKey {}
extension VerificationID: RowKey {}
extension MailID: RowKey {}

extension EmailDigest: RowKey {
    var rowHash: UInt64 { UInt64(truncatingIfNeeded: hashValue) }
}

extension SKU: RowKey {
    var rowHash: UInt64 { rawValue.rowHash }
    func isSame(as other: SKU) -> Bool { rawValue.hasSameBytes(as: other.rawValue) }
}

extension StockKey: RowKey {
    var rowHash: UInt64 { sku.rowHash &* 31 &+ location.rawValue.rowHash }

    func isSame(as other: StockKey) -> Bool {
        sku.isSame(as: other.sku)
            && location.rawValue.hasSameBytes(as: other.location.rawValue)
    }
}

/// The key of `sold_products`.
struct SoldProductKey: RowKey {
    var sku: SKU
    var name: String

    var rowHash: UInt64 { sku.rowHash &* 31 &+ name.rowHash }

    func isSame(as other: SoldProductKey) -> Bool {
        sku.isSame(as: other.sku) && name.hasSameBytes(as: other.name)
    }
}

extension String {
    /// FNV-1a over words of eight bytes, mixed at the end.
    fileprivate var rowHash: UInt64 {
        var text = self
        return text.withUTF8 { bytes in
            let raw = UnsafeRawBufferPointer(bytes)
            var hash: UInt64 = 0xcbf2_9ce4_8422_2325
            var index = 0
            while index + 8 <= raw.count {
                hash ^= raw.loadUnaligned(fromByteOffset: index, as: UInt64.self)
                hash = (hash &* 0x0000_0100_0000_01b3) ^ (hash >> 29)
                index += 8
            }
            while index < raw.count {
                hash = (hash ^ UInt64(raw[index])) &* 0x0000_0100_0000_01b3
                index += 1
            }
            return hash &* 0xff51_afd7_ed55_8ccd ^ (hash >> 33)
        }
    }
}
