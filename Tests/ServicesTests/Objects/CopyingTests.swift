import AWSProtocols
import Testing

@testable import Services

struct CopyingTests {
    @Test func aCopyHasTheBytesAndTheFactsOfItsSource() async throws {
        let story = try await ObjectStory()
        try await story.bucket()
        let original = try await story.put("a b", "hello", ["ContentType": "text/plain", "Tagging": "t=1", "Metadata": ["m": "1"]])
        let answer = try await story.call("CopyObject", ObjectStory.input("copy", ["CopySource": "/bucket/a%20b"]))
        #expect(answer.structure("CopyObjectResult")?.string("ETag") == original.string("ETag"))
        try await story.put("a b", "changed")
        let copy = try await story.get("copy")
        #expect(copy.blob("Body") == Array("hello".utf8))
        #expect(copy.string("ContentType") == "text/plain")
        #expect(copy.integer("TagCount") == 1)
        #expect(copy.stringMap("Metadata").map(\.1) == ["1"])
    }

    @Test func factsAreReplacedWhereThatIsAsked() async throws {
        let story = try await ObjectStory()
        try await story.bucket()
        try await story.put("key", "hello", ["Metadata": ["m": "1"], "Tagging": "t=1"])
        let itself: APIStructure = ["CopySource": "bucket/key"]
        #expect(await story.error("CopyObject", ObjectStory.input("key", itself))?.code == "InvalidRequest")
        try await story.call(
            "CopyObject",
            ObjectStory.input(
                "key", itself, ["MetadataDirective": "REPLACE", "Metadata": ["n": "2"], "TaggingDirective": "REPLACE", "Tagging": "u=2"]))
        let object = try await story.get("key")
        #expect(object.stringMap("Metadata").map(\.0) == ["n"])
        #expect(object.blob("Body") == Array("hello".utf8))
        #expect(try await story.call("GetObjectTagging", ObjectStory.input("key"))["TagSet"] == [["Key": "u", "Value": "2"]])
    }

    @Test func anotherChecksumIsComputed() async throws {
        let story = try await ObjectStory()
        try await story.bucket()
        try await story.put("key", "hello")
        let answer = try await story.call(
            "CopyObject", ObjectStory.input("copy", ["CopySource": "bucket/key", "ChecksumAlgorithm": "SHA256"]))
        #expect(
            answer.structure("CopyObjectResult")?.string("ChecksumSHA256") == "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=")
    }

    @Test(
        arguments: [
            (["CopySource": "bucket"], "InvalidArgument"), (["CopySource": "bucket/"], "InvalidArgument"),
            (["CopySource": "bucket/missing"], "NoSuchKey"), (["CopySource": "other/key"], "NoSuchBucket"),
            (["CopySource": "bucket/key?versionId=v1"], "InvalidArgument"),
            (["CopySource": "bucket/key", "CopySourceIfMatch": "\"x\""], "PreconditionFailed"),
            (["CopySource": "bucket/key", "CopySourceIfNoneMatch": "*"], "PreconditionFailed"),
            (["CopySource": "bucket/key", "IfNoneMatch": "*"], "PreconditionFailed"),
        ] as [(APIStructure, String)])
    func aSourceThatDoesNotFit(members: APIStructure, code: String) async throws {
        let story = try await ObjectStory()
        try await story.bucket()
        try await story.put("key")
        try await story.put("there")
        #expect(await story.error("CopyObject", ObjectStory.input("there", members))?.code == code)
    }
}
