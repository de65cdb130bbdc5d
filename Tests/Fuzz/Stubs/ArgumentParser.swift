/// What the tool's argument types need of swift-argument-parser: enough to compile them for fuzzing
/// without the package and everything that comes with it.
public protocol ExpressibleByArgument {
    init?(argument: String)
}

extension ExpressibleByArgument where Self: RawRepresentable<String> {
    public init?(argument: String) { self.init(rawValue: argument) }
}
