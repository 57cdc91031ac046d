/// A credentials file as AWS's tools write it: `[profile]` headers with `name = value` lines below.
///
/// Source: AWS SDKs and Tools Reference Guide, "Using shared config and credentials files".
package struct CredentialsFile: Sendable {
    /// The profiles' settings, names in lower case.
    private let settings: [String: [String: String]]
    /// The names of the profiles in the order of the file.
    package let profiles: [String]

    /// Reads a file's text. Lines that are neither header, setting nor comment are passed over.
    package init(_ text: String) {
        var settings: [String: [String: String]] = [:]
        var profiles: [String] = []
        var current: String?
        for raw in text.split(whereSeparator: \.isNewline) {
            let line = CredentialsFile.trim(raw)
            guard let first = line.first, first != "#", first != ";" else { continue }
            if first == "[", let end = line.firstIndex(of: "]") {
                let name = CredentialsFile.trim(line[line.index(after: line.startIndex)..<end])
                current = name
                if settings[name] == nil {
                    settings[name] = [:]
                    profiles.append(name)
                }
            } else if let current, let equals = line.firstIndex(of: "=") {
                let name = CredentialsFile.trim(line[..<equals]).lowercased()
                settings[current]?[name] = CredentialsFile.trim(line[line.index(after: equals)...])
            }
        }
        self.settings = settings
        self.profiles = profiles
    }

    /// A setting of a profile; nil when the profile or the setting is missing or empty.
    package func setting(_ name: String, profile: String) -> String? {
        settings[profile]?[name].flatMap { $0.isEmpty ? nil : $0 }
    }

    private static func trim(_ text: some StringProtocol) -> String {
        guard let start = text.firstIndex(where: { !$0.isWhitespace }),
            let end = text.lastIndex(where: { !$0.isWhitespace })
        else { return "" }
        return String(text[start...end])
    }
}
