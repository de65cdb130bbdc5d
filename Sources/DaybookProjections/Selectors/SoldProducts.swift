internal import DaybookDecisions
internal import GRDB

/// A product as it was ordered.
struct SoldProduct {
    var sku: String
    var name: String
    /// See ``NumberedProduct``.
    var unitPrice: Int64
    /// The lowest number with this SKU, whatever its name: the same for all of its names.
    var kin: Int64
}

/// The products whose numbers stand in the lines of orders, as one connection has met them.
///
/// A number means the same in every snapshot that has it, since rows of `sold_products` are only added: so
/// what was read once is kept, and a question finds a product where an array has it.
final class SoldProducts {
    private let select: RowStatement
    // Unchecked exclusivity: one connection uses it, one call after another.
    @exclusivity(unchecked) private var known: [SoldProduct?] = []
    /// Bounds the memory of a connection: some 800 KB.
    private static let knownLimit = 16_384

    init(_ database: Database) throws {
        select = RowStatement(
            try database.cachedStatement(
                sql: """
                    SELECT sku, name, unit_price_minor, (
                        SELECT min(product_number) FROM sold_products AS other
                        WHERE other.sku = sold.sku
                    )
                    FROM sold_products AS sold WHERE product_number = ?
                    """))
    }

    /// - Throws: `SQLITE_CORRUPT` when no product has the number.
    func product(_ number: Int64) throws -> SoldProduct {
        if number >= 0, number < known.count, let product = known[Int(number)] { return product }
        return try read(number)
    }

    private func read(_ number: Int64) throws -> SoldProduct {
        select.bind(number)
        guard try select.step() else {
            throw DatabaseError(
                resultCode: .SQLITE_CORRUPT, message: "no product has the number \(number)")
        }
        defer { select.reset() }
        let product = SoldProduct(
            sku: select.text(0), name: select.text(1), unitPrice: select.integer(2),
            kin: select.integer(3))
        guard (0..<Int64(SoldProducts.knownLimit)).contains(number) else { return product }
        while known.count <= number { known.append(nil) }
        known[Int(number)] = product
        return product
    }
}
