import JSONCore

/// One try to run one command on one node: what the whole conversation after an offer is about.
///
/// The text form, `COMMAND-ID.ATTEMPT`, names the spool directory on the node, so its characters are checked on arrival.
package struct AttemptID: Hashable, Sendable, CustomStringConvertible {
    /// The command's id, a UUID.
    package let commandID: String
    /// Counts from 1; grows only when the server decides to run the command on this node again.
    package let number: Int

    /// An attempt, or nil when the id has other characters than letters, digits and `-`, or is longer than 64.
    package init?(commandID: String, number: Int) {
        let isPlain = commandID.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || byte == 0x2D
        }
        guard isPlain, !commandID.isEmpty, commandID.utf8.count <= 64, number >= 1 else { return nil }
        self.commandID = commandID
        self.number = number
    }

    /// Reads the text form.
    package init?(_ text: String) {
        guard let dot = text.lastIndex(of: "."), let number = Int(text[text.index(after: dot)...]) else { return nil }
        self.init(commandID: String(text[..<dot]), number: number)
        // One attempt has one name: "c.01" and "c.+1" are none.
        guard description == text else { return nil }
    }

    /// The text form.
    package var description: String { "\(commandID).\(number)" }

    var json: JSONValue { .text(description) }
}

extension WireReader {
    /// The attempt that a message is about.
    func attempt() throws(WireError) -> AttemptID {
        guard let attempt = AttemptID(try text("attempt")) else {
            throw WireError(member: "attempt", expected: "COMMAND-ID.ATTEMPT")
        }
        return attempt
    }
}
