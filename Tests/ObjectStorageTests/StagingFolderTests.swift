import Foundation
import Testing

@testable import ObjectStorage

struct StagingFolderTests {
    private func folder() async throws -> StagingFolder {
        try await StagingFolder(
            opening: FileManager.default.temporaryDirectory.appendingPathComponent("staging-\(UUID().uuidString)").path)
    }

    @Test func `pieces lie at their offsets, and the same again changes nothing`() async throws {
        let folder = try await folder()
        defer { folder.end() }
        try await folder.store([(0, [1, 2]), (2, [3])], in: "a")
        try await folder.store([(1, [2, 3, 4])], in: "a")
        try await folder.store([(0, [1, 2])], in: "a")
        #expect(try await folder.size(of: "a") == 4)
        #expect(try await folder.bytes(of: "a", at: 0, count: 10) == [1, 2, 3, 4])
        #expect(try await folder.bytes(of: "a", at: 3, count: 1) == [4])
    }

    @Test func `a gap reads as zeros`() async throws {
        let folder = try await folder()
        defer { folder.end() }
        try await folder.store([(3, [9])], in: "a")
        #expect(try await folder.bytes(of: "a", at: 0, count: 4) == [0, 0, 0, 9])
    }

    @Test func `files are listed and removed, twice too`() async throws {
        let folder = try await folder()
        defer { folder.end() }
        try await folder.store([(0, [1])], in: "a")
        try await folder.store([(0, [1])], in: "b")
        #expect(try await folder.names().sorted() == ["a", "b"])
        try await folder.remove(["a", "none"])
        try await folder.remove(["a"])
        #expect(try await folder.names() == ["b"])
        #expect(try await folder.size(of: "a") == nil)
        await #expect(throws: ObjectFileError.gone) { try await folder.bytes(of: "a", at: 0, count: 1) }
    }
}
