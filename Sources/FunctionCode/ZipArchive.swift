/// A ZIP archive in memory: its directory, read and checked before anything is unpacked.
///
/// The format is PKWARE's APPNOTE 6.3.10; sections are named where they are read. Archives over several disks and encrypted ones are
/// refused, as is every name that could lead out of the folder it is unpacked to.
struct ZipArchive: Sendable {
    /// The entries in the order of the directory.
    let entries: [ZipEntry]
    /// The archive.
    let bytes: [UInt8]

    private static let mostEntries = 100_000
    private static let directoryEnd = 0x0605_4b50
    private static let wideLocator = 0x0706_4b50
    private static let wideDirectoryEnd = 0x0606_4b50
    private static let directoryEntry = 0x0201_4b50
    private static let localHeader = 0x0403_4b50

    /// Reads the directory of an archive that may unpack to `limit` bytes.
    init(_ bytes: [UInt8], limit: Int) throws(CodeError) {
        guard !bytes.isEmpty else { throw .empty }
        self.bytes = bytes
        let place = try ZipArchive.directory(of: bytes)
        guard place.count <= ZipArchive.mostEntries else { throw .unreadable("more than \(ZipArchive.mostEntries) entries") }
        guard var reader = ByteReader(bytes[...], at: place.offset) else { throw .unreadable("the directory lies outside of the file") }
        var entries: [ZipEntry] = []
        var total = 0
        for _ in 0..<place.count {
            guard let entry = try ZipArchive.entry(&reader) else { continue }
            total += entry.size
            guard total <= limit else { throw .tooLarge(limit: limit) }
            entries.append(entry)
        }
        guard !entries.isEmpty else { throw .empty }
        self.entries = entries
    }

    /// The stored bytes of an entry, after its local header (section 4.3.7).
    func content(of entry: ZipEntry) throws(CodeError) -> ArraySlice<UInt8> {
        guard var reader = ByteReader(bytes[...], at: entry.offset), reader.long() == ZipArchive.localHeader, reader.skip(22),
            let name = reader.short(), let extra = reader.short(), reader.skip(name + extra),
            let content = reader.take(entry.compressedSize)
        else { throw .unreadable("an entry lies outside of the file") }
        return content
    }

    // MARK: - Directory

    /// Finds the directory by the record at the file's end (sections 4.3.16, 4.3.14 and 4.3.15).
    private static func directory(of bytes: [UInt8]) throws(CodeError) -> (offset: Int, count: Int) {
        // The record has 22 bytes and a comment of at most 65,535.
        var place = bytes.count - 22
        let first = max(0, place - 65_535)
        while place >= first {
            defer { place -= 1 }
            guard var reader = ByteReader(bytes[...], at: place), reader.long() == directoryEnd, let disk = reader.short(),
                let directoryDisk = reader.short(), reader.skip(2), let count = reader.short(), let size = reader.long(),
                let offset = reader.long(), let comment = reader.short(), comment == bytes.count - place - 22
            else { continue }
            if count == 0xFFFF || size == 0xFFFF_FFFF || offset == 0xFFFF_FFFF { return try wideDirectory(of: bytes, before: place) }
            guard disk == 0, directoryDisk == 0 else { throw .unreadable("an archive of several files") }
            return (offset, count)
        }
        throw .unreadable("no directory at the end of the file")
    }

    private static func wideDirectory(of bytes: [UInt8], before place: Int) throws(CodeError) -> (offset: Int, count: Int) {
        guard var locator = ByteReader(bytes[...], at: place - 20), locator.long() == wideLocator, locator.skip(4),
            let offset = locator.wide(), var reader = ByteReader(bytes[...], at: offset), reader.long() == wideDirectoryEnd,
            reader.skip(28), let count = reader.wide(), reader.skip(8), let start = reader.wide()
        else { throw .unreadable("a damaged ZIP64 directory") }
        return (start, count)
    }

    /// One header of the directory (section 4.3.12); nil for the root folder itself.
    private static func entry(_ reader: inout ByteReader) throws(CodeError) -> ZipEntry? {
        guard reader.long() == directoryEntry, let maker = reader.short(), reader.skip(2), let flags = reader.short(),
            let methodNumber = reader.short(), reader.skip(4), let checksum = reader.long(), var compressedSize = reader.long(),
            var size = reader.long(), let nameLength = reader.short(), let extraLength = reader.short(),
            let commentLength = reader.short(), reader.skip(4), let attributes = reader.long(), var offset = reader.long(),
            let name = reader.take(nameLength), let extra = reader.take(extraLength), reader.skip(commentLength)
        else { throw .unreadable("a damaged directory") }
        guard flags & 1 == 0 else { throw .unreadable("an encrypted entry") }
        try widen(&size, &compressedSize, &offset, by: extra)
        let method: ZipEntry.Method
        switch methodNumber {
        case 0: method = .stored
        case 8: method = .deflated
        default: throw .unreadable("compression method \(methodNumber)")
        }
        let isFolderName = name.last == UInt8(ascii: "/")
        let path = try ZipPath.parts(of: name)
        guard !path.isEmpty else { return nil }
        return ZipEntry(
            path: path, kind: kind(maker: maker, attributes: attributes, isFolderName: isFolderName), method: method, offset: offset,
            compressedSize: compressedSize, size: size, checksum: UInt32(truncatingIfNeeded: checksum))
    }

    /// Takes the numbers that did not fit from the extra field 0x0001 (section 4.5.3).
    private static func widen(
        _ size: inout Int, _ compressedSize: inout Int, _ offset: inout Int, by extra: ArraySlice<UInt8>
    ) throws(CodeError) {
        guard size == 0xFFFF_FFFF || compressedSize == 0xFFFF_FFFF || offset == 0xFFFF_FFFF else { return }
        var fields = ByteReader(extra)
        while let id = fields.short(), let length = fields.short(), let body = fields.take(length) {
            guard id == 1 else { continue }
            var reader = ByteReader(body)
            if size == 0xFFFF_FFFF, let wide = reader.wide() { size = wide }
            if compressedSize == 0xFFFF_FFFF, let wide = reader.wide() { compressedSize = wide }
            if offset == 0xFFFF_FFFF, let wide = reader.wide() { offset = wide }
            return
        }
        throw .unreadable("a ZIP64 entry without its numbers")
    }

    /// Archives made on Unix (3) or macOS (19) carry the file's mode; others know folders by their name alone.
    private static func kind(maker: Int, attributes: Int, isFolderName: Bool) -> ZipEntry.Kind {
        let system = maker >> 8
        let mode = system == 3 || system == 19 ? attributes >> 16 : 0
        switch mode & 0o170000 {
        case 0o120000: return .link
        case 0o040000: return .directory
        default: return isFolderName ? .directory : .file(isExecutable: mode & 0o111 != 0)
        }
    }
}
