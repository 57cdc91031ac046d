import AWSProtocols
import ObjectStorage
import Store

extension ObjectService {
    /// Which bytes of an object a request asks for.
    private struct Selection {
        /// The bytes.
        let range: Range<Int64>
        /// Whether they are told by `Content-Range`.
        let isPart: Bool
        /// The part that is asked for by its number; nil for a range, or for an object that has none.
        let part: PartRecord?

        /// The bytes that a request asks for.
        init(_ input: APIStructure, of object: ObjectRecord, parts: [PartRecord]) throws(APIError) {
            guard let number = input.integer("PartNumber").map(Int.init) else {
                let range = try input.string("Range").flatMap { header throws(APIError) in try ByteRange.bytes(header, of: object.size) }
                self.range = range ?? 0..<object.size
                isPart = range != nil
                part = nil
                return
            }
            guard !input.contains("Range") else {
                throw S3Error.invalidRequest("Cannot specify both Range header and partNumber query parameter")
            }
            guard (1...10_000).contains(number) else {
                throw S3Error.invalidArgument(
                    "partNumber", String(number), "Part number must be an integer between 1 and 10000, inclusive")
            }
            isPart = object.size > 0
            if object.parts == 0, number == 1 {
                range = 0..<object.size
                part = nil
                return
            }
            guard let index = parts.firstIndex(where: { $0.number == number }) else {
                throw APIError(
                    "InvalidPartNumber", "The requested partnumber is not satisfiable",
                    fields: ["PartNumberRequested": .integer(Int64(number)), "ActualPartCount": .integer(Int64(max(1, object.parts)))],
                    httpStatus: 416)
            }
            let start = parts[..<index].reduce(0) { $0 + $1.size }
            range = start..<(start + parts[index].size)
            part = parts[index]
        }
    }

    /// GetObject: the bytes are those of one version, whatever happens while they are sent.
    @Sendable func getObject(
        _ context: RequestContext, _ input: APIStructure, _ body: any StreamedInputBody
    ) async throws -> StreamedOutput {
        let key = try ObjectService.key(input)
        try ObjectService.checkVersion(input)
        let conditions = ObjectConditions(input, now: context.receivedAt)
        let (object, parts, reader) = try await repository.opened(
            key, in: try input.requiredString("Bucket"), account: context.account, if: conditions.check)
        let selection = try Selection(input, of: object, parts: parts)
        return StreamedOutput(
            describe(object, selection, input),
            body: StreamedOutputBody(length: Int64(selection.range.count)) { sink in
                try await reader.send(selection.range, to: sink)
            })
    }

    /// HeadObject.
    @Sendable func headObject(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let key = try ObjectService.key(input)
        try ObjectService.checkVersion(input)
        let found = try await repository.find(key, in: try input.requiredString("Bucket"), account: context.account)
        guard let object = found.object else { throw ObjectError.noSuchKey(key) }
        try ObjectConditions(input, now: context.receivedAt).check(object)
        let parts = input.contains("PartNumber") ? try await repository.parts(of: object) : []
        return describe(object, try Selection(input, of: object, parts: parts), input)
    }

    private func describe(_ object: ObjectRecord, _ selection: Selection, _ input: APIStructure) -> APIStructure {
        var output: APIStructure = [
            "AcceptRanges": "bytes", "LastModified": .timestamp(object.lastModified),
            "ContentLength": .integer(Int64(selection.range.count)), "ETag": .string(object.quotedETag),
        ]
        ObjectFacts(stored: object.facts).describe(in: &output, overrides: input)
        if selection.isPart {
            output["ContentRange"] = .string("bytes \(selection.range.lowerBound)-\(selection.range.upperBound - 1)/\(object.size)")
        }
        let tags = ObjectTags(stored: object.tags).tags.count
        if tags > 0 { output["TagCount"] = .integer(Int64(tags)) }
        if input.contains("PartNumber"), object.parts > 0 { output["PartsCount"] = .integer(Int64(object.parts)) }
        // A checksum is told with the bytes that it is of.
        guard input.string("ChecksumMode") == "ENABLED" else { return output }
        if let part = selection.part {
            part.checksum.flatMap { ObjectChecksum(stored: $0) }?.describe(in: &output, withType: false)
        } else if !selection.isPart || selection.range.count == Int(object.size) {
            object.checksum.flatMap { ObjectChecksum(stored: $0) }?.describe(in: &output)
        }
        return output
    }

    // MARK: Attributes

    /// GetObjectAttributes.
    @Sendable func attributes(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let key = try ObjectService.key(input)
        try ObjectService.checkVersion(input)
        let wanted = Set(input.strings("ObjectAttributes"))
        let known: Set<String> = ["ETag", "Checksum", "ObjectParts", "StorageClass", "ObjectSize"]
        guard !wanted.isEmpty, wanted.isSubset(of: known) else {
            throw S3Error.invalidArgument(
                "x-amz-object-attributes", wanted.sorted().joined(separator: ","), "Invalid attribute name specified.")
        }
        let found = try await repository.find(key, in: try input.requiredString("Bucket"), account: context.account)
        guard let object = found.object else { throw ObjectError.noSuchKey(key) }
        var output: APIStructure = ["LastModified": .timestamp(object.lastModified)]
        if wanted.contains("ETag") { output["ETag"] = .string(object.etag) }
        if wanted.contains("ObjectSize") { output["ObjectSize"] = .integer(object.size) }
        if wanted.contains("StorageClass") { output["StorageClass"] = .string(ObjectFacts(stored: object.facts).storageClass) }
        let checksum = object.checksum.flatMap { ObjectChecksum(stored: $0) }
        if wanted.contains("Checksum"), let checksum {
            var member: APIStructure = [:]
            // Here alone a composite one is told without the number of parts.
            ObjectChecksum(checksum.algorithm, checksum.type, value: checksum.value).describe(in: &member)
            output["Checksum"] = .structure(member)
        }
        if wanted.contains("ObjectParts"), object.parts > 0 {
            output["ObjectParts"] = .structure(try await describeParts(of: object, checksum, input))
        }
        return output
    }

    private func describeParts(
        of object: ObjectRecord, _ checksum: ObjectChecksum?, _ input: APIStructure
    ) async throws -> APIStructure {
        var output: APIStructure = ["TotalPartsCount": .integer(Int64(object.parts))]
        // S3 lists the parts only where each has a checksum of its own.
        guard checksum?.type == .composite else { return output }
        let limit = try ObjectService.limit(input, "MaxParts", wireName: "max-parts")
        let marker = input.integer("PartNumberMarker") ?? 0
        let after = try await repository.parts(of: object).filter { $0.number > Int(marker) }
        let shown = after.prefix(limit)
        output["PartNumberMarker"] = .integer(marker)
        output["NextPartNumberMarker"] = .integer(Int64(shown.last?.number ?? 0))
        output["MaxParts"] = .integer(Int64(limit))
        output["IsTruncated"] = .bool(after.count > shown.count)
        output["Parts"] = .list(
            shown.map { part in
                var entry: APIStructure = ["PartNumber": .integer(Int64(part.number)), "Size": .integer(part.size)]
                part.checksum.flatMap { ObjectChecksum(stored: $0) }?.describe(in: &entry, withType: false)
                return .structure(entry)
            })
        return output
    }
}
