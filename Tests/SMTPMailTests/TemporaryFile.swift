import Foundation

/// A file that lives as long as a test needs it.
enum TemporaryFile {
    static func with(_ text: String, _ body: (String) async throws -> Void) async throws {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("smtp-mail-\(UUID().uuidString).pem")
        try Data(text.utf8).write(to: url)
        defer { try? FileManager.default.removeItem(at: url) }
        try await body(url.path)
    }
}
