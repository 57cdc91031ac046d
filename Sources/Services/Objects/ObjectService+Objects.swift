import AWSProtocols
import ObjectStorage
import Store
import TimeSource

extension ObjectService {
    private static let writePartial = """
        without versions, object lock and keys of KMS or clients; storage classes are labels; checksums of CRC32, CRC32C, CRC64NVME, SHA1 \
        and SHA256
        """

    /// Operations on objects.
    func registerObjects(in registry: inout OperationRegistry) {
        addStreamed("PutObject", in: &registry, partial: ObjectService.writePartial, putObject)
        addStreamed("GetObject", in: &registry, getObject)
        add("HeadObject", in: &registry) { try await self.headObject($0, $1) }
        add("GetObjectAttributes", in: &registry, attributes)
        add("CopyObject", in: &registry, partial: ObjectService.writePartial, copyObject)
        add("DeleteObject", in: &registry, partial: "without versions and object lock", deleteObject)
        add("DeleteObjects", in: &registry, partial: "without versions and object lock", deleteObjects)
        add("ListObjects", in: &registry, listObjects)
        add("ListObjectsV2", in: &registry, listObjectsV2)
        add("ListObjectVersions", in: &registry, partial: "each object has the one version null", listObjectVersions)
        add("GetObjectTagging", in: &registry, getTags)
        add("PutObjectTagging", in: &registry, putTags)
        add("DeleteObjectTagging", in: &registry, deleteTags)
    }

    // MARK: Writing

    @Sendable private func putObject(
        _ context: RequestContext, _ input: APIStructure, _ body: any StreamedInputBody
    ) async throws -> StreamedOutput {
        let key = try ObjectService.key(input)
        let facts = try ObjectFacts(input)
        let tags = try input.string("Tagging").map { header throws(APIError) in try ObjectTags(header: header) }
        let conditions = try ObjectConditions.OfWrite(input)
        guard body.length <= ObjectService.putLimit else {
            throw S3Error.entityTooLarge(body.length, limit: ObjectService.putLimit)
        }
        let claims = try ClaimedDigests(input, trailers: body.announcedTrailers)
        // Before the body comes: what is known to be refused need not be sent.
        let (bucket, current) = try await repository.find(key, in: try input.requiredString("Bucket"), account: context.account)
        try conditions.check(current, key: key.text)
        let algorithm = claims.algorithm ?? .crc64nvme
        let file = try await write(body, claims, [algorithm])
        let object = try await repository.put(
            ObjectRepository.Draft(
                bucket: bucket, key: key, file: file, checksum: file.checksum(algorithm), facts: facts.encoded, tags: tags?.encoded),
            .put, by: ObjectService.requester(context)
        ) { try conditions.check($0, key: key.text) }
        var output: APIStructure = ["ETag": .string(object.quotedETag)]
        file.checksum(algorithm)?.describe(in: &output)
        return StreamedOutput(output)
    }

    /// Writes a body into a file that is nobody's yet, and compares it with what the client says of it.
    func write(
        _ body: any StreamedInputBody, _ claims: ClaimedDigests, _ algorithms: [ChecksumAlgorithm]
    ) async throws -> WrittenFile {
        let file = try await repository.files.write(checksums: algorithms) { try await body.next() }
        do {
            try claims.check(file, trailers: body.trailers)
            return file
        } catch {
            repository.files.discard([file.id], of: file.id)
            throw error
        }
    }

    // MARK: Deleting

    @Sendable private func deleteObject(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let key = try ObjectService.key(input)
        try ObjectService.checkVersion(input)
        try ObjectService.checkBypass(input)
        let match = input.string("IfMatch")
        let size = input.integer("IfMatchSize")
        let bucket = try await repository.bucket(try input.requiredString("Bucket"), account: context.account)
        _ = try await repository.delete([key], in: bucket, by: ObjectService.requester(context)) { object in
            if let match, !ObjectConditions.list(match, has: object.etag) { throw S3Error.preconditionFailed("If-Match") }
            if let size, size != object.size { throw S3Error.preconditionFailed("x-amz-if-match-size") }
        }
        return [:]
    }

    @Sendable private func deleteObjects(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        try ObjectService.checkBypass(input)
        let request = input.structure("Delete") ?? [:]
        let entries = request.structures("Objects")
        guard (1...1000).contains(entries.count) else { throw S3Error.malformedXML() }
        let bucket = try await repository.bucket(try input.requiredString("Bucket"), account: context.account)
        var errors: [APIValue] = []
        var deleted: [APIValue] = []
        var plain: [ObjectKey] = []
        for entry in entries {
            let key = entry.string("Key") ?? ""
            do {
                guard key.utf8.count <= ObjectKey.limit, !key.isEmpty else { throw S3Error.malformedXML() }
                if let version = entry.string("VersionId"), version != "null", !version.isEmpty {
                    throw S3Error.noSuchVersion(version, key: key)
                }
                if let etag = entry.string("ETag") {
                    _ = try await repository.delete([ObjectKey(key)], in: bucket, by: ObjectService.requester(context)) { object in
                        guard ObjectConditions.list(etag, has: object.etag) else { throw S3Error.preconditionFailed("ETag") }
                    }
                } else {
                    plain.append(ObjectKey(key))
                }
                deleted.append(.structure(["Key": .string(key)]))
            } catch {
                let failure = S3Error.translated(error) as? APIError ?? .internalFailure()
                var told: APIStructure = ["Key": .string(key), "Code": .string(failure.code), "Message": .string(failure.message)]
                told["VersionId"] = .optional(entry.string("VersionId"))
                errors.append(.structure(told))
            }
        }
        _ = try await repository.delete(plain, in: bucket, by: ObjectService.requester(context))
        var output: APIStructure = [:]
        if request.bool("Quiet") != true, !deleted.isEmpty { output["Deleted"] = .list(deleted) }
        if !errors.isEmpty { output["Errors"] = .list(errors) }
        return output
    }

    /// Buckets without object lock have nothing that could be bypassed.
    private static func checkBypass(_ input: APIStructure) throws(APIError) {
        guard input.contains("BypassGovernanceRetention") else { return }
        throw APIError(
            "InvalidArgument", "x-amz-bypass-governance-retention is only applicable to Object Lock enabled buckets.",
            fields: ["ArgumentName": "x-amz-bypass-governance-retention"], httpStatus: 400)
    }

    // MARK: Tags

    @Sendable private func getTags(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let key = try ObjectService.key(input)
        try ObjectService.checkVersion(input)
        let found = try await repository.find(key, in: try input.requiredString("Bucket"), account: context.account)
        guard let object = found.object else { throw ObjectError.noSuchKey(key) }
        return ["TagSet": ObjectTags(stored: object.tags).set]
    }

    @Sendable private func putTags(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let key = try ObjectService.key(input)
        try ObjectService.checkVersion(input)
        let tags = try ObjectTags(set: (input.structure("Tagging") ?? [:]).structures("TagSet"), limit: ObjectTags.objectLimit)
        try await repository.setTags(
            tags.encoded, of: key, in: try input.requiredString("Bucket"), account: context.account, .setTags,
            by: ObjectService.requester(context))
        return [:]
    }

    @Sendable private func deleteTags(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let key = try ObjectService.key(input)
        try ObjectService.checkVersion(input)
        try await repository.setTags(
            nil, of: key, in: try input.requiredString("Bucket"), account: context.account, .deleteTags,
            by: ObjectService.requester(context))
        return [:]
    }
}
