import CZlib

/// Makes ZIP archives for tests, also ones that no honest tool makes.
struct ZipWriter {
    /// One entry to write.
    struct Entry {
        var name: String
        var content: [UInt8]
        /// The Unix mode, type included; nil writes an entry as on MS-DOS.
        var mode: Int?
        /// What the directory says instead of the content's own size.
        var claimedSize: Int?
        var claimedChecksum: UInt32?
        var flags = 0
        var isDeflated = false

        init(
            _ name: String, _ text: String = "", mode: Int? = nil, claimedSize: Int? = nil, claimedChecksum: UInt32? = nil, flags: Int = 0,
            isDeflated: Bool = false
        ) {
            self.name = name
            content = Array(text.utf8)
            self.mode = mode
            self.claimedSize = claimedSize
            self.claimedChecksum = claimedChecksum
            self.flags = flags
            self.isDeflated = isDeflated
        }
    }

    /// The archive of some entries.
    static func archive(_ entries: [Entry], comment: String = "") -> [UInt8] {
        var bytes: [UInt8] = []
        var directory: [UInt8] = []
        for entry in entries {
            let stored = entry.isDeflated ? deflate(entry.content) : entry.content
            let checksum = entry.claimedChecksum ?? UInt32(truncatingIfNeeded: crc32(0, entry.content, UInt32(entry.content.count)))
            let size = entry.claimedSize ?? entry.content.count
            let common =
                short(20) + short(entry.flags) + short(entry.isDeflated ? 8 : 0) + long(0) + long(Int(checksum)) + long(stored.count)
                + long(size) + short(entry.name.utf8.count) + short(0)
            let maker = entry.mode == nil ? 20 : 3 << 8 | 20
            directory += long(0x0201_4b50) + short(maker) + common + short(0) + short(0) + short(0)
            directory += long((entry.mode ?? 0) << 16) + long(bytes.count) + Array(entry.name.utf8)
            bytes += long(0x0403_4b50) + common + Array(entry.name.utf8) + stored
        }
        let start = bytes.count
        bytes += directory
        bytes += long(0x0605_4b50) + short(0) + short(0) + short(entries.count) + short(entries.count) + long(directory.count)
        return bytes + long(start) + short(comment.utf8.count) + Array(comment.utf8)
    }

    private static func short(_ value: Int) -> [UInt8] { [UInt8(value & 0xFF), UInt8(value >> 8 & 0xFF)] }
    private static func long(_ value: Int) -> [UInt8] { short(value & 0xFFFF) + short(value >> 16 & 0xFFFF) }

    private static func deflate(_ content: [UInt8]) -> [UInt8] {
        var length = compressBound(UInt(content.count))
        var packed = [UInt8](repeating: 0, count: Int(length))
        compress2(&packed, &length, content, UInt(content.count), 9)
        // zlib's own frame is two bytes before and four behind.
        return Array(packed[2..<Int(length) - 4])
    }
}
