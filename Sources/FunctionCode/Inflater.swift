import CZlib

/// Unpacks one entry, piece by piece, and checks that it is what the directory says.
enum Inflater {
    private static let pieceSize = 1 << 18

    /// Hands the unpacked bytes of an entry to `write`. Never produces more bytes than the directory promised.
    static func unpack(
        _ content: ArraySlice<UInt8>, of entry: ZipEntry, to write: (UnsafeRawBufferPointer) throws(CodeError) -> Void
    ) throws(CodeError) {
        var result = (size: 0, checksum: uLong(0))
        func handOver(_ piece: UnsafeRawBufferPointer) throws(CodeError) {
            result.size += piece.count
            guard result.size <= entry.size else { throw .unreadable("an entry is larger than it says") }
            result.checksum = crc32_z(result.checksum, piece.baseAddress?.assumingMemoryBound(to: Bytef.self), piece.count)
            try write(piece)
        }
        switch entry.method {
        case .stored: try run(content) { (bytes) throws(CodeError) in try handOver(bytes) }
        case .deflated:
            try run(content) { (bytes) throws(CodeError) in
                try inflate(bytes) { (piece) throws(CodeError) in try handOver(piece) }
            }
        }
        guard result.size == entry.size, UInt32(truncatingIfNeeded: result.checksum) == entry.checksum else {
            throw .unreadable("an entry's checksum is wrong")
        }
    }

    private static func run(
        _ content: ArraySlice<UInt8>, _ body: (UnsafeRawBufferPointer) throws(CodeError) -> Void
    ) throws(CodeError) {
        let result = content.withUnsafeBytes { bytes -> Result<Void, CodeError> in
            do throws(CodeError) { return .success(try body(bytes)) } catch { return .failure(error) }
        }
        try result.get()
    }

    private static func inflate(
        _ content: UnsafeRawBufferPointer, to write: (UnsafeRawBufferPointer) throws(CodeError) -> Void
    ) throws(CodeError) {
        var stream = z_stream()
        guard nightshift_inflate_raw_init(&stream) == Z_OK else { throw .storage("zlib has no memory") }
        defer { inflateEnd(&stream) }
        // zlib only reads its input; its interface is older than `const`.
        stream.next_in = UnsafeMutablePointer(mutating: content.baseAddress?.assumingMemoryBound(to: Bytef.self))
        guard let length = UInt32(exactly: content.count) else { throw .unreadable("an entry of 4 GB") }
        stream.avail_in = length
        let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: pieceSize, alignment: 16)
        defer { piece.deallocate() }
        while true {
            stream.next_out = piece.baseAddress?.assumingMemoryBound(to: Bytef.self)
            stream.avail_out = UInt32(pieceSize)
            let code = CZlib.inflate(&stream, Z_NO_FLUSH)
            guard code == Z_OK || code == Z_STREAM_END else { throw .unreadable("an entry's compressed data is damaged") }
            let count = pieceSize - Int(stream.avail_out)
            if count > 0 { try write(UnsafeRawBufferPointer(rebasing: piece[..<count])) }
            if code == Z_STREAM_END { return }
            guard count > 0 || stream.avail_in > 0 else { throw .unreadable("an entry's compressed data ends too early") }
        }
    }
}
