import AWSProtocols
import Store
import Testing
import TimeSource

@testable import Services

struct BucketServiceTests {
    @Test(
        arguments: [
            "ab", "Upper", "-a-", "a..b", "192.168.0.1", "xn--a", "a_b", "a-s3alias", "sthree-a", String(repeating: "a", count: 64),
            "a--ol-s3",
        ])
    func aNameThatS3DoesNotTakeIsRefused(name: String) async throws {
        let story = try await ObjectStory()
        #expect(await story.error("CreateBucket", ["Bucket": .string(name)])?.code == "InvalidBucketName")
    }

    @Test func theOwnerMayCreateABucketTwiceInTheFirstRegionAlone() async throws {
        let story = try await ObjectStory()
        try await story.bucket()
        try await story.bucket()
        let other = try await ObjectStory(region: "eu-west-1")
        let input: APIStructure = ["Bucket": "bucket", "CreateBucketConfiguration": ["LocationConstraint": "eu-west-1"]]
        try await other.call("CreateBucket", input)
        #expect(await other.error("CreateBucket", input)?.code == "BucketAlreadyOwnedByYou")
        #expect(await other.error("CreateBucket", ["Bucket": "other"])?.code == "IllegalLocationConstraintException")
        #expect(try await other.call("GetBucketLocation", ["Bucket": "bucket"]).string("LocationConstraint") == "eu-west-1")
    }

    @Test func bucketsAreListedInPages() async throws {
        let story = try await ObjectStory()
        for name in ["aa1", "bb1", "bb2", "bb3"] { try await story.call("CreateBucket", ["Bucket": .string(name)]) }
        let first = try await story.call("ListBuckets", ["Prefix": "bb", "MaxBuckets": 2])
        #expect(first.structures("Buckets").compactMap { $0.string("Name") } == ["bb1", "bb2"])
        let token = try #require(first.string("ContinuationToken"))
        let second = try await story.call(
            "ListBuckets", ["Prefix": "bb", "MaxBuckets": 2, "ContinuationToken": .string(token)])
        #expect(second.structures("Buckets").compactMap { $0.string("Name") } == ["bb3"])
        #expect(second.string("ContinuationToken") == nil)
    }

    @Test func aBucketOfSomebodyElseIsNotThere() async throws {
        let story = try await ObjectStory()
        try await story.bucket()
        #expect(await story.error("HeadBucket", ["Bucket": "bucket"], account: "111111111111")?.code == "NoSuchBucket")
        #expect(await story.error("HeadBucket", ["Bucket": "bucket", "ExpectedBucketOwner": "111111111111"])?.code == "AccessDenied")
    }

    @Test func versionsCannotBeEnabled() async throws {
        let story = try await ObjectStory()
        try await story.bucket()
        #expect(try await story.call("GetBucketVersioning", ["Bucket": "bucket"]).isEmpty)
        let enable: APIStructure = ["Bucket": "bucket", "VersioningConfiguration": ["Status": "Enabled"]]
        #expect(await story.error("PutBucketVersioning", enable)?.httpStatus == 501)
        try await story.call("PutBucketVersioning", ["Bucket": "bucket", "VersioningConfiguration": ["Status": "Suspended"]])
        #expect(try await story.call("GetBucketVersioning", ["Bucket": "bucket"]).string("Status") == "Suspended")
    }

    @Test func aNewBucketTellsItsDefaultsUntilTheyAreTakenAway() async throws {
        let story = try await ObjectStory()
        try await story.bucket()
        let block = try await story.call("GetPublicAccessBlock", ["Bucket": "bucket"]).structure("PublicAccessBlockConfiguration")
        #expect(block?.bool("BlockPublicPolicy") == true)
        let owned = try await story.call("GetBucketOwnershipControls", ["Bucket": "bucket"]).structure("OwnershipControls")
        #expect(owned?.structures("Rules").first?.string("ObjectOwnership") == "BucketOwnerEnforced")
        for (setting, code) in [
            ("PublicAccessBlock", "NoSuchPublicAccessBlockConfiguration"), ("BucketOwnershipControls", "OwnershipControlsNotFoundError"),
        ] {
            try await story.call("Delete\(setting)", ["Bucket": "bucket"])
            let error = await story.error("Get\(setting)", ["Bucket": "bucket"])
            #expect(error?.code == code && error?.fields.string("BucketName") == "bucket")
        }
        #expect(await story.error("GetPublicAccessBlock", ["Bucket": "missing"])?.code == "NoSuchBucket")
        #expect(await story.error("PutBucketAcl", ["Bucket": "bucket"])?.code == "MissingSecurityHeader")
        let other = try await story.call("CreateBucket", ["Bucket": "other", "ObjectOwnership": "ObjectWriter"])
        #expect(other.string("Location") == "/other")
        let told = try await story.call("GetBucketOwnershipControls", ["Bucket": "other"]).structure("OwnershipControls")
        #expect(told?.structures("Rules").first?.string("ObjectOwnership") == "ObjectWriter")
        #expect(await story.error("CreateBucket", ["Bucket": "third", "ObjectOwnership": "Nobody"])?.code == "InvalidArgument")
    }

