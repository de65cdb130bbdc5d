/// A reader that is fed with bytes of any kind.
///
/// Each program lists its own as `all`; the canaries show that what is wrong is found.
struct FuzzTarget: Sendable {
    var name: String
    /// Longer inputs say nothing more.
    var longestInput = 4_096
    var run: @Sendable (UnsafeRawBufferPointer) -> Void
}
