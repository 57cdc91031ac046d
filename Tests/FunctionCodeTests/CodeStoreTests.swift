import Foundation
import Testing

@testable import FunctionCode

/// A store in a folder of its own, removed with it.
private final class Place {
    let path: String

    init() {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("code-\(UUID().uuidString)").path
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func store(limit: Int = CodeStore.unpackedLimit) throws -> CodeStore { try CodeStore(directory: path, limit: limit) }

    func text(_ file: String) -> String? { FileManager.default.contents(atPath: file).map { String(decoding: $0, as: UTF8.self) } }

    func mode(_ file: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int
    }

    func names(_ folder: String) -> [String] { CodeStore.names(in: path + "/" + folder).sorted() }
}

@Suite("The code store") struct CodeStoreTests {
    private let place = Place()

    private func refusal(_ entries: [ZipWriter.Entry], limit: Int = 1_000_000) async throws -> CodeError? {
        let store = try place.store(limit: limit)
        do throws(CodeError) {
            _ = try await store.add(ZipWriter.archive(entries))
            return nil
        } catch {
            #expect(place.names("unpacked").isEmpty, "nothing of a refused archive may stay")
            #expect(place.names("archives").isEmpty)
            return error
        }
    }

    @Test func anArchiveIsUnpackedAndKeptAsItCame() async throws {
        let store = try place.store()
        let archive = ZipWriter.archive(
            [
                .init("index.py", "print('first line')\n", mode: 0o100644), .init("lib/", mode: 0o040755),
                .init("lib/deep/tool", String(repeating: "abc", count: 200_000), mode: 0o100755, isDeflated: true),
                .init("from-dos.txt", "text"), .init("./same/./place", "dots", mode: 0o100600),
            ], comment: "a comment at the end")
        let digest = try await store.add(archive)
        let code = store.codeDirectory(digest)
        #expect(place.text(code + "/index.py") == "print('first line')\n")
        #expect(place.text(code + "/lib/deep/tool")?.utf8.count == 600_000)
        #expect(place.text(code + "/same/place") == "dots")
        #expect(try place.mode(code + "/lib/deep/tool") == 0o755)
        #expect(try place.mode(code + "/index.py") == 0o644)
        #expect(try place.mode(code + "/same/place") == 0o644, "code is readable whatever the archive says")
        #expect(try place.mode(code + "/lib") == 0o755)
        #expect(try await store.archive(digest) == archive)
        #expect(try await store.add(archive) == digest)
        #expect(place.names("temporary").isEmpty)
    }

    @Test func ofTwoEntriesWithOneNameTheLastStays() async throws {
        let store = try place.store()
        let digest = try await store.add(ZipWriter.archive([.init("a", "first"), .init("a", "second")]))
        #expect(place.text(store.codeDirectory(digest) + "/a") == "second")
    }

    @Test func linksWithinTheArchiveAreMade() async throws {
        let store = try place.store()
        let digest = try await store.add(
            ZipWriter.archive([
                .init("bin/tool", "../lib/tool.sh", mode: 0o120777), .init("lib/tool.sh", "#!/bin/sh\n", mode: 0o100755),
            ]))
        #expect(place.text(store.codeDirectory(digest) + "/bin/tool") == "#!/bin/sh\n")
    }

    @Test(arguments: ["/etc/passwd", "../outside", "a/../../outside", "a/.."]) func namesThatLeadOutAreRefused(_ name: String) async throws
    {
        #expect(try await refusal([.init(name, "x")]) == .unsafe(name))
    }

    @Test(arguments: ["/etc/passwd", "..", "../../x", "sub/..", "a/../../x", ""]) func linksThatLeadOutAreRefused(_ target: String)
        async throws
    {
        #expect(try await refusal([.init("link", target, mode: 0o120777)]) == .unsafe("link"))
    }

    @Test func nothingIsWrittenThroughALink() async throws {
        #expect(
            try await refusal([.init("link", "sub", mode: 0o120777), .init("link/file", "x"), .init("sub/a", "x")]) == .unsafe("link"))
        #expect(try await refusal([.init("name", "x"), .init("name/file", "x")]) == .unsafe("name"))
    }

    @Test func whatIsLargerThanTheLimitIsRefused() async throws {
        let text = String(repeating: "0", count: 600)
        #expect(try await refusal([.init("a", text), .init("b", text)], limit: 1_000) == .tooLarge(limit: 1_000))
    }

    @Test func anEntryThatLiesAboutItselfIsRefused() async throws {
        let text = String(repeating: "0", count: 100_000)
        #expect(
            try await refusal([.init("bomb", text, claimedSize: 10, isDeflated: true)], limit: 1_000)
                == .unreadable("an entry is larger than it says"))
        #expect(try await refusal([.init("a", "x", claimedSize: 2)]) == .unreadable("an entry's checksum is wrong"))
        #expect(try await refusal([.init("a", "x", claimedChecksum: 1)]) == .unreadable("an entry's checksum is wrong"))
        #expect(try await refusal([.init("a", "x", flags: 1)]) == .unreadable("an encrypted entry"))
    }

    @Test func whatIsNoArchiveIsRefused() async throws {
        let store = try place.store()
        await #expect(throws: CodeError.empty) { try await store.add([]) }
        await #expect(throws: CodeError.empty) { try await store.add(ZipWriter.archive([])) }
        await #expect(throws: CodeError.unreadable("no directory at the end of the file")) { try await store.add(Array("hello".utf8)) }
    }

    /// Whatever byte of an archive is damaged, it is taken or refused, and never stops the server.
    @Test func noDamageTraps() throws {
        let archive = ZipWriter.archive([
            .init("index.py", "print('first line')\n", mode: 0o100644), .init("b", String(repeating: "b", count: 900), isDeflated: true),
        ])
        for index in archive.indices {
            for value: UInt8 in [0, 0xFF, archive[index] ^ 0x41] {
                var damaged = archive
                damaged[index] = value
                do throws(CodeError) {
                    let zip = try ZipArchive(damaged, limit: 1_000_000)
                    for entry in zip.entries {
                        try Inflater.unpack(try zip.content(of: entry), of: entry) { _ throws(CodeError) in }
                    }
                } catch {
                    continue
                }
            }
            _ = try? ZipArchive(Array(archive[..<index]), limit: 1_000_000)
        }
    }

    @Test func whatNoFunctionHasIsSwept() async throws {
        let store = try place.store()
        let kept = try await store.add(ZipWriter.archive([.init("a", "kept")]))
        let removed = try await store.add(ZipWriter.archive([.init("a", "removed")]))
        try await store.sweep(keeping: [kept])
        #expect(place.text(store.codeDirectory(kept) + "/a") == "kept")
        #expect(try await store.archive(removed) == nil)
        #expect(place.names("unpacked") == [kept.hexadecimal])
        #expect(place.names("archives") == [kept.hexadecimal + ".zip"])
    }
}