    @Test func settingsAreKeptAndRemoved() async throws {
        let story = try await ObjectStory()
        try await story.bucket()
        #expect(await story.error("GetBucketCors", ["Bucket": "bucket"])?.code == "NoSuchCORSConfiguration")
        let rules: APIValue = [["AllowedMethods": ["GET"], "AllowedOrigins": ["*"], "MaxAgeSeconds": 5]]
        try await story.call("PutBucketCors", ["Bucket": "bucket", "CORSConfiguration": ["CORSRules": rules]])
        #expect(try await story.call("GetBucketCors", ["Bucket": "bucket"])["CORSRules"] == rules)
        try await story.call("DeleteBucketCors", ["Bucket": "bucket"])
        #expect(await story.error("GetBucketCors", ["Bucket": "bucket"])?.code == "NoSuchCORSConfiguration")
        let lifecycle: APIValue = ["Rules": [["ID": "a", "Status": "Enabled", "Expiration": ["Date": .timestamp(86_400_000)]]]]
        try await story.call("PutBucketLifecycleConfiguration", ["Bucket": "bucket", "LifecycleConfiguration": lifecycle])
        #expect(try await story.call("GetBucketLifecycleConfiguration", ["Bucket": "bucket"])["Rules"] == lifecycle.structure?["Rules"])
        for policy in [["Policy": "no JSON"], [:]] as [APIStructure] {
            var input = policy
            input["Bucket"] = "bucket"
            #expect(await story.error("PutBucketPolicy", input)?.code == "MalformedPolicy")
        }
        try await story.call("PutBucketPolicy", ["Bucket": "bucket", "Policy": "{\"Statement\":[]}"])
        #expect(try await story.call("GetBucketPolicy", ["Bucket": "bucket"]).string("Policy") == "{\"Statement\":[]}")
    }
}

struct ObjectServiceTests {
    @Test func anObjectIsGivenBackAsItCame() async throws {
        let story = try await ObjectStory()
        try await story.bucket()
        let answer = try await story.put(
            "a b/é", "hello",
            [
                "ContentType": "text/plain", "CacheControl": "no-cache", "ContentEncoding": "aws-chunked,gzip", "Metadata": ["Owner": "me"],
                "Tagging": "a=1&b=", "StorageClass": "STANDARD_IA", "Expires": "Thu, 01 Dec 1994 16:00:00 GMT",
            ])
        #expect(answer.string("ETag") == "\"5d41402abc4b2a76b9719d911017c592\"")
        #expect(answer.string("ChecksumType") == "FULL_OBJECT")
        #expect(answer.string("ChecksumCRC64NVME") == "M3eFcAZSQlc=")
        let object = try await story.get("a b/é")
        #expect(object.blob("Body") == Array("hello".utf8))
        #expect(object.string("ContentType") == "text/plain")
        #expect(object.string("ContentEncoding") == "gzip")
        #expect(object.string("StorageClass") == "STANDARD_IA")
        #expect(object.stringMap("Metadata").first?.0 == "owner")
        #expect(object.integer("TagCount") == 2)
        #expect(object.integer("ContentLength") == 5)
        #expect(object.string("ChecksumCRC64NVME") == nil)
        #expect(try await story.get("a b/é", ["ChecksumMode": "ENABLED"]).string("ChecksumCRC64NVME") == "M3eFcAZSQlc=")
        #expect(try await story.get("a b/é", ["ResponseContentType": "image/png"]).string("ContentType") == "image/png")
    }

    @Test(
        arguments: [
            ("bytes=0-0", "0", "bytes 0-0/10"), ("bytes=2-4", "234", "bytes 2-4/10"), ("bytes=7-", "789", "bytes 7-9/10"),
            ("bytes=-3", "789", "bytes 7-9/10"), ("bytes=-99", "0123456789", "bytes 0-9/10"), ("bytes=8-99", "89", "bytes 8-9/10"),
            ("bytes=5-2", "0123456789", nil), ("lines=1-2", "0123456789", nil), ("bytes=0-1,3-4", "0123456789", nil),
        ] as [(String, String, String?)])
    func aRangeOfAnObject(range: String, expected: String, told: String?) async throws {
        let story = try await ObjectStory()
        try await story.bucket()
        try await story.put("key", "0123456789")
        let answer = try await story.get("key", ["Range": .string(range)])
        #expect(String(decoding: answer.blob("Body") ?? [], as: UTF8.self) == expected)
        #expect(answer.string("ContentRange") == told)
        #expect(answer.integer("ContentLength") == Int64(expected.utf8.count))
    }

