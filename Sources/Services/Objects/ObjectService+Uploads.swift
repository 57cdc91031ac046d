import AWSProtocols
import JSONCore
import ObjectStorage
import Store
import TimeSource

extension ObjectService {
    /// Operations on uploads in parts.
    func registerUploads(in registry: inout OperationRegistry) {
        add("CreateMultipartUpload", in: &registry, partial: "as PutObject", createUpload)
        addStreamed("UploadPart", in: &registry, uploadPart)
        add("UploadPartCopy", in: &registry, uploadPartCopy)
        add("CompleteMultipartUpload", in: &registry, completeUpload)
        add("AbortMultipartUpload", in: &registry, abortUpload)
        add("ListParts", in: &registry, listParts)
        add("ListMultipartUploads", in: &registry, listUploads)
    }

    @Sendable private func createUpload(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let key = try ObjectService.key(input)
        let facts = try ObjectFacts(input)
        let tags = try input.string("Tagging").map { header throws(APIError) in try ObjectTags(header: header) }
        let algorithm = try ClaimedDigests.named(input)
        let type = try ObjectService.checksumType(input, algorithm)
        let name = try input.requiredString("Bucket")
        let bucket = try await repository.bucket(name, account: context.account)
        let upload = try await repository.createUpload(
            key, in: bucket, checksum: algorithm.map { ($0, type) }, facts: facts.encoded, tags: tags?.encoded)
        var output: APIStructure = ["Bucket": .string(name), "Key": .string(key.text), "UploadId": .string(upload.id)]
        if let algorithm {
            output["ChecksumAlgorithm"] = .string(algorithm.rawValue)
            output["ChecksumType"] = .string(type.rawValue)
        }
        return output
    }

    /// What the object's checksum will be of (S3 User Guide, "Checking object integrity", the table of algorithms and types).
    private static func checksumType(_ input: APIStructure, _ algorithm: ChecksumAlgorithm?) throws(APIError) -> ChecksumType {
        let asked = input.string("ChecksumType").flatMap(ChecksumType.init)
        guard let algorithm else {
            if asked == nil { return .fullObject }
            throw S3Error.invalidRequest("The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.")
        }
        let type = asked ?? (algorithm == .crc64nvme ? .fullObject : .composite)
        let isPossible = type == .fullObject ? algorithm.isLinear : algorithm != .crc64nvme
        guard isPossible else {
            throw S3Error.invalidRequest(
                "The \(type.rawValue) checksum type cannot be used with the \(algorithm.rawValue.lowercased()) checksum algorithm.")
        }
        return type
    }

    private static func partNumber(_ input: APIStructure) throws(APIError) -> Int {
        let number = input.integer("PartNumber") ?? 0
        guard (1...10_000).contains(number) else {
            throw S3Error.invalidArgument(
                "partNumber", String(number), "Part number must be an integer between 1 and 10000, inclusive")
        }
        return Int(number)
    }

    // MARK: Parts

    @Sendable private func uploadPart(
        _ context: RequestContext, _ input: APIStructure, _ body: any StreamedInputBody
    ) async throws -> StreamedOutput {
        let number = try ObjectService.partNumber(input)
        guard body.length <= ObjectService.putLimit else {
            throw S3Error.entityTooLarge(body.length, limit: ObjectService.putLimit)
        }
        let claims = try ClaimedDigests(input, trailers: body.announcedTrailers)
        let (_, upload) = try await upload(input, context)
        if let claimed = claims.algorithm, let expected = upload.checksumAlgorithm, claimed.rawValue != expected {
            throw S3Error.invalidRequest(
                "Checksum Type mismatch occurred, expected checksum Type: \(expected.lowercased()), actual checksum Type: \(claimed.rawValue.lowercased())"
            )
        }
        let kept = upload.checksumAlgorithm.flatMap(ChecksumAlgorithm.init) ?? .crc64nvme
        let file = try await write(body, claims, Array(Set([kept, claims.algorithm ?? kept])))
        let part = try await repository.setPart(number, of: upload, to: file, checksum: file.checksum(kept))
        var output: APIStructure = ["ETag": .string("\"\(part.etag)\"")]
        file.checksum(claims.algorithm ?? kept)?.describe(in: &output, withType: false)
        return StreamedOutput(output)
    }

