import Store

/// Removes the files of earlier processes that no row names: what a crash left between a file and its row, or between a row and the
/// removal of its file; and after a restore, what is newer than the database.
///
/// Rows that name such files only become fewer while the server runs, so the rows may be read one page after the other.
struct OrphanSweep {
    /// The files.
    let files: ObjectFiles
    /// Whose rows name those that stay.
    let database: any Database

    private static let page = 1000

    /// Sweeps once. Returns how many files were removed.
    func run() async throws -> Int {
        let named = try await namedFiles()
        var removed = 0
        for group in files.folder.groups {
            try Task.checkCancellation()
            let era = files.era
            removed += try await files.onDisk { folder throws(ObjectFileError) in
                var removed = 0
                for id in try folder.ids(in: group) where !id.hasPrefix(era) && !named.contains(id) {
                    if folder.remove(id) { removed += 1 }
                }
                return removed
            }
        }
        return removed
    }

    private func namedFiles() async throws -> FileNames {
        var named = FileNames()
        var object: (bucket: Int64, key: ObjectKey)?
        repeat {
            try Task.checkCancellation()
            let page = try await database.read { [object] in
                try ObjectRecordStore.files(after: object, limit: OrphanSweep.page, in: $0)
            }
            named.add(page.ids)
            object = page.last
        } while object != nil
        var part: (owner: String, number: Int)?
        repeat {
            try Task.checkCancellation()
            let page = try await database.read { [part] in try UploadStore.files(after: part, limit: OrphanSweep.page, in: $0) }
            named.add(page.names)
            part = page.last
        } while part != nil
        named.sort()
        return named
    }
}

/// The names of many files in 8 bytes each. Two names may stand for each other, so that one file in very many is kept too long.
struct FileNames: Sendable {
    private var digests: [UInt64] = []

    /// Adds names.
    mutating func add(_ names: [String]) {
        for name in names { digests.append(FileNames.digest(name)) }
    }

    /// Must be called once, before names are looked up.
    mutating func sort() { digests.sort() }

    /// Whether a name was added.
    func contains(_ name: String) -> Bool {
        let wanted = FileNames.digest(name)
        var low = 0
        var high = digests.count
        while low < high {
            let middle = (low + high) / 2
            if digests[middle] < wanted { low = middle + 1 } else { high = middle }
        }
        return low < digests.count && digests[low] == wanted
    }

    /// FNV-1a with 64 bits.
    private static func digest(_ name: String) -> UInt64 {
        name.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }
}
