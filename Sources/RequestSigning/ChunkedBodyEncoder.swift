/// Frames a body as `aws-chunked` while it is sent, signing each chunk and the trailers where that is asked for.
///
/// What `ChunkedBodyDecoder` takes off again.
package struct ChunkedBodyEncoder: Sendable {
    private var signatures: ChunkSignatures?

    /// An encoder; `signatures` is the chain that begins with the request's own signature, nil leaves the chunks unsigned.
    package init(signatures: ChunkSignatures?) {
        self.signatures = signatures
    }

    /// A chunk of these bytes, of which there must be some.
    package mutating func chunk(_ bytes: [UInt8]) -> [UInt8] {
        var framed = head(bytes)
        framed.reserveCapacity(framed.count + bytes.count + 2)
        framed += bytes
        framed += [0x0D, 0x0A]
        return framed
    }

    /// The end of the body: the last chunk, and the trailers, where the request announced some.
    package mutating func end(trailers: [(name: String, value: String)] = []) -> [UInt8] {
        var framed = head([])
        for trailer in trailers { framed += Array("\(trailer.name):\(trailer.value)\r\n".utf8) }
        if !trailers.isEmpty, signatures != nil {
            let lines = trailers.map { "\($0.name):\($0.value)\n" }.joined()
            let signature = signatures?.signTrailers(Array(lines.utf8)) ?? ""
            framed += Array("x-amz-trailer-signature:\(signature)\r\n".utf8)
        }
        return framed + [0x0D, 0x0A]
    }

    private mutating func head(_ bytes: [UInt8]) -> [UInt8] {
        var text = String(bytes.count, radix: 16)
        if let signature = signatures?.signChunk(PayloadDigest(of: bytes)) { text += ";chunk-signature=" + signature }
        return Array((text + "\r\n").utf8)
    }
}