    @Test(arguments: ["bytes=10-", "bytes=10-11", "bytes=-0"])
    func aRangeBehindTheEndIsNotThere(range: String) async throws {
        let story = try await ObjectStory()
        try await story.bucket()
        try await story.put("key", "0123456789")
        let error = await story.error("GetObject", ObjectStory.input("key", ["Range": .string(range)]))
        #expect(error?.code == "InvalidRange" && error?.httpStatus == 416)
        try await story.put("empty", "")
        #expect(await story.error("GetObject", ObjectStory.input("empty", ["Range": "bytes=0-1"]))?.code == "InvalidRange")
    }

    @Test func conditionsOfAReadAreChecked() async throws {
        let story = try await ObjectStory()
        try await story.bucket()
        let etag = try #require(try await story.put("key").string("ETag"))
        let now: APIValue = .timestamp(story.clock.now.milliseconds)
        let before: APIValue = .timestamp(story.clock.now.milliseconds - 10_000)
        let after: APIValue = .timestamp(story.clock.now.milliseconds + 10_000)
        let passing: [APIStructure] = [
            ["IfMatch": .string(etag)], ["IfMatch": "*"], ["IfNoneMatch": "\"other\""], ["IfModifiedSince": before],
            ["IfUnmodifiedSince": after], ["IfMatch": .string(etag), "IfUnmodifiedSince": before],
            ["IfNoneMatch": "\"other\"", "IfModifiedSince": now],
            // A time that has not come is as if it were not there.
            ["IfModifiedSince": after],
        ]
        for condition in passing { #expect(await story.error("HeadObject", ObjectStory.input("key", condition)) == nil) }
        let failing: [(APIStructure, Int)] = [
            (["IfMatch": "\"other\""], 412), (["IfUnmodifiedSince": before], 412), (["IfNoneMatch": .string(etag)], 304),
            (["IfModifiedSince": now], 304),
        ]
        for (condition, status) in failing {
            #expect(await story.error("GetObject", ObjectStory.input("key", condition))?.httpStatus == status)
        }
    }

    @Test func conditionsOfAWriteAreChecked() async throws {
        let story = try await ObjectStory()
        try await story.bucket()
        #expect(await story.error("PutObject", ObjectStory.input("key", ["IfMatch": "\"x\""]))?.code == "NoSuchKey")
        let etag = try #require(try await story.put("key", "one", ["IfNoneMatch": "*"]).string("ETag"))
        #expect(await story.error("PutObject", ObjectStory.input("key", ["IfNoneMatch": "*"]))?.code == "PreconditionFailed")
        #expect(await story.error("PutObject", ObjectStory.input("key", ["IfMatch": "\"x\""]))?.code == "PreconditionFailed")
        #expect(await story.error("PutObject", ObjectStory.input("key", ["IfNoneMatch": "\"x\""]))?.code == "NotImplemented")
        for both in [["IfMatch": "*"], ["IfMatch": .string(etag), "IfNoneMatch": "*"]] as [APIStructure] {
            #expect(await story.error("PutObject", ObjectStory.input("key", both))?.httpStatus == 501)
        }
        try await story.put("key", "two", ["IfMatch": .string(etag)])
        #expect(try await story.text("key") == "two")
        #expect(await story.error("DeleteObject", ObjectStory.input("key", ["IfMatch": .string(etag)]))?.code == "PreconditionFailed")
    }

    @Test(
        arguments: [
            (["ContentMD5": "AAAAAAAAAAAAAAAAAAAAAA=="], "BadDigest"), (["ContentMD5": "short"], "InvalidDigest"),
            (["ChecksumCRC32": "AAAAAA=="], "BadDigest"), (["ChecksumSHA1": "AAAA"], "InvalidRequest"),
            (["ChecksumCRC32": "NhCmhg==", "ChecksumCRC32C": "mnG7TA=="], "InvalidRequest"),
            (["ChecksumXXHASH64": "AAAA"], "NotImplemented"),
            (["Metadata": ["a": .string(String(repeating: "x", count: 2048))]], "MetadataTooLarge"),
            (["Tagging": "a=1&a=2"], "InvalidArgument"), (["Tagging": "a=1,b=2"], "InvalidArgument"),
            (["Tagging": "aws:a=1"], "InvalidTag"),
            (["StorageClass": "OUTPOSTS"], "InvalidStorageClass"), (["ACL": "no-list"], "InvalidArgument"),
            (["Tagging": "1&2&3&4&5&6&7&8&9&10&11"], "BadRequest"),
            (["ServerSideEncryption": "aws:kms"], "NotImplemented"), (["ACL": "public-read"], "AccessControlListNotSupported"),
        ] as [(APIStructure, String)])
    func whatIsWrongLeavesNothing(members: APIStructure, code: String) async throws {
        let story = try await ObjectStory()
        try await story.bucket()
        #expect(await story.error("PutObject", ObjectStory.input("key", members, ["Body": .blob(Array("hello".utf8))]))?.code == code)
        #expect(await story.error("HeadObject", ObjectStory.input("key"))?.code == "NoSuchKey")
    }

    @Test(
        arguments: [
            ("CRC32", "NhCmhg=="), ("CRC32C", "mnG7TA=="), ("CRC64NVME", "M3eFcAZSQlc="), ("SHA1", "qvTGHdzF6KLavt4PO0gs2a6pQ00="),
            ("SHA256", "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ="),
        ])
    func aChecksumIsVerifiedAndKept(algorithm: String, value: String) async throws {
        let story = try await ObjectStory()
        try await story.bucket()
        let member = "Checksum\(algorithm)"
        #expect(try await story.put("key", "hello", [member: .string(value)]).string(member) == value)
        #expect(try await story.get("key", ["ChecksumMode": "ENABLED"]).string(member) == value)
        // As a trailer.
        let trailer = "x-amz-checksum-\(algorithm.lowercased())"
        let body = TrailedBody("hello", [trailer: value])
        #expect(try await story.stream("PutObject", ObjectStory.input("trailed"), body).output.string(member) == value)
        await #expect(throws: APIError.self) {
            _ = try await story.stream("PutObject", ObjectStory.input("other"), TrailedBody("hellO", [trailer: value]))
        }
        #expect(await story.error("HeadObject", ObjectStory.input("other"))?.code == "NoSuchKey")
    }

