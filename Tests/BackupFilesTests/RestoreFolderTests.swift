import BackupFiles
import Foundation
import Testing

@Suite("Folder of a restore") struct RestoreFolderTests {
    @Test func itIsMarkedUntilItIsComplete() throws {
        let folder = try Folder()
        let restore = try RestoreFolder(at: folder.path + "/data")
        #expect(folder.listing == ["data 700", "data/lock 600", "data/restore-incomplete 600"])
        try restore.complete()
        #expect(folder.listing == ["data 700", "data/lock 600"])
    }

    @Test func anInterruptedRestoreAndAFullDirectoryAreRefused() throws {
        let folder = try Folder()
        _ = try RestoreFolder(at: folder.path + "/data")
        let error = #expect(throws: BackupError.self) { try RestoreFolder(at: folder.path + "/data") }
        #expect(error?.description.contains("interrupted") == true)
        try folder.write("full/file", "x")
        #expect(throws: BackupError.self) { try RestoreFolder(at: folder.path + "/full") }
    }

    @Test func aFileSystemOfItsOwnIsTaken() throws {
        let folder = try Folder()
        try FileManager.default.createDirectory(atPath: folder.path + "/data/lost+found", withIntermediateDirectories: true)
        try RestoreFolder(at: folder.path + "/data").complete()
    }
}
