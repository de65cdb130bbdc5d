internal import CMalloc

/// How glibc gives memory to the whole process; so for the program to decide, and not for a library.
public enum LargeBlocks {
    /// Blocks of a mebibyte and more go back to the system as soon as they are free.
    ///
    /// By default glibc stops doing so for blocks of a size that was freed once, up to 32 MiB. Daybook's
    /// threads hand each other such blocks all the time, and what lies free between others is used by
    /// nobody: of 660 resident bytes for an open order 370 were that (ADR 0029). The `daybook` tool
    /// does this; a program that is mostly Daybook should, too.
    ///
    /// To be called first in `main`.
    public static func giveBack() {
        // It can only refuse, and then memory is as it is by default.
        _ = mallopt(M_MMAP_THRESHOLD, 1 << 20)
    }
}
