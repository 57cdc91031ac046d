/// Takes the framing of `aws-chunked` off a body while it arrives, and verifies the signature of each chunk and of the trailers.
///
/// A chunk is its length in hexadecimal, perhaps `;chunk-signature=…`, CR LF, the bytes, CR LF. One of length 0 ends the body, followed
/// by trailers where the body has them, and an empty line. The bytes of a chunk are handed on before the chunk's signature is verified, which
/// keeps memory small; they may be used only once `isComplete` is true.
package struct ChunkedBodyDecoder: Sendable {
    /// What is wrong with a body.
    package enum Failure: Error, Sendable, Equatable {
        /// The framing is not that of chunks.
        case malformed(String)
        /// A chunk or the trailers are not what was signed.
        case signature(SignatureError)
    }

    private enum State {
        case chunkHead
        case data(remaining: Int64)
        case dataEnd
        case trailers
        case lastLineEnd
        case complete
    }

    /// No line of a chunk's head is longer, and the trailers together have no more.
    private static let lineLimit = 4_096
    /// The most bytes of one chunk; beyond that the length is nonsense.
    private static let chunkLimit: Int64 = 5 << 30

    private let hasTrailers: Bool
    private var signatures: ChunkSignatures?
    private var state = State.chunkHead
    private var line: [UInt8] = []
    private var hasher = PayloadHasher()
    private var chunkSignature: [UInt8] = []
    private var trailerBytes = 0
    private var signedTrailers: [UInt8] = []
    private var trailerSignature: [UInt8]?
    /// The trailers by their names in lower case, without their signature; verified once `isComplete` is true.
    package private(set) var trailers: [String: String] = [:]

    /// A decoder.
    /// - Parameters:
    ///   - signatures: the chain of the chunks' signatures; nil when they have none.
    ///   - hasTrailers: whether trailers follow the last chunk.
    package init(signatures: ChunkSignatures?, hasTrailers: Bool) {
        self.signatures = signatures
        self.hasTrailers = hasTrailers
    }

    /// Whether the last chunk and the trailers have come and all signatures are right.
    package var isComplete: Bool { if case .complete = state { true } else { false } }

    /// Decodes the next bytes of the body, appending those of the content.
    package mutating func decode(_ input: UnsafeRawBufferPointer, into output: inout [UInt8]) throws(Failure) {
        var rest = input[...]
        while !rest.isEmpty {
            switch state {
            case .data(let remaining):
                let count = Int(min(remaining, Int64(rest.count)))
                let piece = UnsafeRawBufferPointer(rebasing: rest.prefix(count))
                output.append(contentsOf: piece)
                if signatures != nil { hasher.update(piece) }
                rest = rest.dropFirst(count)
                state = remaining == Int64(count) ? .dataEnd : .data(remaining: remaining - Int64(count))
            case .complete:
                throw .malformed("There are bytes after the last chunk.")
            case .chunkHead, .dataEnd, .trailers, .lastLineEnd:
                guard let end = rest.firstIndex(of: 0x0A) else {
                    line.append(contentsOf: rest)
                    try checkLine()
                    return
                }
                line.append(contentsOf: rest[..<end])
                rest = rest[(end + 1)...]
                try checkLine()
                guard line.popLast() == 0x0D else { throw .malformed("A line of the framing does not end with CR LF.") }
                try take(line)
                line.removeAll(keepingCapacity: true)
            }
        }
    }

    private func checkLine() throws(Failure) {
        guard line.count <= Self.lineLimit else { throw .malformed("A line of the framing is too long.") }
    }

    /// A line without its end.
    private mutating func take(_ line: [UInt8]) throws(Failure) {
        switch state {
        case .chunkHead: try takeHead(line)
        case .dataEnd:
            guard line.isEmpty else { throw .malformed("A chunk has more bytes than its length says.") }
            try verifyChunk()
            state = .chunkHead
        case .trailers: try takeTrailer(line)
        case .lastLineEnd:
            guard line.isEmpty else { throw .malformed("There are bytes after the last chunk.") }
            state = .complete
        case .data, .complete: return
        }
    }

    private mutating func takeHead(_ line: [UInt8]) throws(Failure) {
        let end = line.firstIndex(of: UInt8(ascii: ";")) ?? line.endIndex
        guard end > 0, end <= 16, let length = Int64(ASCII.text(line[..<end]), radix: 16), (0...Self.chunkLimit).contains(length) else {
            throw .malformed("The length of a chunk is not a hexadecimal number.")
        }
        if signatures != nil {
            let name = Array(";chunk-signature=".utf8)
            let extensions = line[end...]
            guard extensions.starts(with: name), extensions.count == name.count + 64,
                let signature = Hexadecimal.bytes(extensions.dropFirst(name.count))
            else { throw .malformed("A chunk has no signature.") }
            chunkSignature = signature
            hasher = PayloadHasher()
        }
        guard length == 0 else {
            state = .data(remaining: length)
            return
        }
        try verifyChunk()
        state = hasTrailers ? .trailers : .lastLineEnd
    }

    private mutating func verifyChunk() throws(Failure) {
        do throws(SignatureError) {
            try signatures?.verifyChunk(hasher.finalize(), signature: chunkSignature)
        } catch {
            throw .signature(error)
        }
    }

    private mutating func takeTrailer(_ line: [UInt8]) throws(Failure) {
        if line.isEmpty {
            try verifyTrailers()
            state = .complete
            return
        }
        trailerBytes += line.count
        guard trailerBytes <= Self.lineLimit, trailerSignature == nil, let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > 0
        else { throw .malformed("The trailers are not well-formed.") }
        let name = ASCII.text(line[..<colon].map(ASCII.lowercased))
        let value = ASCII.text(Self.trimmed(line[(colon + 1)...]))
        if name == "x-amz-trailer-signature" {
            let digits = Array(value.utf8)
            trailerSignature = digits.count == 64 ? Hexadecimal.bytes(digits) ?? [] : []
            return
        }
        guard trailers.updateValue(value, forKey: name) == nil else { throw .malformed("A trailer comes twice.") }
        signedTrailers.append(contentsOf: "\(name):\(value)\n".utf8)
    }

    private mutating func verifyTrailers() throws(Failure) {
        guard signatures != nil else {
            guard trailerSignature == nil else { throw .malformed("The trailers are signed, the chunks are not.") }
            return
        }
        guard let trailerSignature else { throw .malformed("The trailers have no signature.") }
        do throws(SignatureError) {
            try signatures?.verifyTrailers(signedTrailers, signature: trailerSignature)
        } catch {
            throw .signature(error)
        }
    }

    private static func trimmed(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var bytes = bytes.drop(while: ASCII.isSpace)
        while let last = bytes.last, ASCII.isSpace(last) { bytes.removeLast() }
        return bytes
    }
}
