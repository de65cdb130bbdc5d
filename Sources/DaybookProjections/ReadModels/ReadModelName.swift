/// One of the read models; each is one SQLite file with its own checkpoint.
public enum ReadModelName: String, CaseIterable, Hashable, Sendable, Codable,
    CustomStringConvertible
{
    case inventory
    case orders
    case users

    /// The file's name inside the data directory's folder of read models.
    public var fileName: String { rawValue + ".sqlite" }

    public var description: String { rawValue }

    /// The tables of this model.
    package var schema: ReadModelSchema {
        switch self {
        case .inventory: .inventory
        case .orders: .orders
        case .users: .users
        }
    }
}
