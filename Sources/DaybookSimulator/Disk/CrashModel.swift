/// Which of the writes that no sync has covered survive a power cut.
package enum CrashModel: Int, CaseIterable, Sendable {
    /// None of them: the disk forgets everything that it did not promise.
    case nothing
    /// All of them, as after a killed process.
    case everything
    /// Those before some moment, in the order in which they were made.
    case prefix
    /// Any of their 512-byte sectors, any lengths, any names.
    case anySubset
    /// The same, and one sector is torn at some byte.
    case anySubsetTorn
    /// Names and lengths in order up to some moment; data that such a length made room for is
    /// there, and of other data any sector (ext4, `data=ordered`).
    case ordered
    /// All names and lengths and none of the data.
    case namesBeforeData
}
