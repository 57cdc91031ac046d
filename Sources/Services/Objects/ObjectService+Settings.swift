import AWSProtocols
import JSONCore
import ObjectStorage
import Store

extension ObjectService {
    /// What is set on buckets as a whole.
    func registerSettings(in registry: inout OperationRegistry) {
        let kept = "kept and told; access is decided by the account alone"
        addSetting(.policy, "BucketPolicy", in: &registry, put: "Policy", get: "Policy", partial: kept)
        addSetting(.cors, "BucketCors", in: &registry, put: "CORSConfiguration", partial: "kept and told; browsers are not answered")
        addSetting(
            .encryption, "BucketEncryption", in: &registry, put: "ServerSideEncryptionConfiguration",
            get: "ServerSideEncryptionConfiguration", partial: "kept and told; the files are as safe as the server's disk")
        addSetting(
            .publicAccessBlock, "PublicAccessBlock", in: &registry, put: "PublicAccessBlockConfiguration",
            get: "PublicAccessBlockConfiguration", partial: "kept and told; nothing is public")
        addSetting(
            .ownershipControls, "BucketOwnershipControls", in: &registry, put: "OwnershipControls", get: "OwnershipControls", partial: kept)
        let lifecycle = "rules are kept and told, and not applied"
        add("PutBucketLifecycleConfiguration", in: &registry, partial: lifecycle, setter(.lifecycle, "LifecycleConfiguration"))
        add("GetBucketLifecycleConfiguration", in: &registry, partial: lifecycle, getter(.lifecycle, nil))
        add("DeleteBucketLifecycle", in: &registry, remover(.lifecycle))
        add("PutBucketTagging", in: &registry, putBucketTags)
        add("GetBucketTagging", in: &registry, bucketTags)
        add("DeleteBucketTagging", in: &registry, remover(.tagging))
        add(
            "PutBucketNotificationConfiguration", in: &registry,
            skipping: ["NotificationConfiguration"],
            partial: "FIFO queues are refused, as on AWS; events of versions and restores never happen", putNotifications)
        add("GetBucketNotificationConfiguration", in: &registry, notifications)
        add("GetBucketVersioning", in: &registry, partial: "buckets have no versions", versioning)
        add("PutBucketVersioning", in: &registry, partial: "versions cannot be enabled", putVersioning)
        add("GetBucketAcl", in: &registry, partial: "the owner has full control, nobody else any", bucketAccess)
        add("PutBucketAcl", in: &registry, partial: "private alone", putBucketAccess)
        add("GetObjectAcl", in: &registry, partial: "the owner has full control, nobody else any", objectAccess)
        add("PutObjectAcl", in: &registry, partial: "private alone", putObjectAccess)
        addFixedSettings(in: &registry)
    }

    /// What cannot be set, told as S3 tells it of a bucket on which it is not.
    private func addFixedSettings(in registry: inout OperationRegistry) {
        let fixed: [(operation: String, answer: APIStructure)] = [
            ("GetBucketAccelerateConfiguration", [:]), ("GetBucketLogging", [:]), ("GetBucketRequestPayment", ["Payer": "BucketOwner"]),
            ("GetBucketPolicyStatus", ["PolicyStatus": ["IsPublic": false]]),
        ]
        for (operation, answer) in fixed {
            add(operation, in: &registry) { context, input in
                _ = try await self.repository.bucket(try input.requiredString("Bucket"), account: context.account)
                return answer
            }
        }
        let absent = [
            ("GetBucketWebsite", "NoSuchWebsiteConfiguration", "The specified bucket does not have a website configuration"),
            ("GetBucketReplication", "ReplicationConfigurationNotFoundError", "The replication configuration was not found"),
            (
                "GetObjectLockConfiguration", "ObjectLockConfigurationNotFoundError",
                "Object Lock configuration does not exist for this bucket"
            ),
        ]
        for (operation, code, message) in absent {
            add(operation, in: &registry) { context, input in
                let bucket = try input.requiredString("Bucket")
                _ = try await self.repository.bucket(bucket, account: context.account)
                throw APIError(code, message, fields: ["BucketName": .string(bucket)], httpStatus: 404)
            }
        }
    }

    // MARK: Documents

    /// Adds the three operations of a setting. `get` is the member that its answer holds the document in; nil when the answer is the document.
    private func addSetting(
        _ setting: BucketSetting, _ name: String, in registry: inout OperationRegistry, put: String, get: String? = nil, partial: String
    ) {
        add("Put\(name)", in: &registry, partial: partial, setter(setting, put))
        add("Get\(name)", in: &registry, partial: partial, getter(setting, get))
        add("Delete\(name)", in: &registry, remover(setting))
    }

    private func setter(_ setting: BucketSetting, _ member: String) -> OperationHandler {
        { context, input in
            if setting == .policy { try ObjectService.checkPolicy(input[member] ?? .null) }
            guard let document = input[member], !document.isNull else { throw S3Error.malformedXML() }
            if setting == .ownershipControls, document.structure?.structures("Rules").count != 1 { throw S3Error.malformedXML() }
            try await self.repository.set(
                setting.rawValue, to: BucketSetting.stored(document), of: try input.requiredString("Bucket"), account: context.account)
            return [:]
        }
    }

