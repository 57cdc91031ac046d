/// Why a backup could not be written or read, in words for an operator.
package struct BackupError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong, with the path it is about, and what to do.
    package let description: String

    /// An error of these words.
    package init(_ description: String) {
        self.description = description
    }
}
