import AWSProtocols
import Crypto
import JSONCore
import YAMLReading

/// The content of a document as its owner wrote it: JSON or YAML.
struct DocumentText: Sendable {
    /// AWS's `DocumentFormat`, without TEXT, in which no command is written.
    enum Format: String, Sendable {
        case json = "JSON"
        case yaml = "YAML"

        /// The format of a request; JSON when it names none.
        /// - Throws: `InvalidDocumentContent` for TEXT.
        init(_ name: String?) throws(APIError) {
            guard let format = Format(rawValue: name ?? "JSON") else {
                throw DocumentError.invalidContent("Command documents are written in JSON or YAML; \(name ?? "") is not supported.")
            }
            self = format
        }
    }

    /// How deep lists and objects may be nested, in either format.
    static let depthLimit = 100
    /// How long a document may be, in bytes (AWS General Reference, "Systems Manager quotas").
    static let sizeLimit = 65_536

    let text: String
    let format: Format

    /// The text as a value.
    /// - Throws: `InvalidDocumentContent` with line and column.
    func value() throws(APIError) -> JSONValue {
        switch format {
        case .json:
            let bytes = Array(text.utf8)
            do throws(JSONParseError) {
                return try JSONParser.parse(bytes, depthLimit: DocumentText.depthLimit, duplicateKeys: .reject)
            } catch {
                let (line, column) = error.position(in: bytes)
                throw DocumentError.invalidContent(
                    "JSON not well-formed. at Line: \(line), Column: \(column) (\(error.reason.rawValue))")
            }
        case .yaml:
            do throws(YAMLParseError) {
                return try YAMLReader.parse(text)
            } catch {
                let place = error.line.map { " at Line: \($0), Column: \(error.column ?? 1)" } ?? ""
                throw DocumentError.invalidContent("YAML not well-formed.\(place) (\(error.reason))")
            }
        }
    }

    /// The text in another format; the same text in its own.
    func converted(to other: Format) throws(APIError) -> String {
        if other == format { return text }
        let value = try value()
        return switch other {
        case .json: JSONWriter.pretty(value)
        case .yaml: YAMLWriter.text(of: value)
        }
    }

    /// SHA-256 of the text, in hexadecimal.
    var hash: String {
        SHA256.hash(data: Array(text.utf8)).map { byte in
            let digits = String(byte, radix: 16)
            return byte < 16 ? "0" + digits : digits
        }.joined()
    }
}