    private func getter(_ setting: BucketSetting, _ member: String?) -> OperationHandler {
        { context, input in
            let stored = try await self.setting(setting, input, context)
            guard let value = stored.map(BucketSetting.value) ?? setting.standard, !value.isNull else {
                throw setting.absence(try input.requiredString("Bucket"))
            }
            if let member { return [member: value] }
            return value.structure ?? [:]
        }
    }

    private func remover(_ setting: BucketSetting) -> OperationHandler {
        { context, input in
            // What a new bucket has must be kept as taken away.
            try await self.repository.set(
                setting.rawValue, to: setting.standard == nil ? nil : BucketSetting.stored(.null),
                of: try input.requiredString("Bucket"), account: context.account)
            return [:]
        }
    }

    /// The document of a setting; nil when it is not set.
    func setting(_ setting: BucketSetting, _ input: APIStructure, _ context: RequestContext) async throws -> [UInt8]? {
        try await repository.setting(setting.rawValue, of: try input.requiredString("Bucket"), account: context.account)
    }

    private static func checkPolicy(_ document: APIValue) throws(APIError) {
        guard let text = document.string, let policy = try? JSONParser.parse(Array(text.utf8)), policy.object != nil else {
            throw APIError(
                "MalformedPolicy", "Policies must be valid JSON and the first byte must be '{'", httpStatus: 400)
        }
        guard policy["Statement"] != nil else {
            throw APIError("MalformedPolicy", "Missing required field Statement", httpStatus: 400)
        }
    }

    // MARK: Tags

    @Sendable private func putBucketTags(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let tags = try ObjectTags(set: (input.structure("Tagging") ?? [:]).structures("TagSet"), limit: ObjectTags.bucketLimit)
        try await repository.set(
            BucketSetting.tagging.rawValue, to: tags.encoded, of: try input.requiredString("Bucket"), account: context.account)
        return [:]
    }

    @Sendable private func bucketTags(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        guard let stored = try await setting(.tagging, input, context) else {
            throw BucketSetting.tagging.absence(try input.requiredString("Bucket"))
        }
        return ["TagSet": ObjectTags(stored: stored).set]
    }

    // MARK: Versions

    @Sendable private func versioning(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        guard let stored = try await setting(.versioning, input, context) else { return [:] }
        return BucketSetting.value(stored).structure ?? [:]
    }

    /// A bucket that never had versions may be told to have none from now on.
    @Sendable private func putVersioning(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        _ = try await repository.bucket(try input.requiredString("Bucket"), account: context.account)
        let configuration = input.structure("VersioningConfiguration") ?? [:]
        guard let status = configuration.string("Status") else {
            throw APIError(
                "IllegalVersioningConfigurationException",
                "The Versioning element must be specified", httpStatus: 400)
        }
        guard status == "Suspended" else {
            throw APIError("NotImplemented", "Nightshift keeps no versions of objects: versioning cannot be enabled.", httpStatus: 501)
        }
        try await repository.set(
            BucketSetting.versioning.rawValue, to: BucketSetting.stored(["Status": "Suspended"]), of: try input.requiredString("Bucket"),
            account: context.account)
        return [:]
    }

    // MARK: Access lists

    @Sendable private func bucketAccess(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        _ = try await repository.bucket(try input.requiredString("Bucket"), account: context.account)
        return ObjectService.ownersAccess(context)
    }

    @Sendable private func putBucketAccess(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        _ = try await repository.bucket(try input.requiredString("Bucket"), account: context.account)
        guard ["ACL", "AccessControlPolicy"].contains(where: { input.contains($0) }) || ObjectFacts.hasGrants(input) else {
            throw APIError(
                "MissingSecurityHeader", "Your request was missing a required header", fields: ["MissingHeaderName": "x-amz-acl"],
                httpStatus: 400)
        }
        try ObjectFacts.refuseGrants(input)
        try ObjectService.checkAccess(input, context)
        return [:]
    }

    @Sendable private func objectAccess(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        try await checkObject(input, context)
        return ObjectService.ownersAccess(context)
    }

    @Sendable private func putObjectAccess(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        try await checkObject(input, context)
        try ObjectFacts.refuseGrants(input)
        try ObjectService.checkAccess(input, context)
        return [:]
    }

    private func checkObject(_ input: APIStructure, _ context: RequestContext) async throws {
        let key = try ObjectService.key(input)
        try ObjectService.checkVersion(input)
        let found = try await repository.find(key, in: try input.requiredString("Bucket"), account: context.account)
        if found.object == nil { throw ObjectError.noSuchKey(key) }
    }

    private static func ownersAccess(_ context: RequestContext) -> APIStructure {
        let owner = owner(context.account)
        var grantee = owner.structure ?? [:]
        grantee["Type"] = "CanonicalUser"
        return ["Owner": owner, "Grants": [["Grantee": .structure(grantee), "Permission": "FULL_CONTROL"]]]
    }

    /// A list that says what is the case anyway may be set.
    private static func checkAccess(_ input: APIStructure, _ context: RequestContext) throws(APIError) {
        guard let policy = input.structure("AccessControlPolicy") else { return }
        let owner = owner(context.account).structure?.string("ID")
        let isOwners = policy.structures("Grants").allSatisfy { $0.structure("Grantee")?.string("ID") == owner }
        guard isOwners else {
            throw APIError("AccessControlListNotSupported", "The bucket does not allow ACLs", httpStatus: 400)
        }
    }
}
