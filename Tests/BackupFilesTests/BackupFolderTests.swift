import BackupFiles
import Foundation
import Testing
import TimeSource

@Suite("Folder of a backup") struct BackupFolderTests {
    private static func complete(_ backup: BackupFolder, _ files: [BackupManifest.File]) throws {
        try backup.complete(
            BackupManifest(programVersion: "0.1.0", schemaVersion: 6, generation: 0, takenAt: Timestamp(milliseconds: 0), files: files))
    }

    private static func copied(_ backup: BackupFolder, _ source: String, _ name: String, length: Int64? = nil) throws -> BackupManifest.File {
        try #require(try backup.copy(source, as: name, length: length))
    }

    @Test func itAppearsAtItsDestinationWholeAndPrivate() throws {
        let folder = try Folder()
        let source = try folder.write("source", "abc")
        let backup = try BackupFolder(for: folder.path + "/backup/", tag: "1")
        let file = try BackupFolderTests.copied(backup, source, "logs/1/group")
        #expect(!FileManager.default.fileExists(atPath: folder.path + "/backup"))
        try BackupFolderTests.complete(backup, [file])
        #expect(
            folder.listing.filter { $0.hasPrefix("backup") } == [
                "backup 700", "backup/logs 700", "backup/logs/1 700", "backup/logs/1/group 600", "backup/manifest.json 600",
            ])
        // FIPS 180-2, appendix B.1.
        #expect(file.sha256 == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        #expect(try StoredBackup(at: folder.path + "/backup").manifest.files == [file])
    }

    @Test func anEmptyDirectoryIsTakenAndAFullOneRefused() throws {
        let folder = try Folder()
        try FileManager.default.createDirectory(atPath: folder.path + "/empty", withIntermediateDirectories: false)
        try BackupFolderTests.complete(try BackupFolder(for: folder.path + "/empty", tag: "1"), [])
        #expect(throws: BackupError.self) { try BackupFolder(for: folder.path + "/empty", tag: "2") }
        #expect(folder.listing == ["empty 700", "empty/manifest.json 600"])
    }

    @Test func aDirectoryThatFilledMeanwhileIsNotReplaced() throws {
        let folder = try Folder()
        let backup = try BackupFolder(for: folder.path + "/backup", tag: "1")
        try folder.write("backup/other", "x")
        #expect(throws: BackupError.self) { try BackupFolderTests.complete(backup, []) }
        backup.remove()
        #expect(folder.text("backup/other") == "x")
        #expect(folder.listing.count == 2)
    }

    @Test(arguments: ["relative", "/proc/nowhere/backup"])
    func aDestinationThatCannotBeWrittenIsToldAtOnce(destination: String) {
        #expect(throws: BackupError.self) { try BackupFolder(for: destination, tag: "1") }
    }

    @Test func removingLeavesNothing() throws {
        let folder = try Folder()
        let source = try folder.write("source", "abc")
        let backup = try BackupFolder(for: folder.path + "/backup", tag: "1")
        _ = try BackupFolderTests.copied(backup, source, "a/b/c")
        backup.remove()
        #expect(folder.listing.map { $0.prefix(6) } == ["source"])
    }

    @Test func ofAGrowingFileTheFirstBytesAreTaken() throws {
        let folder = try Folder()
        let source = try folder.write("log", "first,second")
        let backup = try BackupFolder(for: folder.path + "/backup", tag: "1")
        let file = try BackupFolderTests.copied(backup, source, "log", length: 6)
        #expect(file.size == 6)
        try BackupFolderTests.complete(backup, [file])
        #expect(folder.text("backup/log") == "first,")
        let other = try BackupFolder(for: folder.path + "/other", tag: "1")
        #expect(throws: BackupError.self) { try other.copy(source, as: "log", length: 100) }
        #expect(try other.copy(folder.path + "/absent", as: "absent") == nil)
    }

    @Test func aLinkIsNotFollowed() throws {
        let folder = try Folder()
        try folder.write("secret", "x")
        try FileManager.default.createSymbolicLink(atPath: folder.path + "/link", withDestinationPath: folder.path + "/secret")
        let backup = try BackupFolder(for: folder.path + "/backup", tag: "1")
        #expect(throws: BackupError.self) { try backup.copy(folder.path + "/link", as: "link") }
    }

    @Test func anotherFilesBytesAreTakenUp() throws {
        let folder = try Folder()
        let backup = try BackupFolder(for: folder.path + "/backup", tag: "1")
        try Data("abc".utf8).write(to: URL(fileURLWithPath: try backup.path(of: "nightshift.db")))
        #expect(try backup.takeUp("nightshift.db").size == 3)
        #expect(throws: BackupError.self) { try backup.takeUp("absent") }
    }

    @Test(arguments: ["cut", "changed", "missing"])
    func aDamagedFileIsNotRestored(damage: String) throws {
        let folder = try Folder()
        let backup = try BackupFolder(for: folder.path + "/backup", tag: "1")
        let file = try BackupFolderTests.copied(backup, try folder.write("source", "abc"), "key")
        try BackupFolderTests.complete(backup, [file])
        switch damage {
        case "cut": try folder.write("backup/key", "ab")
        case "changed": try folder.write("backup/key", "abd")
        default: try FileManager.default.removeItem(atPath: folder.path + "/backup/key")
        }
        let stored = try StoredBackup(at: folder.path + "/backup")
        #expect(throws: BackupError.self) { try stored.restore(file, to: folder.path) }
        #expect(throws: BackupError.self) { try stored.verify(file) }
    }
}
