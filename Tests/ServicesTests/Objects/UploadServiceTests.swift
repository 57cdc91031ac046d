import AWSProtocols
import Testing
import TimeSource

@testable import Services

struct UploadServiceTests {
    private func begun(_ more: APIStructure = [:]) async throws -> (ObjectStory, APIStructure) {
        let story = try await ObjectStory()
        try await story.bucket()
        let answer = try await story.call("CreateMultipartUpload", ObjectStory.input("key", more))
        return (story, ["UploadId": answer["UploadId"] ?? .null])
    }

    private func add(_ number: Int, _ text: String, _ story: ObjectStory, _ upload: APIStructure) async throws -> APIValue {
        let answer = try await story.call(
            "UploadPart",
            ObjectStory.input("key", upload, ["PartNumber": .integer(Int64(number)), "Body": .blob(Array(text.utf8))]))
        return ["PartNumber": .integer(Int64(number)), "ETag": answer["ETag"] ?? .null]
    }

    private func complete(_ parts: [APIValue], _ upload: APIStructure, _ more: APIStructure = [:]) -> APIStructure {
        ObjectStory.input("key", upload, more, ["MultipartUpload": ["Parts": .list(parts)]])
    }

    private static let large = String(repeating: "x", count: 5 << 20)

    @Test func anUploadBecomesAnObjectWithItsFacts() async throws {
        let (story, upload) = try await begun(["ContentType": "text/plain", "Metadata": ["m": "1"]])
        let parts = [try await add(1, UploadServiceTests.large, story, upload), try await add(2, "end", story, upload)]
        let answer = try await story.call("CompleteMultipartUpload", complete(parts, upload))
        #expect(answer.string("ETag")?.hasSuffix("-2\"") == true)
        #expect(answer.string("ChecksumType") == "FULL_OBJECT")
        let object = try await story.call("HeadObject", ObjectStory.input("key", ["PartNumber": 2]))
        #expect(object.integer("ContentLength") == 3)
        #expect(object.integer("PartsCount") == 2)
        #expect(object.string("ContentType") == "text/plain")
        #expect(try await story.text("key", ["PartNumber": 2]) == "end")
        #expect(try await story.text("key", ["Range": "bytes=-4"]) == "xend")
        #expect(await story.error("GetObject", ObjectStory.input("key", ["PartNumber": 3]))?.httpStatus == 416)
        // Asked again because the answer was lost.
        #expect(try await story.call("CompleteMultipartUpload", complete(parts, upload)).string("ETag") == answer.string("ETag"))
        let copy = try await story.call("CopyObject", ObjectStory.input("copy", ["CopySource": "bucket/key"]))
        #expect(copy.structure("CopyObjectResult")?.string("ETag")?.contains("-") == false)
        #expect(try await story.text("copy", ["Range": "bytes=-4"]) == "xend")
    }

    @Test func partsMayBeCopied() async throws {
        let (story, upload) = try await begun()
        try await story.put("source", "0123456789")
        let answer = try await story.call(
            "UploadPartCopy",
            ObjectStory.input("key", upload, ["PartNumber": 1, "CopySource": "bucket/source", "CopySourceRange": "bytes=2-4"]))
        let part: APIValue = ["PartNumber": 1, "ETag": answer.structure("CopyPartResult")?["ETag"] ?? .null]
        try await story.call("CompleteMultipartUpload", complete([part], upload))
        #expect(try await story.text("key") == "234")
        let (_, second) = (
            story,
            ["UploadId": try await story.call("CreateMultipartUpload", ObjectStory.input("key"))["UploadId"] ?? .null] as APIStructure
        )
        for range in ["bytes=2-10", "bytes=-3", "2-3"] {
            let input = ObjectStory.input(
                "key", second, ["PartNumber": 1, "CopySource": "bucket/source", "CopySourceRange": .string(range)])
            #expect(await story.error("UploadPartCopy", input)?.code == "InvalidArgument")
        }
        let behind = ObjectStory.input(
            "key", second, ["PartNumber": 1, "CopySource": "bucket/source", "CopySourceRange": "bytes=10-12"])
        #expect(await story.error("UploadPartCopy", behind)?.code == "InvalidRequest")
    }