    @Sendable private func uploadPartCopy(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let number = try ObjectService.partNumber(input)
        let source = try CopySource(input)
        let (_, upload) = try await upload(input, context)
        let (original, _, reader) = try await repository.opened(
            source.key, in: source.bucket, account: context.account,
            if: ObjectConditions(input, prefix: "CopySource", now: context.receivedAt).check)
        let range =
            try input.string("CopySourceRange").map { header throws(APIError) in
                try ByteRange.copied(header, of: original.size)
            } ?? 0..<original.size
        guard range.count <= ObjectService.putLimit else {
            throw S3Error.invalidRequest(
                "The specified copy source is larger than the maximum allowable size for a copy source: \(ObjectService.putLimit)")
        }
        let kept = upload.checksumAlgorithm.flatMap(ChecksumAlgorithm.init) ?? .crc64nvme
        let file = try await copied(original, reader, range, kept)
        let part = try await repository.setPart(number, of: upload, to: file, checksum: file.checksum(kept))
        var result: APIStructure = [
            "ETag": .string("\"\(part.etag)\""), "LastModified": .timestamp(part.modifiedAt.seconds * 1000),
        ]
        if upload.checksumAlgorithm != nil { file.checksum(kept)?.describe(in: &result, withType: false) }
        return ["CopyPartResult": .structure(result)]
    }

    private func upload(
        _ input: APIStructure, _ context: RequestContext
    ) async throws -> (bucket: BucketRecord, upload: UploadRecord) {
        try await repository.upload(
            try input.requiredString("UploadId"), key: try ObjectService.key(input), in: try input.requiredString("Bucket"),
            account: context.account)
    }

    // MARK: Ends

    @Sendable private func completeUpload(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let key = try ObjectService.key(input)
        let conditions = try ObjectConditions.OfWrite(input)
        guard let list = input.structure("MultipartUpload") else { throw S3Error.invalidRequest("You must specify at least one part") }
        let entries = list.structures("Parts")
        guard !entries.isEmpty, entries.count <= 10_000 else { throw S3Error.malformedXML() }
        var listed: [ObjectRepository.ListedPart] = []
        for entry in entries {
            let checksum = try ClaimedDigests.checksum(in: entry)
            listed.append(
                ObjectRepository.ListedPart(
                    number: try ObjectService.partNumber(entry), etag: (entry.string("ETag") ?? "").filter { $0 != "\"" },
                    checksum: checksum.map { ($0.algorithm, $0.value) }))
        }
        let name = try input.requiredString("Bucket")
        let id = try input.requiredString("UploadId")
        let claimed = try ClaimedDigests.checksum(in: input)
        let object: ObjectRecord
        do {
            let (bucket, upload) = try await upload(input, context)
            if let type = input.string("ChecksumType"), let actual = upload.checksumType, type != actual {
                throw S3Error.invalidRequest(
                    "The upload was created using the \(actual) checksum mode. The complete request must use the same checksum mode.")
            }
            try ObjectService.checkListed(listed, upload)
            object = try await repository.complete(
                upload, in: bucket, listed, claimed: claimed, size: input.integer("MpuObjectSize"),
                by: ObjectService.requester(context)
            ) { try conditions.check($0, key: key.text, since: upload.initiatedAt) }
        } catch let error as ObjectError {
            // A client that did not get the answer asks again, and gets it as long as the object is there.
            guard case .noSuchUpload = error,
                let earlier = try await repository.find(key, in: name, account: context.account).object, earlier.id == id
            else { throw error }
            object = earlier
        }
        var output: APIStructure = [
            "Location": .string("\(context.endpoint)/\(name)/\(PercentEncodedPath.text(key.text))"), "Bucket": .string(name),
            "Key": .string(key.text), "ETag": .string(object.quotedETag),
        ]
        object.checksum.flatMap { ObjectChecksum(stored: $0) }?.describe(in: &output)
        return output
    }

    /// Of an upload whose checksum is made of its parts' the client must list theirs.
    private static func checkListed(_ listed: [ObjectRepository.ListedPart], _ upload: UploadRecord) throws(APIError) {
        guard upload.checksumType == ChecksumType.composite.rawValue, let algorithm = upload.checksumAlgorithm?.lowercased(),
            let part = listed.first(where: { $0.checksum == nil })
        else { return }
        throw S3Error.invalidRequest(
            "The upload was created using a \(algorithm) checksum. The complete request must include the checksum for each part. It was missing for part \(part.number) in the request."
        )
    }

