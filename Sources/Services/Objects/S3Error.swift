import AWSProtocols
import ByteCoding
import ObjectStorage
import Store

/// The errors of S3, with its codes, statuses and words ("Error responses", Amazon S3 API Reference).
enum S3Error {
    /// 404; names the bucket.
    static func noSuchBucket(_ name: String) -> APIError {
        APIError("NoSuchBucket", "The specified bucket does not exist", fields: ["BucketName": .string(name)], httpStatus: 404)
    }

    /// 404; names the key.
    static func noSuchKey(_ key: String) -> APIError {
        APIError("NoSuchKey", "The specified key does not exist.", fields: ["Key": .string(key)], httpStatus: 404)
    }

    /// 404; names the upload.
    static func noSuchUpload(_ id: String) -> APIError {
        APIError(
            "NoSuchUpload",
            "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.",
            fields: ["UploadId": .string(id)], httpStatus: 404)
    }

    /// 404: buckets without versions have one, `null`.
    /// A version's id that is none, which in buckets without versions all are but `null`.
    static func invalidVersion(_ id: String) -> APIError {
        invalidArgument("versionId", id, "Invalid version id specified")
    }

    static func noSuchVersion(_ id: String, key: String) -> APIError {
        APIError(
            "NoSuchVersion", "The specified version does not exist.", fields: ["Key": .string(key), "VersionId": .string(id)],
            httpStatus: 404)
    }

    /// 400: a parameter, its value, and what is wrong with it.
    static func invalidArgument(_ name: String, _ value: String, _ message: String) -> APIError {
        APIError(
            "InvalidArgument", message, fields: ["ArgumentName": .string(name), "ArgumentValue": .string(value)], httpStatus: 400)
    }

    /// 400: what is asked cannot be, in these words.
    static func invalidRequest(_ message: String) -> APIError {
        APIError("InvalidRequest", message, httpStatus: 400)
    }

    /// 400: a document that the schema does not have.
    static func malformedXML() -> APIError {
        APIError(
            "MalformedXML", "The XML you provided was not well-formed or did not validate against our published schema",
            httpStatus: 400)
    }

    /// 501: a header that would promise what is not kept.
    /// A header that asks for what is not there; `additional` says what of it.
    static func notImplemented(header: String, additional: String? = nil) -> APIError {
        var fields: APIStructure = ["Header": .string(header)]
        if let additional { fields["additionalMessage"] = .string(additional) }
        return APIError(
            "NotImplemented", "A header you provided implies functionality that is not implemented", fields: fields, httpStatus: 501)
    }

    /// What a condition is of was changed while the request was under way.
    static func conditionalRequestConflict(_ condition: String, key: String) -> APIError {
        APIError(
            "ConditionalRequestConflict",
            "The conditional request cannot succeed due to a conflicting operation against this resource.",
            fields: ["Condition": .string(condition), "Key": .string(key)], httpStatus: 409)
    }

    /// 412; names the header of the condition.
    static func preconditionFailed(_ condition: String) -> APIError {
        APIError(
            "PreconditionFailed", "At least one of the pre-conditions you specified did not hold",
            fields: ["Condition": .string(condition)], httpStatus: 412)
    }

    /// 416; tells how large the object is.
    static func invalidRange(_ range: String, size: Int64) -> APIError {
        APIError(
            "InvalidRange", "The requested range is not satisfiable",
            fields: ["RangeRequested": .string(range), "ActualObjectSize": .integer(size)], httpStatus: 416)
    }

    /// 400; tells how much is allowed.
    static func entityTooLarge(_ size: Int64, limit: Int64) -> APIError {
        APIError(
            "EntityTooLarge", "Your proposed upload exceeds the maximum allowed size",
            fields: ["ProposedSize": .integer(size), "MaxSizeAllowed": .integer(limit)], httpStatus: 400)
    }

    /// 400: the bytes are not those that the client speaks of. `name` is `Content-MD5` or an algorithm.
    static func badDigest(_ name: String) -> APIError {
        APIError("BadDigest", "The \(name) you specified did not match the calculated checksum.", httpStatus: 400)
    }

    /// A `Content-MD5` that is not that of the bytes.
    static func badContentMD5(_ declared: [UInt8], _ calculated: [UInt8]) -> APIError {
        APIError(
            "BadDigest", "The Content-MD5 you specified did not match what we received.",
            fields: ["ExpectedDigest": .string(Base64.text(declared)), "CalculatedDigest": .string(Base64.text(calculated))],
            httpStatus: 400)
    }

    /// 403: the bucket is not of the account that the request expects.
    static func accessDenied() -> APIError { APIError("AccessDenied", "Access Denied", httpStatus: 403) }

    /// What a client is told of an error of the store of objects.
    static func translated(_ error: any Error) -> any Error {
        switch error {
        case let error as ObjectError: error.apiError
        case let error as ObjectFileError: error.apiError
        case let error as StoreError: error.apiError
        default: error
        }
    }
}

extension ObjectError {
    /// As S3 says it.
    fileprivate var apiError: APIError {
        switch self {
        case .noSuchBucket(let name): return S3Error.noSuchBucket(name)
        case .bucketAlreadyOwnedByYou(let name):
            return APIError(
                "BucketAlreadyOwnedByYou", "Your previous request to create the named bucket succeeded and you already own it.",
                fields: ["BucketName": .string(name)], httpStatus: 409)
        case .bucketNotEmpty(let name):
            return APIError(
                "BucketNotEmpty", "The bucket you tried to delete is not empty", fields: ["BucketName": .string(name)], httpStatus: 409)
        case .noSuchKey(let key): return S3Error.noSuchKey(key.text)
        case .noSuchUpload(let id): return S3Error.noSuchUpload(id)
        case .invalidPart(let number, let etag, let upload):
            return APIError(
                "InvalidPart",
                "One or more of the specified parts could not be found.  The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.",
                fields: ["UploadId": .string(upload), "PartNumber": .integer(Int64(number)), "ETag": .string(etag)], httpStatus: 400)
        case .invalidPartOrder(let upload):
            return APIError(
                "InvalidPartOrder", "The list of parts was not in ascending order. Parts must be ordered by part number.",
                fields: ["UploadId": .string(upload)], httpStatus: 400)
        case .entityTooSmall(let number, let size, let etag):
            return APIError(
                "EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size",
                fields: [
                    "ProposedSize": .integer(size), "MinSizeAllowed": .integer(ObjectRepository.smallestPart),
                    "PartNumber": .integer(Int64(number)), "ETag": .string(etag),
                ], httpStatus: 400)
        case .badDigest(let name): return S3Error.badDigest(name)
        case .invalidSize(let claimed, let actual):
            return S3Error.invalidRequest(
                "The provided 'x-amz-mp-object-size' header value \(claimed) does not match what was computed: \(actual)")
        }
    }
}

extension ObjectFileError {
    /// As S3 says it.
    fileprivate var apiError: APIError {
        switch self {
        case .full: .serviceUnavailable("The server's disk is full; nothing was changed.", retryAfterSeconds: 5)
        case .gone: .serviceUnavailable("The object is being changed; try again.", retryAfterSeconds: 1)
        case .failed: APIError("InternalError", "We encountered an internal error. Please try again.", httpStatus: 500)
        }
    }
}
