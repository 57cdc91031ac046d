import AWSProtocols
import ObjectStorage
import Store

extension ObjectService {
    /// CopyObject.
    @Sendable func copyObject(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let key = try ObjectService.key(input)
        let source = try CopySource(input)
        try ObjectService.checkDirective(input, "MetadataDirective", header: "x-amz-metadata-directive", "Unknown metadata directive.")
        try ObjectService.checkDirective(input, "TaggingDirective", header: "x-amz-tagging-directive", "Unknown tagging directive.")
        let replacesFacts = input.string("MetadataDirective") == "REPLACE"
        let asked = try ObjectFacts(input)
        let conditions = try ObjectConditions.OfWrite(input)
        let name = try input.requiredString("Bucket")
        let changes =
            replacesFacts || input.contains("StorageClass") || input.contains("WebsiteRedirectLocation")
            || input.contains("ServerSideEncryption")
        guard changes || source.bucket != name || source.key != key else {
            throw S3Error.invalidRequest(
                "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes."
            )
        }
        let bucket = try await repository.bucket(name, account: context.account)
        let (original, _, reader) = try await repository.opened(
            source.key, in: source.bucket, account: context.account,
            if: ObjectConditions(input, prefix: "CopySource", now: context.receivedAt).check)
        guard original.size <= ObjectService.putLimit else {
            throw S3Error.invalidRequest(
                "The specified copy source is larger than the maximum allowable size for a copy source: \(ObjectService.putLimit)")
        }
        var facts = asked
        if !replacesFacts {
            facts = ObjectFacts(stored: original.facts)
            facts.storageClass = asked.storageClass
            // It is not copied, but told anew.
            facts.values.removeAll { $0.name == "WebsiteRedirectLocation" }
            facts.values += asked.values.filter { $0.name == "WebsiteRedirectLocation" }
        }
        var tags = original.tags
        if input.string("TaggingDirective") == "REPLACE" { tags = try ObjectTags(header: input.string("Tagging") ?? "").encoded }
        let checksum = original.checksum.flatMap { ObjectChecksum(stored: $0) }
        let algorithm = try ClaimedDigests.named(input) ?? checksum?.algorithm ?? .crc64nvme
        let file = try await copied(original, reader, 0..<original.size, algorithm)
        let object = try await repository.put(
            ObjectRepository.Draft(
                bucket: bucket, key: key, file: file, checksum: file.checksum(algorithm), facts: facts.encoded, tags: tags),
            .copy, by: ObjectService.requester(context)
        ) { try conditions.check($0, key: key.text) }
        var result: APIStructure = ["ETag": .string(object.quotedETag), "LastModified": .timestamp(object.lastModified)]
        file.checksum(algorithm)?.describe(in: &result, withType: false)
        return ["CopyObjectResult": .structure(result)]
    }

    /// What a directive says must be one of two words.
    private static func checkDirective(
        _ input: APIStructure, _ member: String, header: String, _ message: String
    ) throws(APIError) {
        guard let value = input.string(member), value != "COPY", value != "REPLACE" else { return }
        throw S3Error.invalidArgument(header, value, message)
    }

    /// A file of the same bytes: a second name of the same ones where all of them are wanted and their digests are known, else a copy.
    func copied(
        _ original: ObjectRecord, _ reader: ObjectReader, _ range: Range<Int64>, _ algorithm: ChecksumAlgorithm
    ) async throws -> WrittenFile {
        if original.parts == 0, range == 0..<original.size, let md5 = HexText.bytes(original.etag),
            let checksum = original.checksum.flatMap({ ObjectChecksum(stored: $0) }), checksum.algorithm == algorithm,
            let id = try await repository.files.duplicate(original.id)
        {
            return WrittenFile(id: id, size: original.size, md5: md5, checksums: [checksum])
        }
        var offset = range.lowerBound
        return try await repository.files.write(checksums: [algorithm]) {
            let piece = try await reader.read(at: offset, count: range.upperBound - offset)
            offset += Int64(piece.count)
            return piece.isEmpty ? nil : piece
        }
    }
}
