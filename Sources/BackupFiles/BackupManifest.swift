package import JSONCore
package import TimeSource

/// What a backup holds: `manifest.json`, the file that is written last.
package struct BackupManifest: Sendable, Hashable {
    /// One file of the backup.
    package struct File: Sendable, Hashable {
        /// Its path inside the backup, with `/` between the parts.
        package let name: String
        /// Its length in bytes.
        package let size: Int64
        /// The SHA-256 of its bytes, as 64 lower-case hexadecimal digits.
        package let sha256: String

        /// A file of these facts.
        package init(name: String, size: Int64, sha256: String) {
            self.name = name
            self.size = size
            self.sha256 = sha256
        }
    }

    /// The manifest's name in the backup.
    package static let fileName = "manifest.json"
    /// The version of the layout that this program writes, and the newest that it reads.
    package static let format: Int64 = 1

    /// The version of the program that wrote the backup.
    package let programVersion: String
    /// The version of the database's schema.
    package let schemaVersion: Int
    /// How many restores the data has behind it.
    package let generation: Int64
    /// When the backup was begun.
    package let takenAt: Timestamp
    /// All files but the manifest itself.
    package let files: [File]

    /// A manifest of these facts.
    package init(programVersion: String, schemaVersion: Int, generation: Int64, takenAt: Timestamp, files: [File]) {
        self.programVersion = programVersion
        self.schemaVersion = schemaVersion
        self.generation = generation
        self.takenAt = takenAt
        self.files = files
    }

    /// The bytes of all files.
    package var size: Int64 { files.reduce(0) { $0 + $1.size } }

    /// The manifest as JSON.
    package var json: JSONValue {
        [
            "format": .integer(BackupManifest.format), "program": .text(programVersion), "schemaVersion": .integer(schemaVersion),
            "generation": .integer(generation), "takenAt": .text(takenAt.iso8601Milliseconds),
            "takenAtMilliseconds": .integer(takenAt.milliseconds),
            "files": .array(
                files.map { ["name": .text($0.name), "size": .integer($0.size), "sha256": .text($0.sha256)] }),
        ]
    }

    /// Reads a manifest.
    /// - Throws: when it is damaged, of a later layout, or names a file outside of the backup.
    package init(_ text: [UInt8]) throws(BackupError) {
        guard let root = try? JSONParser.parse(text), let format = root["format"]?.integer else {
            throw BackupError("the manifest is damaged")
        }
        guard format <= BackupManifest.format else {
            throw BackupError("the backup has layout \(format), this program knows \(BackupManifest.format): restore it with a newer nightshift")
        }
        guard let program = root["program"]?.text, let schema = root["schemaVersion"]?.integer,
            let generation = root["generation"]?.integer, let takenAt = root["takenAtMilliseconds"]?.integer,
            let entries = root["files"]?.array
        else { throw BackupError("the manifest is damaged") }
        var files: [File] = []
        for entry in entries {
            guard let name = entry["name"]?.text, let size = entry["size"]?.integer, let digest = entry["sha256"]?.text, size >= 0,
                digest.utf8.count == 64
            else { throw BackupError("the manifest is damaged") }
            guard BackupManifest.isInside(name) else { throw BackupError("the manifest names a file outside of the backup: \(name)") }
            files.append(File(name: name, size: size, sha256: digest))
        }
        guard Set(files.map { Array($0.name.utf8) }).count == files.count else { throw BackupError("the manifest names a file twice") }
        self.init(
            programVersion: program, schemaVersion: Int(schema), generation: generation, takenAt: Timestamp(milliseconds: takenAt),
            files: files)
    }

    private static func isInside(_ name: String) -> Bool {
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        return name != fileName && !name.utf8.contains(0) && parts.allSatisfy { !$0.isEmpty && $0 != "." && $0 != ".." }
    }
}
