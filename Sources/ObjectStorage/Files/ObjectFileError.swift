/// Why files of objects were not read or written.
package enum ObjectFileError: Error, Sendable, Hashable {
    /// The disk or the quota is full. Nothing is left of what was written.
    case full
    /// The file is not there any more: its object was replaced or deleted.
    case gone
    /// The system's words.
    case failed(String)
}
