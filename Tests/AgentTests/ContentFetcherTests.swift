import AgentProtocol
import Testing

@testable import Agent

/// Where downloaded content goes, and what its step's program is told.
@Suite struct ContentFetcherTests {
    @Test("a single object goes to the destination, or below it when that is a folder")
    func singleObjects() {
        let directory = TemporaryDirectory()
        #expect(ContentFetcher.path(of: "a.sh", destination: "") == "a.sh")
        #expect(ContentFetcher.path(of: "a.sh", destination: "/opt/new/") == "/opt/new/a.sh")
        #expect(ContentFetcher.path(of: "a.sh", destination: directory.path) == "\(directory.path)/a.sh")
        #expect(ContentFetcher.path(of: "a.sh", destination: "\(directory.path)/b.sh") == "\(directory.path)/b.sh")
    }

    @Test("a folder's objects keep their names below it, and none leaves the destination")
    func folders() throws {
        #expect(try ContentFetcher.path(of: "scripts/x/a.sh", below: "scripts/", in: "/opt") == "/opt/x/a.sh")
        #expect(try ContentFetcher.path(of: "a.sh", below: "", in: "here/") == "here/a.sh")
        for key in ["scripts/../a", "scripts/x/..", "scripts/./a"] {
            #expect(throws: ContentFetcher.Failure.self) { try ContentFetcher.path(of: key, below: "scripts/", in: "/opt") }
        }
    }

    @Test("a job's text says all that its program needs")
    func jobs() throws {
        let download = ContentDownload(
            sourceType: "S3", path: "https://s3.amazonaws.com/bucket/a%20b/c.sh", destination: "/opt/", grant: "secret")
        let job = try #require(ContentJob(download, serverURL: "https://server:7070", authorities: "PEM"))
        #expect(job.source == ContentSource(bucket: "bucket", key: "a b/c.sh"))
        #expect(ContentJob(bytes: job.bytes) == job)
        #expect(ContentJob(ContentDownload(sourceType: "S3", path: download.path, destination: ""), serverURL: "", authorities: nil) == nil)
    }
}
