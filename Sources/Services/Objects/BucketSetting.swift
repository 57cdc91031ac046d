import AWSProtocols
import JSONCore

/// What can be set on a bucket as a whole. Raw values are stored.
enum BucketSetting: String, Sendable {
    case notifications
    case policy
    case tagging
    case encryption
    case cors
    case lifecycle
    case publicAccessBlock = "public-access-block"
    case ownershipControls = "ownership-controls"
    case versioning

    /// What every new bucket has: access lists are disabled and nothing is public (S3 User Guide, "Default settings for new S3
    /// buckets"). Nil for what a new bucket has not.
    var standard: APIValue? {
        switch self {
        case .ownershipControls: ["Rules": [["ObjectOwnership": "BucketOwnerEnforced"]]]
        case .publicAccessBlock:
            ["BlockPublicAcls": true, "IgnorePublicAcls": true, "BlockPublicPolicy": true, "RestrictPublicBuckets": true]
        default: nil
        }
    }

    /// What S3 says when it is not set on a bucket.
    func absence(_ bucket: String) -> APIError {
        var error = reason
        error.fields["BucketName"] = .string(bucket)
        return error
    }

    private var reason: APIError {
        switch self {
        case .policy: absent("NoSuchBucketPolicy", "The bucket policy does not exist")
        case .tagging: absent("NoSuchTagSet", "The TagSet does not exist")
        case .encryption:
            absent("ServerSideEncryptionConfigurationNotFoundError", "The server side encryption configuration was not found")
        case .cors: absent("NoSuchCORSConfiguration", "The CORS configuration does not exist")
        case .lifecycle: absent("NoSuchLifecycleConfiguration", "The lifecycle configuration does not exist")
        case .publicAccessBlock:
            absent("NoSuchPublicAccessBlockConfiguration", "The public access block configuration was not found")
        case .ownershipControls: absent("OwnershipControlsNotFoundError", "The bucket ownership controls were not found")
        case .notifications, .versioning: .internalFailure()
        }
    }

    private func absent(_ code: String, _ message: String) -> APIError {
        APIError(code, message, httpStatus: 404)
    }

    // MARK: Documents

    /// A part of a request as it is stored. Instants, which JSON has not, are objects with one member.
    static func stored(_ value: APIValue) -> [UInt8] {
        JSONWriter.bytes(of: withoutInstants(value).plainJSON)
    }

    /// Reads what `stored` wrote.
    static func value(_ stored: [UInt8]) -> APIValue {
        (try? JSONParser.parse(stored)).map { withInstants(APIValue($0)) } ?? .null
    }

    private static let instant = "$instant"

    private static func withoutInstants(_ value: APIValue) -> APIValue {
        switch value {
        case .timestamp(let milliseconds): .structure([instant: .integer(milliseconds)])
        case .list(let elements): .list(elements.map(withoutInstants))
        case .structure(let structure): .structure(APIStructure(structure.members.map { ($0.name, withoutInstants($0.value)) }))
        default: value
        }
    }

    private static func withInstants(_ value: APIValue) -> APIValue {
        switch value {
        case .list(let elements): return .list(elements.map(withInstants))
        case .structure(let structure):
            if structure.count == 1, let milliseconds = structure.integer(instant) { return .timestamp(milliseconds) }
            return .structure(APIStructure(structure.members.map { ($0.name, withInstants($0.value)) }))
        default: return value
        }
    }
}
