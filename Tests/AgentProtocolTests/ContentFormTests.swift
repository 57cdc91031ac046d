import Testing

@testable import AgentProtocol

/// How content is named and asked for.
@Suite struct ContentFormTests {
    @Test(
        "S3's URLs name bucket and key",
        arguments: [
            ("https://s3.amazonaws.com/bucket/dir/a.sh", "bucket", "dir/a.sh"),
            ("https://s3.us-east-2.amazonaws.com/bucket/dir/", "bucket", "dir/"),
            ("https://s3-us-west-2.amazonaws.com/bucket/a", "bucket", "a"),
            ("https://bucket.s3.amazonaws.com/dir/a.sh", "bucket", "dir/a.sh"),
            ("https://my.bucket.s3.eu-west-1.amazonaws.com/a", "my.bucket", "a"),
            ("s3://bucket/dir/a%20b", "bucket", "dir/a b"),
            ("http://127.0.0.1:7070/bucket/a", "bucket", "a"),
            ("https://s3.amazonaws.com/bucket", "bucket", ""),
            ("https://s3.amazonaws.com/bucket/a?versionId=1", "bucket", "a"),
        ])
    func sources(url: String, bucket: String, key: String) {
        let source = ContentSource(url: url)
        #expect(source == ContentSource(bucket: bucket, key: key))
        #expect(source?.isFolder == (key.isEmpty || key.hasSuffix("/")))
    }

    @Test("what names no bucket is no source", arguments: ["", "bucket/key", "https://s3.amazonaws.com/", "s3://", "https://s3.amazonaws.com/b/%zz"])
    func noSources(url: String) {
        #expect(ContentSource(url: url) == nil)
    }

    @Test("a request for content comes back from its query")
    func requests() {
        let requests: [ContentRequest] = [
            .list(after: nil), .list(after: "a/ü&b"), .piece(key: "k e+y%", offset: 7, tag: "\"tag\""), .piece(key: "k", offset: 0, tag: nil),
        ]
        for request in requests {
            let target = request.target(grant: "g.h")
            #expect(target.hasPrefix("/agent/v1/content?grant=g.h&"))
            let query = target.drop { $0 != "?" }.dropFirst()
            let pairs = query.split(separator: "&").map { $0.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false) }
            #expect(ContentRequest { name in pairs.first { $0[0] == name }.flatMap { Self.decode($0[1]) } } == request)
        }
        #expect(ContentRequest { $0 == "offset" ? "-1" : "x" } == nil || ContentRequest { $0 == "list" ? nil : "-1" } == nil)
    }

    private static func decode(_ text: Substring) -> String? {
        ContentSource(url: "s3://b/" + text)?.key
    }
}
