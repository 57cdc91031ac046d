import AWSProtocols
import Testing

@testable import Services

struct ObjectListingTests {
    private func story(_ keys: [String]) async throws -> ObjectStory {
        let story = try await ObjectStory()
        try await story.bucket()
        for key in keys { try await story.put(key) }
        return story
    }

    private func keys(_ answer: APIStructure) -> [String] {
        answer.structures("Contents").compactMap { $0.string("Key") }
            + answer.structures("CommonPrefixes").compactMap { $0.string("Prefix") }
    }

    @Test func pagesGoOnWithTheToken() async throws {
        let story = try await story(["a/1", "a/2", "b", "c/1", "d"])
        var input: APIStructure = ["Bucket": "bucket", "Delimiter": "/", "MaxKeys": 1]
        var found: [String] = []
        while true {
            let page = try await story.call("ListObjectsV2", input)
            found += keys(page)
            #expect(page.integer("KeyCount") == 1)
            guard let next = page.string("NextContinuationToken") else { break }
            #expect(page.bool("IsTruncated") == true)
            input["ContinuationToken"] = .string(next)
        }
        #expect(found == ["a/", "b", "c/", "d"])
        #expect(await story.error("ListObjectsV2", ["Bucket": "bucket", "ContinuationToken": "nonsense"])?.code == "InvalidArgument")
    }

    @Test func pagesOfTheOldListingGoOnWithTheMarker() async throws {
        let story = try await story(["a/1", "a/2", "b", "c/1", "d"])
        var input: APIStructure = ["Bucket": "bucket", "Delimiter": "/", "MaxKeys": 1]
        var found: [String] = []
        while true {
            let page = try await story.call("ListObjects", input)
            found += keys(page)
            guard let next = page.string("NextMarker") else { break }
            input["Marker"] = .string(next)
        }
        #expect(found == ["a/", "b", "c/", "d"])
        #expect(keys(try await story.call("ListObjects", ["Bucket": "bucket", "Marker": "a/1"])) == ["a/2", "b", "c/1", "d"])
        // A marker below a common prefix leaves out all of the prefix.
        #expect(keys(try await story.call("ListObjects", ["Bucket": "bucket", "Marker": "a/1", "Delimiter": "/"])) == ["b", "d", "c/"])
    }

    @Test func namesAreWrittenAsInAnAddressWhereThatIsAsked() async throws {
        let story = try await story(["a b+é"])
        let page = try await story.call("ListObjectsV2", ["Bucket": "bucket", "EncodingType": "url", "Prefix": "a "])
        #expect(keys(page) == ["a%20b%2B%C3%A9"])
        #expect(page.string("Prefix") == "a%20")
    }

    @Test func limitsAreKept() async throws {
        let story = try await story(["a"])
        let none = try await story.call("ListObjectsV2", ["Bucket": "bucket", "MaxKeys": 0])
        #expect(keys(none).isEmpty && none.bool("IsTruncated") == false)
        #expect(try await story.call("ListObjectsV2", ["Bucket": "bucket", "MaxKeys": 5000]).integer("MaxKeys") == 1000)
        #expect(await story.error("ListObjectsV2", ["Bucket": "bucket", "MaxKeys": -1])?.code == "InvalidArgument")
        #expect(await story.error("ListObjectsV2", ["Bucket": "other"])?.code == "NoSuchBucket")
    }

    @Test func ownersAreToldWhereThatIsAsked() async throws {
        let story = try await story(["a"])
        #expect(try await story.call("ListObjectsV2", ["Bucket": "bucket"]).structures("Contents")[0].structure("Owner") == nil)
        let page = try await story.call("ListObjectsV2", ["Bucket": "bucket", "FetchOwner": true])
        #expect(page.structures("Contents")[0].structure("Owner")?.string("ID")?.utf8.count == 64)
    }
}
