import AWSProtocols
import JSONCore
import Store
import TimeSource

/// What is kept with an object beside its bytes: headers that are given back as they came, and user metadata.
struct ObjectFacts: Sendable, Equatable {
    /// The members of requests and answers that are headers of the object.
    static let headers = [
        "CacheControl", "ContentDisposition", "ContentEncoding", "ContentLanguage", "ContentType", "Expires", "WebsiteRedirectLocation",
    ]
    /// The classes that objects of general purpose buckets may be of (S3 User Guide, "Understanding and managing Amazon S3 storage
    /// classes").
    static let storageClasses: Set<String> = [
        "STANDARD", "REDUCED_REDUNDANCY", "STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "GLACIER", "GLACIER_IR", "DEEP_ARCHIVE",
    ]
    /// The canned access lists that exist (S3 User Guide, "Canned ACL").
    private static let cannedLists: Set<String> = [
        "private", "public-read", "public-read-write", "authenticated-read", "aws-exec-read", "bucket-owner-read",
        "bucket-owner-full-control", "log-delivery-write",
    ]
    /// How many bytes names and values of the user metadata may have together (S3 User Guide, "User-defined object metadata").
    static let metadataLimit = 2048
    /// What S3 says of objects whose type nobody told.
    static let defaultContentType = "binary/octet-stream"

    /// Headers by the names of their members.
    var values: [(name: String, value: String)] = []
    /// User metadata, names in lower case.
    var metadata: [(name: String, value: String)] = []
    /// `STANDARD` unless another one was asked for. A label: the bytes lie where all others lie.
    var storageClass = "STANDARD"

    /// Whether both are the same.
    static func == (left: ObjectFacts, right: ObjectFacts) -> Bool { left.encoded == right.encoded }

    /// The facts of a request that makes an object.
    init(_ input: APIStructure) throws(APIError) {
        for name in ObjectFacts.headers {
            if let value = input.string(name), !value.isEmpty { values.append((name, value)) }
        }
        // What S3 takes off is not part of the object: the framing in which the body came.
        if let index = values.firstIndex(where: { $0.name == "ContentEncoding" }) {
            let codings = values[index].value.split(separator: ",").map { $0.drop { $0 == " " } }.filter { $0 != "aws-chunked" }
            if codings.isEmpty { values.remove(at: index) } else { values[index].value = codings.joined(separator: ",") }
        }
        metadata = input.stringMap("Metadata").map { ($0.0.lowercased(), $0.1) }
        let size = metadata.reduce(0) { $0 + $1.name.utf8.count + $1.value.utf8.count }
        guard size <= ObjectFacts.metadataLimit else {
            throw APIError(
                "MetadataTooLarge", "Your metadata headers exceed the maximum allowed metadata size",
                fields: ["Size": .integer(Int64(size)), "MaxSizeAllowed": .integer(Int64(ObjectFacts.metadataLimit))], httpStatus: 400)
        }
        storageClass = input.string("StorageClass") ?? "STANDARD"
        guard ObjectFacts.storageClasses.contains(storageClass) else {
            throw APIError(
                "InvalidStorageClass", "The storage class you specified is not valid",
                fields: ["StorageClassRequested": .string(storageClass)], httpStatus: 400)
        }
        try ObjectFacts.refuseWhatIsNotKept(input)
    }

    /// Reads stored facts.
    init(stored: [UInt8]) {
        guard let object = try? JSONParser.parse(stored) else { return }
        for member in object["headers"]?.object?.members ?? [] { values.append((member.key.text, member.value.text ?? "")) }
        for member in object["metadata"]?.object?.members ?? [] { metadata.append((member.key.text, member.value.text ?? "")) }
        storageClass = object["class"]?.text ?? "STANDARD"
    }

    /// The facts for a column.
    var encoded: [UInt8] {
        var object: JSONObject = [:]
        if !values.isEmpty { object["headers"] = .object(JSONObject(values.map { (JSONString($0.name), .text($0.value)) })) }
        if !metadata.isEmpty { object["metadata"] = .object(JSONObject(metadata.map { (JSONString($0.name), .text($0.value)) })) }
        if storageClass != "STANDARD" { object["class"] = .text(storageClass) }
        return JSONWriter.bytes(of: .object(object))
    }

    /// Adds the facts to an answer; `overrides` are the `response-…` parameters of the request.
    func describe(in output: inout APIStructure, overrides: APIStructure) {
        for name in ObjectFacts.headers {
            if let value = overrides["Response\(name)"], !value.isNull {
                output[name] = value
            } else if let value = values.first(where: { $0.name == name })?.value {
                output[name] = .string(value)
            }
        }
        if !output.contains("ContentType") { output["ContentType"] = .string(ObjectFacts.defaultContentType) }
        if !metadata.isEmpty { output["Metadata"] = .stringMap(metadata.map { ($0.name, $0.value) }) }
        if storageClass != "STANDARD" { output["StorageClass"] = .string(storageClass) }
    }

    /// Refuses what would be a promise that is not kept: other keys than the server's own disk encryption, locks, access for others.
    private static func refuseWhatIsNotKept(_ input: APIStructure) throws(APIError) {
        if let encryption = input.string("ServerSideEncryption"), encryption != "AES256" {
            throw S3Error.notImplemented(header: "x-amz-server-side-encryption")
        }
        for (member, header) in [
            ("SSECustomerAlgorithm", "x-amz-server-side-encryption-customer-algorithm"),
            ("SSEKMSKeyId", "x-amz-server-side-encryption-aws-kms-key-id"), ("WriteOffsetBytes", "x-amz-write-offset-bytes"),
        ] where input.contains(member) {
            throw S3Error.notImplemented(header: header)
        }
        for member in ["ObjectLockMode", "ObjectLockRetainUntilDate", "ObjectLockLegalHoldStatus"] where input.contains(member) {
            throw S3Error.invalidRequest("Bucket is missing Object Lock Configuration")
        }
        try refuseGrants(input)
    }

    /// Access lists are those of the owner, as with "Bucket owner enforced".
    static func refuseGrants(_ input: APIStructure) throws(APIError) {
        let allowed: Set<String> = ["private", "bucket-owner-full-control", "bucket-owner-read"]
        if let list = input.string("ACL"), !cannedLists.contains(list) { throw S3Error.invalidArgument("x-amz-acl", list, "") }
        guard allowed.contains(input.string("ACL") ?? "private"), !hasGrants(input) else {
            throw APIError("AccessControlListNotSupported", "The bucket does not allow ACLs", httpStatus: 400)
        }
    }

    /// Whether headers of a request grant something to somebody.
    static func hasGrants(_ input: APIStructure) -> Bool {
        ["GrantFullControl", "GrantRead", "GrantReadACP", "GrantWrite", "GrantWriteACP"].contains { input.contains($0) }
    }
}

extension ObjectRecord {
    /// When it was written as S3 tells it: whole seconds, in milliseconds since 1970.
    var lastModified: Int64 { modifiedAt.seconds * 1000 }

    /// The ETag in its quotes.
    var quotedETag: String { "\"\(etag)\"" }
}