    @Test func aBodyThatIsTooLargeIsRefusedBeforeItComes() async throws {
        let story = try await ObjectStory()
        try await story.bucket()
        let error = await #expect(throws: APIError.self) {
            _ = try await story.stream("PutObject", ObjectStory.input("key"), TrailedBody("", [:], length: (5 << 30) + 1))
        }
        #expect(error?.code == "EntityTooLarge")
    }

    @Test func deletingIsToldByKey() async throws {
        let story = try await ObjectStory()
        try await story.bucket()
        try await story.put("a")
        try await story.put("b")
        try await story.call("DeleteObject", ObjectStory.input("missing"))
        let objects: APIValue = [["Key": "a"], ["Key": "missing"], ["Key": "b", "ETag": "\"other\""], ["Key": "c", "VersionId": "v1"]]
        let answer = try await story.call("DeleteObjects", ["Bucket": "bucket", "Delete": ["Objects": objects]])
        #expect(answer.structures("Deleted").compactMap { $0.string("Key") } == ["a", "missing"])
        #expect(answer.structures("Errors").compactMap { $0.string("Code") } == ["PreconditionFailed", "NoSuchVersion"])
        #expect(answer.structures("Errors").compactMap { $0.string("VersionId") } == ["v1"])
        #expect(await story.error("DeleteObject", ObjectStory.input("a", ["VersionId": "v1"]))?.message == "Invalid version id specified")
        #expect(await story.error("DeleteObject", ObjectStory.input("a", ["BypassGovernanceRetention": true]))?.code == "InvalidArgument")
        let quiet = try await story.call("DeleteObjects", ["Bucket": "bucket", "Delete": ["Quiet": true, "Objects": [["Key": "b"]]]])
        #expect(quiet.isEmpty)
        #expect(await story.error("DeleteObjects", ["Bucket": "bucket", "Delete": ["Objects": []]])?.code == "MalformedXML")
    }

    @Test func tagsAreReplacedAndRemoved() async throws {
        let story = try await ObjectStory()
        try await story.bucket()
        try await story.put("key", "x", ["Tagging": "a=1"])
        try await story.call("PutObjectTagging", ObjectStory.input("key", ["Tagging": ["TagSet": [["Key": "b", "Value": "2"]]]]))
        #expect(try await story.call("GetObjectTagging", ObjectStory.input("key"))["TagSet"] == [["Key": "b", "Value": "2"]])
        try await story.call("DeleteObjectTagging", ObjectStory.input("key"))
        #expect(try await story.call("GetObjectTagging", ObjectStory.input("key"))["TagSet"] == [])
    }

    @Test func aKeyIsLongAndNotLonger() async throws {
        let story = try await ObjectStory()
        try await story.bucket()
        try await story.put(String(repeating: "k", count: 1024))
        #expect(await story.error("PutObject", ObjectStory.input(String(repeating: "k", count: 1025)))?.code == "KeyTooLongError")
    }
}
