/// Writes header fields, folded as RFC 5322, section 2.2.3, asks.
struct MailHeader {
    /// The fields written so far, each ending in CRLF.
    private(set) var octets: [UInt8] = []

    /// The length that a line should not exceed (RFC 5322, section 2.1.1).
    private static let preferredLineLength = 78

    /// Adds a field whose value stands for itself; the caller knows that it is short and printable.
    mutating func add(_ name: String, _ value: String) {
        octets += Array("\(name): \(value)\r\n".utf8)
    }

    /// Adds free text, which the reader sees exactly as given.
    mutating func addText(_ name: String, _ text: String) {
        add(name, HeaderText.encode(text, fieldNameLength: name.utf8.count))
    }

    /// Adds a list of addresses, one fold at most between two of them.
    mutating func addAddresses(_ name: String, _ addresses: [MailAddress]) {
        var value = ""
        var lineLength = name.utf8.count + 2
        for (index, address) in addresses.enumerated() {
            let item = Self.item(for: address) + (index + 1 < addresses.count ? "," : "")
            let length = item.utf8.count + 1
            if index > 0, lineLength + length > Self.preferredLineLength {
                value += "\r\n \(item)"
                lineLength = length
            } else {
                value += index > 0 ? " \(item)" : item
                lineLength += length
            }
        }
        add(name, value)
    }

    /// `mailbox`, or `name <mailbox>` with the name as atoms, as a quoted string or as encoded words.
    private static func item(for address: MailAddress) -> String {
        let name = address.displayName
        guard !name.isEmpty else { return address.mailbox }
        if name.unicodeScalars.allSatisfy({ $0 == " " || ($0.isASCII && $0.isAtomText) }), !HeaderText.needsEncoding(name) {
            return "\(name) <\(address.mailbox)>"
        }
        if name.utf8.count <= 200, !HeaderText.needsEncoding(name) {
            let quoted = name.map { "\"\\".contains($0) ? "\\\($0)" : String($0) }.joined()
            return "\"\(quoted)\" <\(address.mailbox)>"
        }
        return "\(HeaderText.encodedWords(name)) <\(address.mailbox)>"
    }
}
