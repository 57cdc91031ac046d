import AWSProtocols
import JSONCore
import ObjectStorage
import Store
import TimeSource

extension ObjectService {
    /// Operations on buckets as such.
    func registerBuckets(in registry: inout OperationRegistry) {
        add(
            "CreateBucket", in: &registry, skipping: ["CreateBucketConfiguration"],
            partial: "buckets without versions and object lock; access lists other than private are refused", createBucket)
        add("DeleteBucket", in: &registry, deleteBucket)
        add("ListBuckets", in: &registry, listBuckets)
        add("HeadBucket", in: &registry, headBucket)
        add("GetBucketLocation", in: &registry, location)
    }

    @Sendable private func createBucket(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let name = try input.requiredString("Bucket")
        try BucketNameRules.check(name)
        try ObjectFacts.refuseGrants(input)
        let ownership = input.string("ObjectOwnership")
        if let ownership, !["BucketOwnerEnforced", "BucketOwnerPreferred", "ObjectWriter"].contains(ownership) {
            throw APIError(
                "InvalidArgument", "Invalid x-amz-object-ownership header: \(ownership)",
                fields: ["ArgumentName": "x-amz-object-ownership"], httpStatus: 400)
        }
        if input.bool("ObjectLockEnabledForBucket") == true { throw S3Error.notImplemented(header: "x-amz-bucket-object-lock-enabled") }
        let configuration = input.structure("CreateBucketConfiguration") ?? [:]
        try ObjectService.checkLocation(configuration.string("LocationConstraint"), context.region)
        let tags = try ObjectTags(set: configuration.structures("Tags"), limit: ObjectTags.bucketLimit)
        do {
            _ = try await repository.createBucket(name, account: context.account)
        } catch let error as ObjectError {
            // In us-east-1 S3 lets the owner create a bucket once more.
            guard case .bucketAlreadyOwnedByYou = error, context.region == "us-east-1" else { throw error }
        }
        if let document = tags.encoded {
            try await repository.set(BucketSetting.tagging.rawValue, to: document, of: name, account: context.account)
        }
        if let ownership, ownership != "BucketOwnerEnforced" {
            try await repository.set(
                BucketSetting.ownershipControls.rawValue,
                to: BucketSetting.stored(["Rules": [["ObjectOwnership": .string(ownership)]]]), of: name, account: context.account)
        }
        return ["Location": .string("/\(name)"), "BucketArn": .string("arn:aws:s3:::\(name)")]
    }

    private static func checkLocation(_ constraint: String?, _ region: String) throws(APIError) {
        if constraint == "" { throw S3Error.malformedXML() }
        guard let constraint else {
            if region == "us-east-1" { return }
            throw APIError(
                "IllegalLocationConstraintException",
                "The unspecified location constraint is incompatible for the region specific endpoint this request was sent to.",
                httpStatus: 400)
        }
        if constraint == "us-east-1" {
            throw APIError(
                "InvalidLocationConstraint", "The specified location-constraint is not valid",
                fields: ["LocationConstraint": .string(constraint)], httpStatus: 400)
        }
        guard constraint == region || (constraint == "EU" && region == "eu-west-1") else {
            throw APIError(
                "IllegalLocationConstraintException",
                "The \(constraint) location constraint is incompatible for the region specific endpoint this request was sent to.",
                httpStatus: 400)
        }
    }

    @Sendable private func deleteBucket(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        try await repository.deleteBucket(try input.requiredString("Bucket"), account: context.account)
        return [:]
    }

    @Sendable private func listBuckets(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let prefix = input.string("Prefix") ?? ""
        // Without a limit all are listed at once: an account has 10,000 at most.
        let limit = input.integer("MaxBuckets").map { Int($0) } ?? 10_000
        guard (1...10_000).contains(limit) else {
            throw S3Error.invalidArgument("max-buckets", String(limit), "Argument max-buckets must be an integer between 1 and 10000")
        }
        var after = ""
        if let token = input.string("ContinuationToken") {
            guard let position = (try? PageToken.position(in: token, operation: "ListBuckets", scope: prefix))?.text else {
                throw S3Error.invalidArgument("continuation-token", token, "The continuation token provided is incorrect")
            }
            after = position
        }
        let isElsewhere = input.string("BucketRegion").map { $0 != context.region } ?? false
        let buckets =
            isElsewhere
            ? [] : try await repository.buckets(account: context.account, prefix: prefix, after: after, limit: limit + 1)
        var output: APIStructure = [
            "Buckets": .list(
                buckets.prefix(limit).map { bucket in
                    .structure([
                        "Name": .string(bucket.name), "CreationDate": .timestamp(bucket.createdAt.seconds * 1000),
                        "BucketRegion": .string(context.region), "BucketArn": .string("arn:aws:s3:::\(bucket.name)"),
                    ])
                }),
            "Owner": ObjectService.owner(context.account),
        ]
        if !prefix.isEmpty { output["Prefix"] = .string(prefix) }
        if buckets.count > limit {
            output["ContinuationToken"] = .string(
                PageToken(operation: "ListBuckets", scope: prefix, position: .text(buckets[limit - 1].name)).text)
        }
        return output
    }

    @Sendable private func headBucket(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let bucket = try await repository.bucket(try input.requiredString("Bucket"), account: context.account)
        return [
            "BucketRegion": .string(context.region), "BucketArn": .string("arn:aws:s3:::\(bucket.name)"), "AccessPointAlias": false,
        ]
    }

    @Sendable private func location(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        _ = try await repository.bucket(try input.requiredString("Bucket"), account: context.account)
        // The first region has no name here.
        return context.region == "us-east-1" ? [:] : ["LocationConstraint": .string(context.region)]
    }
}
