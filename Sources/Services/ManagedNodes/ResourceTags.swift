import AWSProtocols

/// Tags as Systems Manager writes them: a list of `{Key, Value}`.
package enum ResourceTags {
    /// How many tags a resource may have.
    static let limit = 50

    /// Reads a list of tags; the model has checked lengths and characters.
    /// - Throws: `ValidationException` for reserved and repeated keys.
    static func parse(_ tags: [APIStructure]) throws(APIError) -> [(key: String, value: String)] {
        var parsed: [(key: String, value: String)] = []
        for tag in tags {
            let key = tag.string("Key") ?? ""
            guard !key.utf8.starts(with: "aws:".utf8) else {
                throw .validation("Tag keys that begin with 'aws:' are reserved: '\(key)'")
            }
            guard !parsed.contains(where: { $0.key.utf8.elementsEqual(key.utf8) }) else {
                throw .validation("Duplicate tag key: '\(key)'")
            }
            parsed.append((key, tag.string("Value") ?? ""))
        }
        return parsed
    }

    /// The list for an answer.
    static func value(_ tags: [(key: String, value: String)]) -> APIValue {
        .list(tags.map { ["Key": .string($0.key), "Value": .string($0.value)] })
    }
}
