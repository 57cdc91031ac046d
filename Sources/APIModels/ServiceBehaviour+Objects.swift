import AWSProtocols

/// Where S3 departs from its model: most of its errors are not in it, and its answers' outermost elements are older than its shapes.
extension ServiceBehaviour {
    /// The behaviour of the service `s3`.
    static let objects = ServiceBehaviour(
        validationCode: "InvalidArgument", serializationCode: "MalformedXML",
        codes: [
            "AccessDeniedException": "AccessDenied", "InternalFailure": "InternalError",
            "RequestEntityTooLargeException": "MaxMessageLengthExceeded", "ThrottlingException": "SlowDown",
            "UnknownOperationException": "MethodNotAllowed", "UnsupportedOperation": "NotImplemented",
            "ValidationException": "InvalidArgument",
        ],
        // A CompleteMultipartUpload of 10,000 parts with checksums has about 2 MiB, a DeleteObjects of 1,000 long keys with escapes more.
        bodyLimit: 8 << 20, checksConstraintsItself: true,
        xml: XMLBehaviour(
            statuses: objectStatuses, elementNames: objectElementNames, unwrappedOutputs: ["GetBucketLocationOutput"]))

    /// The statuses of S3's errors other than 400 ("Error responses" in the Amazon S3 API Reference).
    private static let objectStatuses: [String: Int] = [
        "AccessDenied": 403, "AccountProblem": 403, "AllAccessDisabled": 403, "AuthorizationHeaderMalformed": 400,
        "BucketAlreadyExists": 409, "BucketAlreadyOwnedByYou": 409, "BucketNotEmpty": 409, "ConditionalRequestConflict": 409,
        "InternalError": 500, "InvalidAccessKeyId": 403, "InvalidBucketState": 409, "InvalidObjectState": 403, "InvalidRange": 416,
        "MethodNotAllowed": 405, "MissingContentLength": 411, "NoSuchAccelerateConfiguration": 404, "NoSuchBucket": 404,
        "NoSuchBucketPolicy": 404, "NoSuchCORSConfiguration": 404, "NoSuchKey": 404, "NoSuchLifecycleConfiguration": 404,
        "NoSuchPublicAccessBlockConfiguration": 404, "NoSuchTagSet": 404, "NoSuchUpload": 404, "NoSuchVersion": 404,
        "NoSuchWebsiteConfiguration": 404, "NotImplemented": 501, "NotModified": 304, "NotSignedUp": 403,
        "ObjectLockConfigurationNotFoundError": 404, "OperationAborted": 409, "OwnershipControlsNotFoundError": 404,
        "PermanentRedirect": 301, "PreconditionFailed": 412, "ReplicationConfigurationNotFoundError": 404,
        "RequestTimeTooSkewed": 403, "RestoreAlreadyInProgress": 409, "ServerSideEncryptionConfigurationNotFoundError": 404,
        "ServiceUnavailable": 503, "SignatureDoesNotMatch": 403, "SlowDown": 503, "TemporaryRedirect": 307,
    ]

    /// The names that S3's answers had before its API was modelled.
    private static let objectElementNames: [String: String] = [
        "CompleteMultipartUploadOutput": "CompleteMultipartUploadResult",
        "CreateMultipartUploadOutput": "InitiateMultipartUploadResult", "DeleteObjectsOutput": "DeleteResult",
        "GetBucketAccelerateConfigurationOutput": "AccelerateConfiguration", "GetBucketAclOutput": "AccessControlPolicy",
        "GetBucketCorsOutput": "CORSConfiguration", "GetBucketLifecycleConfigurationOutput": "LifecycleConfiguration",
        "GetBucketLocationOutput": "LocationConstraint", "GetBucketLoggingOutput": "BucketLoggingStatus",
        "GetBucketRequestPaymentOutput": "RequestPaymentConfiguration", "GetBucketTaggingOutput": "Tagging",
        "GetBucketVersioningOutput": "VersioningConfiguration", "GetBucketWebsiteOutput": "WebsiteConfiguration",
        "GetObjectAclOutput": "AccessControlPolicy", "GetObjectAttributesOutput": "GetObjectAttributesResponse",
        "GetObjectTaggingOutput": "Tagging", "ListBucketsOutput": "ListAllMyBucketsResult",
        "ListMultipartUploadsOutput": "ListMultipartUploadsResult", "ListObjectVersionsOutput": "ListVersionsResult",
        "ListObjectsOutput": "ListBucketResult", "ListObjectsV2Output": "ListBucketResult", "ListPartsOutput": "ListPartsResult",
    ]
}
