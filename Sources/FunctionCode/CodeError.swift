/// Why a code archive cannot be taken or kept.
package enum CodeError: Error, Sendable, Equatable {
    /// There are no bytes, or no file in the archive.
    case empty
    /// It is no ZIP archive, or a damaged or encrypted one; the reason is for the log.
    case unreadable(String)
    /// A name in it leads out of the archive's own folder, or two names contradict each other.
    case unsafe(String)
    /// Unpacked it would be larger than this many bytes.
    case tooLarge(limit: Int)
    /// The disk, not the archive, is at fault.
    case storage(String)
}