    @Test func checksumsOfPartsAreThoseOfTheUpload() async throws {
        let (story, upload) = try await begun(["ChecksumAlgorithm": "SHA256"])
        let bare = try await add(1, "hello", story, upload)
        let other = ObjectStory.input("key", upload, ["PartNumber": 2, "Body": .blob([]), "ChecksumAlgorithm": "CRC32"])
        #expect(await story.error("UploadPart", other)?.code == "InvalidRequest")
        #expect(await story.error("CompleteMultipartUpload", complete([bare], upload))?.code == "InvalidRequest")
        var part = try #require(bare.structure)
        part["ChecksumSHA256"] = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
        #expect(await story.error("CompleteMultipartUpload", complete([.structure(part)], upload))?.code == "InvalidPart")
        part["ChecksumSHA256"] = "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ="
        let answer = try await story.call("CompleteMultipartUpload", complete([.structure(part)], upload))
        #expect(answer.string("ChecksumType") == "COMPOSITE")
        #expect(answer.string("ChecksumSHA256")?.hasSuffix("-1") == true)
        let attributes = try await story.call(
            "GetObjectAttributes",
            ObjectStory.input("key", ["ObjectAttributes": ["ETag", "Checksum", "ObjectParts", "ObjectSize", "StorageClass"]]))
        #expect(attributes.integer("ObjectSize") == 5)
        #expect(attributes.structure("Checksum")?.string("ChecksumSHA256")?.contains("-") == false)
        #expect(attributes.structure("ObjectParts")?.integer("TotalPartsCount") == 1)
        #expect(
            attributes.structure("ObjectParts")?.structures("Parts").first?.string("ChecksumSHA256")
                == "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=")
    }

    @Test(
        arguments: [
            ["ChecksumAlgorithm": "SHA256", "ChecksumType": "FULL_OBJECT"],
            ["ChecksumAlgorithm": "CRC64NVME", "ChecksumType": "COMPOSITE"],
            ["ChecksumType": "COMPOSITE"],
        ] as [APIStructure])
    func someChecksumsCannotBe(members: APIStructure) async throws {
        let story = try await ObjectStory()
        try await story.bucket()
        #expect(await story.error("CreateMultipartUpload", ObjectStory.input("key", members))?.code == "InvalidRequest")
    }

    @Test func aListOfPartsThatDoesNotFitIsRefused() async throws {
        let (story, upload) = try await begun()
        let first = try await add(1, "a", story, upload)
        let second = try await add(2, "b", story, upload)
        let cases: [([APIValue], String)] = [
            ([first, second], "EntityTooSmall"), ([second, first], "InvalidPartOrder"), ([["PartNumber": 3, "ETag": "x"]], "InvalidPart"),
            ([], "MalformedXML"),
        ]
        for (parts, code) in cases {
            #expect(await story.error("CompleteMultipartUpload", complete(parts, upload))?.code == code)
        }
        #expect(await story.error("CompleteMultipartUpload", ObjectStory.input("key", upload))?.code == "InvalidRequest")
        let other: APIStructure = ["UploadId": "other"]
        #expect(await story.error("CompleteMultipartUpload", complete([first], other))?.code == "NoSuchUpload")
        #expect(await story.error("CompleteMultipartUpload", complete([second], upload, ["MpuObjectSize": 9]))?.code == "InvalidRequest")
    }

    @Test func anObjectWrittenDuringAnUploadIsAConflict() async throws {
        let story = try await ObjectStory()
        try await story.bucket()
        try await story.put("key", "text")
        story.clock.advance(by: .seconds(1))
        let upload: APIStructure = [
            "UploadId": try await story.call("CreateMultipartUpload", ObjectStory.input("key"))["UploadId"] ?? .null
        ]
        let part = try await add(1, "part", story, upload)
        story.clock.advance(by: .seconds(1))
        let etag = try #require(try await story.put("key", "text")["ETag"])
        #expect(
            await story.error("CompleteMultipartUpload", complete([part], upload, ["IfMatch": etag]))?.code
                == "ConditionalRequestConflict")
        #expect(
            await story.error("CompleteMultipartUpload", complete([part], upload, ["IfMatch": "\"x\""]))?.code == "PreconditionFailed")
    }

    @Test func uploadsAndTheirPartsAreListed() async throws {
        let (story, upload) = try await begun()
        for number in 1...3 { _ = try await add(number, "part", story, upload) }
        let page = try await story.call("ListParts", ObjectStory.input("key", upload, ["MaxParts": 2]))
        #expect(page.structures("Parts").compactMap { $0.integer("PartNumber") } == [1, 2])
        #expect(page.bool("IsTruncated") == true && page.integer("NextPartNumberMarker") == 2)
        let rest = try await story.call("ListParts", ObjectStory.input("key", upload, ["PartNumberMarker": 2]))
        #expect(rest.structures("Parts").count == 1 && rest.bool("IsTruncated") == false)
        #expect(rest.structures("Parts").first?.contains("ChecksumCRC64NVME") == false)
        for key in ["a/1", "a/2", "key"] { try await story.call("CreateMultipartUpload", ObjectStory.input(key)) }
        var input: APIStructure = ["Bucket": "bucket", "MaxUploads": 1]
        var found: [String] = []
        while true {
            let page = try await story.call("ListMultipartUploads", input)
            found += page.structures("Uploads").compactMap { $0.string("Key") }
            guard page.bool("IsTruncated") == true else { break }
            input["KeyMarker"] = page["NextKeyMarker"]
            input["UploadIdMarker"] = page["NextUploadIdMarker"]
        }
        #expect(found == ["a/1", "a/2", "key", "key"])
        let whole = try await story.call("ListMultipartUploads", ["Bucket": "bucket"])
        #expect(whole.string("NextKeyMarker") == "key" && whole.string("NextUploadIdMarker")?.isEmpty == false)
        #expect(!whole.contains("Prefix"))
        let behind = try await story.call("ListMultipartUploads", ["Bucket": "bucket", "Delimiter": "/", "KeyMarker": "a/1"])
        #expect(behind.structures("CommonPrefixes").isEmpty && behind.structures("Uploads").count == 2)
        let prefixes = try await story.call("ListMultipartUploads", ["Bucket": "bucket", "Delimiter": "/"])
        #expect(prefixes.structures("CommonPrefixes").compactMap { $0.string("Prefix") } == ["a/"])
        try await story.call("AbortMultipartUpload", ObjectStory.input("key", upload))
        #expect(await story.error("ListParts", ObjectStory.input("key", upload))?.code == "NoSuchUpload")
    }
}
