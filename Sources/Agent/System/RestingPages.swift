import Glibc

/// Gives back what an agent at rest does not need.
///
/// Reading flags and looking up conformances touches tens of megabytes of the executable, which stay resident although nothing uses them
/// again; so does, to a lesser degree, each heartbeat. They are pages of a file: the kernel takes them back for the asking, and the few that
/// are used again come back from its cache.
enum RestingPages {
    /// Releases the code of this process's executable. What fails has no effect.
    static func release() {
        guard let maps = (try? PosixFile.read("/proc/self/maps")) ?? nil, let own = ownPath() else { return }
        let page = UInt(sysconf(Int32(_SC_PAGESIZE)))
        for line in maps.split(separator: 0x0A) {
            let fields = line.split(separator: 0x20, maxSplits: 5, omittingEmptySubsequences: true)
            // Address, permissions, offset, device, inode, path. Nothing but code: other pages that are read-only by now were written to
            // when the program was relocated, and the file does not have that.
            guard fields.count == 6, fields[1].elementsEqual("r-xp".utf8), fields[5].drop(while: { $0 == 0x20 }).elementsEqual(own.utf8)
            else { continue }
            let bounds = fields[0].split(separator: UInt8(ascii: "-")).compactMap { UInt(String(decoding: $0, as: UTF8.self), radix: 16) }
            guard bounds.count == 2, bounds[0] < bounds[1], bounds[0] % page == 0 else { continue }
            madvise(UnsafeMutableRawPointer(bitPattern: bounds[0]), Int(bounds[1] - bounds[0]), Int32(MADV_DONTNEED))
        }
    }

    private static func ownPath() -> String? {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
        let length = readlink("/proc/self/exe", &buffer, buffer.count - 1)
        return length > 0 ? String(decoding: buffer.prefix(length).map { UInt8(bitPattern: $0) }, as: UTF8.self) : nil
    }
}
