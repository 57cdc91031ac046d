package import TimeSource

/// One backup of this process's time, as operators see it.
package struct BackupRecord: Sendable, Hashable {
    /// Where it stands.
    package enum State: Sendable, Hashable {
        /// It is being written.
        case running
        /// It is at its destination, whole and on the disk.
        case succeeded(bytes: Int64, files: Int)
        /// Nothing is left of it.
        case failed(reason: String)

        /// As it stands on the wire.
        package var name: String {
            switch self {
            case .running: "RUNNING"
            case .succeeded: "SUCCEEDED"
            case .failed: "FAILED"
            }
        }
    }

    /// A random id.
    package let id: String
    /// The directory on the server's machine.
    package let destination: String
    /// When it was asked for: what was acknowledged before is in it.
    package let startedAt: Timestamp
    /// When it ended; nil while it runs.
    package var endedAt: Timestamp?
    /// Where it stands.
    package var state: State
}
