internal import Glibc

/// That a read model's pages were found damaged while it was in use, kept until a start has dealt with it.
///
/// An empty file `<path>.suspect`. A start that finds it looks at every page before it uses the model: a
/// damaged one is set aside and built anew, for a sound one (a rebuild has replaced the file) the suspicion
/// is given up.
package struct ReadModelSuspicion: Sendable {
    private let marker: String

    /// - Parameter path: the read model's name that stays.
    package init(of path: String) {
        marker = path + ".suspect"
    }

    package var isRaised: Bool { FileSystem.exists(marker) }

    /// - Throws: ``ReadModelError`` when it cannot be kept: then the next start knows nothing of it.
    package func raise() throws {
        let descriptor = open(marker, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw FileSystem.failure("make", marker) }
        close(descriptor)
        try FileSystem.syncFolder(of: marker)
    }

    package func giveUp() throws { try FileSystem.remove(marker) }
}
