import BackupFiles
import JSONCore
import Testing
import TimeSource

@Suite("Manifest of a backup") struct BackupManifestTests {
    private static let digest = String(repeating: "0f", count: 32)

    private static func manifest(_ names: [String]) -> BackupManifest {
        BackupManifest(
            programVersion: "0.1.0", schemaVersion: 6, generation: 2, takenAt: Timestamp(milliseconds: 1_789_000_000_123),
            files: names.map { BackupManifest.File(name: $0, size: 7, sha256: digest) })
    }

    @Test func whatIsWrittenIsRead() throws {
        let manifest = BackupManifestTests.manifest(["nightshift.db", "logs/00000001/group"])
        #expect(try BackupManifest(Array(JSONWriter.pretty(manifest.json).utf8)) == manifest)
        #expect(manifest.size == 14)
    }

    @Test(arguments: ["../key", "/etc/passwd", "logs//group", "logs/./group", "logs/../../key", "", "manifest.json"])
    func aNameOutsideOfTheBackupIsRefused(name: String) {
        let text = JSONWriter.pretty(BackupManifestTests.manifest([name]).json)
        #expect(throws: BackupError.self) { try BackupManifest(Array(text.utf8)) }
    }

    @Test func aFileNamedTwiceIsRefused() {
        let text = JSONWriter.pretty(BackupManifestTests.manifest(["a", "a"]).json)
        #expect(throws: BackupError("the manifest names a file twice")) { try BackupManifest(Array(text.utf8)) }
    }

    @Test func aLaterLayoutIsRefusedByItsNumber() {
        let later = JSONWriter.text(of: BackupManifestTests.manifest([]).json).replacing("\"format\":1", with: "\"format\":2")
        #expect(throws: BackupError("the backup has layout 2, this program knows 1: restore it with a newer nightshift")) {
            try BackupManifest(Array(later.utf8))
        }
    }

    @Test(arguments: ["", "{}", "[1]", "{\"format\":1}", "{\"format\":1,\"program\":"])
    func whatIsNoManifestIsDamaged(text: String) {
        #expect(throws: BackupError("the manifest is damaged")) { try BackupManifest(Array(text.utf8)) }
    }
}
