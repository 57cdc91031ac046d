import ByteCoding
package import JSONCore

/// A piece of a job's output.
///
/// Pieces of one stream come in order and may come again. The server keeps, durably, how far it has each stream: bytes below
/// that offset are dropped, a piece that begins above it (the server lost data) is taken as it is. It answers `acknowledged`.
package struct OutputChunk: WireMessage {
    package var attempt: AttemptID
    package var stream: OutputStream
    /// Position of the first byte in its stream.
    package var offset: Int64
    /// When the job wrote it, by the node's clock, milliseconds since 1970.
    package var writtenAtMilliseconds: Int64
    package var bytes: [UInt8]

    package init(
        attempt: AttemptID, stream: OutputStream, offset: Int64, writtenAtMilliseconds: Int64, bytes: [UInt8]
    ) {
        self.attempt = attempt
        self.stream = stream
        self.offset = offset
        self.writtenAtMilliseconds = writtenAtMilliseconds
        self.bytes = bytes
    }

    package init(json: JSONValue) throws(WireError) {
        let reader = try WireReader(json)
        attempt = try reader.attempt()
        stream = try reader.stream()
        offset = try reader.integer("offset")
        writtenAtMilliseconds = try reader.integer("writtenAt")
        guard let text = try reader.value("bytes").string, let decoded = Base64.decodeCanonical(text.bytes) else {
            throw WireError(member: "bytes", expected: "base64")
        }
        bytes = decoded
    }

    package var json: JSONValue {
        var object = JSONObject([("attempt", attempt.json)] + stream.members)
        object["offset"] = .integer(offset)
        object["writtenAt"] = .integer(writtenAtMilliseconds)
        object["bytes"] = .string(JSONString(unchecked: Base64.encode(bytes)))
        return .object(object)
    }
}
