import Foundation

/// A directory of a test's own, removed with the last reference to it.
package final class TemporaryDirectory: Sendable {
    /// Its path.
    package let path: String

    /// Makes the directory.
    package init() throws {
        path = FileManager.default.temporaryDirectory.appending(path: "nightshift-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    /// The path of a file in it.
    package func file(_ name: String) -> String { path + "/" + name }
}
