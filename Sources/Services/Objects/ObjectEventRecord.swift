import Engine
import JSONCore
import ObjectStorage
import Store
import TimeSource

/// A change of an object as it is told: to queues, topics and functions (S3 User Guide, "Event message structure"), and to EventBridge
/// ("EventBridge event message structure").
enum ObjectEventRecord {
    /// The message of a change, for the destination of an entry.
    static func message(_ change: ObjectChange, _ entry: NotificationSettings.Entry, by requester: ObjectRequester) -> JSONValue {
        let owner: JSONValue = ["principalId": .text(change.bucket.account)]
        var object: JSONObject = ["key": .text(encoded(change.key.text))]
        if !change.kind.isOfTags, let size = change.size { object["size"] = .integer(size) }
        if let etag = change.etag { object["eTag"] = .text(etag) }
        if !change.kind.isOfTags { object["sequencer"] = .text(change.sequencer) }
        let bucket: JSONObject = [
            "name": .text(change.bucket.name), "ownerIdentity": owner, "arn": .text("arn:aws:s3:::\(change.bucket.name)"),
        ]
        let record: JSONObject = [
            "eventVersion": change.kind.isOfTags ? "2.3" : "2.1", "eventSource": "aws:s3", "awsRegion": .text(requester.region),
            "eventTime": .text(change.at.iso8601Milliseconds), "eventName": .text(change.kind.rawValue),
            "userIdentity": ["principalId": .text(requester.principal.isEmpty ? change.bucket.account : requester.principal)],
            "requestParameters": ["sourceIPAddress": "127.0.0.1"],
            "responseElements": ["x-amz-request-id": .text(requester.requestID), "x-amz-id-2": .text(requester.requestID)],
            "s3": [
                "s3SchemaVersion": "1.0", "configurationId": .text(entry.id), "bucket": .object(bucket), "object": .object(object),
            ],
        ]
        return ["Records": .array([.object(record)])]
    }

    /// What EventBridge is told: the event's `detail`.
    static func detail(_ change: ObjectChange, by requester: ObjectRequester) -> JSONValue {
        var object: JSONObject = ["key": .text(change.key.text)]
        if !change.kind.isOfTags, let size = change.size { object["size"] = .integer(size) }
        if let etag = change.etag { object["etag"] = .text(etag) }
        if !change.kind.isOfTags { object["sequencer"] = .text(change.sequencer) }
        var detail: JSONObject = [
            "version": "0", "bucket": ["name": .text(change.bucket.name)], "object": .object(object),
            "request-id": .text(requester.requestID), "requester": .text(change.bucket.account), "source-ip-address": "127.0.0.1",
        ]
        if let operation = change.kind.operation { detail["reason"] = .text(operation) }
        if change.kind == .delete { detail["deletion-type"] = "Permanently Deleted" }
        return .object(detail)
    }

    /// What a destination gets when it is configured.
    static func test(bucket: String, requestID: String, at time: Timestamp) -> JSONValue {
        [
            "Service": "Amazon S3", "Event": "s3:TestEvent", "Time": .text(time.iso8601Milliseconds), "Bucket": .text(bucket),
            "RequestId": .text(requestID), "HostId": .text(requestID),
        ]
    }

    /// A key as in a form: a space is a plus, slashes stay.
    private static func encoded(_ key: String) -> String {
        var bytes: [UInt8] = []
        for byte in key.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "*"),
                UInt8(ascii: "/"):
                bytes.append(byte)
            case UInt8(ascii: " "): bytes.append(UInt8(ascii: "+"))
            default: bytes += Array("%\(HexText.text([byte]).uppercased())".utf8)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension ObjectChange.Kind {
    /// Whether the object stayed as it is but for its tags; then less is told of it.
    fileprivate var isOfTags: Bool { self == .setTags || self == .deleteTags }

    /// What EventBridge calls the change.
    var ownEvent: OwnEventType {
        switch self {
        case .put, .copy, .completedUpload: .objectCreated
        case .delete: .objectDeleted
        case .setTags: .objectTagsAdded
        case .deleteTags: .objectTagsDeleted
        }
    }

    /// The operation that made the change, where EventBridge is told of it.
    fileprivate var operation: String? {
        switch self {
        case .put: "PutObject"
        case .copy: "CopyObject"
        case .completedUpload: "CompleteMultipartUpload"
        case .delete: "DeleteObject"
        case .setTags, .deleteTags: nil
        }
    }
}
