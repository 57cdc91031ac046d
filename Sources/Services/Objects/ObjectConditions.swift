import AWSProtocols
import Store
import TimeSource

/// The conditions of a request on an object that is there (RFC 9110, section 13, in the order of its section 13.2.2).
struct ObjectConditions: Sendable {
    private let match: String?
    private let noneMatch: String?
    private let modifiedSince: Int64?
    private let unmodifiedSince: Int64?
    /// Whether an object that is known to the client is `304`, as for reads, or a failed condition, as for sources of copies.
    private let isRead: Bool

    /// The conditions of a read, or of the source of a copy.
    /// - Parameter now: when the request came; an `If-Modified-Since` behind it is as if it were not there.
    init(_ input: APIStructure, prefix: String = "", now: Timestamp) {
        match = input.string(prefix + "IfMatch")
        noneMatch = input.string(prefix + "IfNoneMatch")
        modifiedSince = input.timestamp(prefix + "IfModifiedSince").flatMap { $0 > now.milliseconds ? nil : $0 }
        unmodifiedSince = input.timestamp(prefix + "IfUnmodifiedSince")
        isRead = prefix.isEmpty
    }

    /// Throws `PreconditionFailed`, or `NotModified` with what the client may keep.
    func check(_ object: ObjectRecord) throws(APIError) {
        let name = isRead ? "" : "x-amz-copy-source-"
        if let match {
            guard ObjectConditions.list(match, has: object.etag) else { throw S3Error.preconditionFailed(name + "If-Match") }
        } else if let unmodifiedSince, object.lastModified > unmodifiedSince {
            throw S3Error.preconditionFailed(name + "If-Unmodified-Since")
        }
        if let noneMatch {
            guard !ObjectConditions.list(noneMatch, has: object.etag) else { throw unchanged(object, name + "If-None-Match") }
        } else if let modifiedSince, object.lastModified <= modifiedSince {
            throw unchanged(object, name + "If-Modified-Since")
        }
    }

    private func unchanged(_ object: ObjectRecord, _ condition: String) -> APIError {
        guard isRead else { return S3Error.preconditionFailed(condition) }
        return APIError(
            "NotModified", "Not Modified",
            fields: ["ETag": .string(object.quotedETag), "LastModified": .timestamp(object.lastModified)], httpStatus: 304)
    }

    /// Whether a list of ETags, quoted or bare, has this one; `*` has all.
    static func list(_ list: String, has etag: String) -> Bool {
        list.split(separator: ",").contains { entry in
            var text = entry.drop { $0 == " " }
            while text.last == " " { text.removeLast() }
            if text == "*" { return true }
            if text.hasPrefix("W/") { text = text.dropFirst(2) }
            return text.filter { $0 != "\"" } == etag
        }
    }

    /// The conditions of a write (S3 User Guide, "How to prevent object overwrites with conditional writes").
    struct OfWrite: Sendable {
        private let match: String?
        private let mustBeNew: Bool

        /// The conditions of a request that makes an object.
        init(_ input: APIStructure) throws(APIError) {
            match = input.string("IfMatch")
            mustBeNew = input.contains("IfNoneMatch")
            guard match == nil || !mustBeNew else {
                throw S3Error.notImplemented(
                    header: "If-Match,If-None-Match", additional: "Multiple conditional request headers present in the request")
            }
            if match == "*" { throw OfWrite.unaccepted("If-Match") }
            if let noneMatch = input.string("IfNoneMatch"), noneMatch != "*" { throw OfWrite.unaccepted("If-None-Match") }
        }

        private static func unaccepted(_ header: String) -> APIError {
            S3Error.notImplemented(
                header: header, additional: "We don't accept the provided value of \(header) header for this API")
        }

        /// Checks what is there now.
        /// - Parameter start: when the upload in parts began; what was written since, even the same bytes, is a conflict.
        func check(_ object: ObjectRecord?, key: String, since start: Timestamp? = nil) throws(APIError) {
            if mustBeNew, object != nil { throw S3Error.preconditionFailed("If-None-Match") }
            guard let match else { return }
            guard let object else { throw S3Error.noSuchKey(key) }
            guard ObjectConditions.list(match, has: object.etag) else { throw S3Error.preconditionFailed("If-Match") }
            if let start, object.modifiedAt > start { throw S3Error.conditionalRequestConflict("If-Match", key: key) }
        }
    }
}
