import JSONCore

/// Finds Run Command's command ids in what tasks answer: in the output of `ssm:sendCommand`, and in that of functions that send
/// commands themselves and hand the id on, under whichever spelling of `CommandId`.
enum CommandReference {
    /// The ids in a document, each once, in the order of the document.
    static func ids(in document: JSONValue) -> [String] {
        var found: [String] = []
        collect(document, into: &found)
        return found
    }

    private static func collect(_ value: JSONValue, into found: inout [String]) {
        switch value {
        case .object(let object):
            for member in object.members {
                if let text = member.value.text, isCommandID(key: member.key.text), isUUID(text) {
                    if !found.contains(text) { found.append(text) }
                } else {
                    collect(member.value, into: &found)
                }
            }
        case .array(let elements): for element in elements { collect(element, into: &found) }
        default: break
        }
    }

    private static func isCommandID(key: String) -> Bool {
        key.lowercased().filter { $0 != "_" && $0 != "-" } == "commandid"
    }

    private static func isUUID(_ text: String) -> Bool {
        let groups = text.split(separator: "-", omittingEmptySubsequences: false)
        return groups.map(\.utf8.count) == [8, 4, 4, 4, 12] && groups.allSatisfy { $0.allSatisfy(\.isHexDigit) }
    }
}
