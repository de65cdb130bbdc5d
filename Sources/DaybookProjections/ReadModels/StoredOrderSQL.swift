internal import DaybookCore
internal import DaybookDecisions
internal import GRDB

/// What follows from the columns of `stored_orders`, in SQL.
///
/// Amounts and times that mostly follow from others are stored as what they differ by, which SQLite mostly
/// stores without a byte. Everybody asks for them in these words: the index by deadline is found by them.
enum StoredOrderSQL {
    /// What is indexed of an order's identifier.
    static let shortID = "substr(order_id, 1, \(shortByteCount))"
    /// 48 bits of time and 18 of chance.
    static let shortByteCount = 9
    /// The first condition finds an order by its identifier, the second decides; see
    /// ``RowStatement/bind(order:)``.
    static let hasID = "\(shortID) = ? AND order_id = ?"
    static let payable = "net_minor + tax_minor + payable_surplus"
    static let updatedAt = "created_at + updated_after"
    /// `NULL` without a deadline.
    static let expiresAt = "created_at + \(usualDeadline) + expires_shift"
    /// Of the payment; `NULL` without one.
    static let amount = "\(payable) + amount_surplus"
    static let captured = "\(amount) - uncaptured_minor"
    static let paymentID = """
        CAST(substr(order_id, 1, 16 - length(payment_id_end)) || payment_id_end AS BLOB)
        """
    /// A number stands for the key of the charge, see ``GatewayKey``.
    static let paymentReference = """
        CASE typeof(payment_reference) WHEN 'integer'
        THEN \(chargeKey)
        ELSE payment_reference END
        """
    /// Made digit by digit, which takes a multiple of the time of all else that a view shows of an order:
    /// exports have ``chargeKeyFunction`` in its place.
    static let chargeKey = """
        \(text(of: "order_id", prefix: OrderID.prefix)) || '/' || payment_reference
        """
    static let chargeKeyCall = "\(chargeKeyFunction.name)(order_id, payment_reference)"
    static let chargeKeyFunction = DatabaseFunction(
        "daybook_charge_key", argumentCount: 2, pure: true
    ) { values in
        guard case .blob(let order) = values[0].storage,
            case .int64(let attempt) = values[1].storage
        else { return nil }
        let id = order.reduce(into: UInt128(0)) { $0 = $0 << 8 | UInt128($1) }
        let key = GatewayKey.charge(
            OrderID(rawValue: id), attempt: Int32(truncatingIfNeeded: attempt))
        return key.description
    }

    /// Microseconds from an order to its deadline, as the shop is set when nobody sets it.
    static let usualDeadline: Int64 = 86_400_000_000

    /// The text form of an identifier of 16 bytes, digit by digit: five bits of its hexadecimal digits each.
    private static func text(of column: String, prefix: String) -> String {
        func nibble(_ place: String) -> String {
            "instr('123456789ABCDEF', substr(nibbles, \(place), 1))"
        }
        return """
            '\(prefix)_' || (
                WITH RECURSIVE digit(bit, nibbles, text) AS (
                    SELECT 2, '0' || hex(\(column)), ''
                    UNION ALL
                    SELECT bit + 5, nibbles, text || substr('\(Base32.alphabet)', 1 + (
                        \(nibble("bit / 4 + 1")) * 16
                            + \(nibble("bit / 4 + 2")) >> 3 - bit % 4 & 31
                    ), 1)
                    FROM digit WHERE bit < 132
                )
                SELECT text FROM digit WHERE bit = 132
            )
            """
    }
}

extension RowStatement {
    /// Binds the arguments of ``StoredOrderSQL/hasID``.
    func bind(order: OrderID) {
        bind(startOf: order.rawValue, byteCount: StoredOrderSQL.shortByteCount)
        bind(identifier: order.rawValue)
    }
}
