import Foundation

/// A secret given by a file, so that it stands neither in the process list nor in the environment.
enum PasswordFile {
    /// The file's text without the line break at its end.
    static func read(_ path: String) throws -> String {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw ServerSettings.Problems(description: "cannot read the password file \(path)")
        }
        return String(decoding: data, as: UTF8.self).trimmingCharacters(in: .newlines)
    }
}
