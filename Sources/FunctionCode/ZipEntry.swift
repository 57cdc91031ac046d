/// One entry of a ZIP archive's directory.
struct ZipEntry: Sendable, Equatable {
    /// What an entry becomes on the disk.
    enum Kind: Sendable, Equatable {
        /// A file; whether it may be executed.
        case file(isExecutable: Bool)
        /// A folder.
        case directory
        /// A symbolic link; its content is its target.
        case link
    }

    /// How the content is stored (APPNOTE 6.3.10, section 4.4.5).
    enum Method: Sendable, Equatable {
        case stored
        case deflated
    }

    /// The parts of the name, none of them empty, `.` or `..`.
    var path: [String]
    /// What it is.
    var kind: Kind
    /// How it is stored.
    var method: Method
    /// Where its local header begins.
    var offset: Int
    /// Bytes in the archive.
    var compressedSize: Int
    /// Bytes unpacked.
    var size: Int
    /// CRC-32 of the unpacked bytes.
    var checksum: UInt32
}