    @Sendable private func abortUpload(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        try await repository.abort(try await upload(input, context).upload)
        return [:]
    }

    // MARK: Lists

    @Sendable private func listParts(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let (_, upload) = try await upload(input, context)
        let limit = try ObjectService.limit(input, "MaxParts", wireName: "max-parts")
        let marker = input.integer("PartNumberMarker") ?? 0
        let parts = try await repository.parts(of: upload, after: Int(marker), limit: limit + 1)
        let shown = parts.prefix(limit)
        let owner = ObjectService.owner(context.account)
        var output: APIStructure = [
            "Bucket": .string(try input.requiredString("Bucket")), "Key": .string(upload.key.text), "UploadId": .string(upload.id),
            "PartNumberMarker": .integer(marker), "NextPartNumberMarker": .integer(Int64(shown.last?.number ?? 0)),
            "MaxParts": .integer(Int64(limit)), "IsTruncated": .bool(parts.count > limit && limit > 0), "Initiator": owner, "Owner": owner,
            "StorageClass": .string(ObjectFacts(stored: upload.facts).storageClass),
        ]
        output["ChecksumAlgorithm"] = .optional(upload.checksumAlgorithm)
        output["ChecksumType"] = .optional(upload.checksumType)
        if !shown.isEmpty {
            output["Parts"] = .list(
                shown.map { part in
                    var entry: APIStructure = [
                        "PartNumber": .integer(Int64(part.number)), "LastModified": .timestamp(part.modifiedAt.seconds * 1000),
                        "ETag": .string("\"\(part.etag)\""), "Size": .integer(part.size),
                    ]
                    // Without an algorithm of the client's the parts' are the server's own business.
                    if upload.checksumAlgorithm != nil {
                        part.checksum.flatMap { ObjectChecksum(stored: $0) }?.describe(in: &entry, withType: false)
                    }
                    return .structure(entry)
                })
        }
        return output
    }

    @Sendable private func listUploads(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let encoding = try NameEncoding(input)
        let limit = try ObjectService.limit(input, "MaxUploads", wireName: "max-uploads")
        let name = try input.requiredString("Bucket")
        let bucket = try await repository.bucket(name, account: context.account)
        let listing = ObjectListing(
            prefix: ObjectKey(input.string("Prefix") ?? ""),
            delimiter: input.string("Delimiter").flatMap { $0.isEmpty ? nil : Array($0.utf8) }, position: nil, limit: limit)
        let keyMarker = input.string("KeyMarker") ?? ""
        // Without a key it says nothing.
        let idMarker = keyMarker.isEmpty ? "" : input.string("UploadIdMarker") ?? ""
        let page = try await repository.uploads(
            listing, after: keyMarker.isEmpty ? nil : ObjectKey(keyMarker), id: idMarker.isEmpty ? nil : idMarker, in: bucket)
        let owner = ObjectService.owner(context.account)
        var output: APIStructure = [
            "Bucket": .string(name), "KeyMarker": encoding.text(keyMarker), "UploadIdMarker": .string(idMarker),
            "NextKeyMarker": encoding.text((page.isTruncated || page.lastID != nil ? page.lastKey?.text : nil) ?? ""),
            "NextUploadIdMarker": .string(page.lastID ?? ""),
            "MaxUploads": .integer(Int64(limit)), "IsTruncated": .bool(page.isTruncated),
        ]
        output["Prefix"] = encoding.text(input.string("Prefix").flatMap { $0.isEmpty ? nil : $0 })
        output["Delimiter"] = encoding.text(input.string("Delimiter").flatMap { $0.isEmpty ? nil : $0 })
        output["EncodingType"] = .optional(input.string("EncodingType"))
        if !page.uploads.isEmpty {
            output["Uploads"] = .list(
                page.uploads.map { upload in
                    .structure([
                        "UploadId": .string(upload.id), "Key": encoding.text(upload.key.text),
                        "Initiated": .timestamp(upload.initiatedAt.seconds * 1000),
                        "StorageClass": .string(ObjectFacts(stored: upload.facts).storageClass), "Owner": owner, "Initiator": owner,
                        "ChecksumAlgorithm": .optional(upload.checksumAlgorithm), "ChecksumType": .optional(upload.checksumType),
                    ])
                })
        }
        if !page.prefixes.isEmpty {
            output["CommonPrefixes"] = .list(page.prefixes.map { .structure(["Prefix": encoding.text($0.text)]) })
        }
        return output
    }
}
