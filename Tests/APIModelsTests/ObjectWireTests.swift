import APIModels
import AWSProtocols
import Testing

/// S3's requests and answers by its model.
@Suite struct ObjectWireTests {
    private let model: ServiceModel
    private var codec: WireCodec { WireCodec(model: model, wireProtocol: .restXML) }

    init() throws {
        model = try #require(ModelCatalogue().model("s3"))
    }

    private func operation(_ name: String) throws -> OperationModel { try #require(model.operations[name]) }

    private func input(
        _ name: String, query: String = "", headers: [(String, String)] = [], body: String = ""
    ) throws -> APIStructure {
        try codec.decode(
            WireRequest(
                method: "PUT", path: "/b/k", query: query, headers: headers.map { (name: $0.0, value: $0.1) }, body: Array(body.utf8)),
            operation(name), labels: [("Bucket", "b"), ("Key", "k")])
    }

    @Test(arguments: [
        ("GET", ObjectRoutes.Subject.service, "", "ListBuckets"), ("GET", .bucket, "", "ListObjects"),
        ("GET", .bucket, "list-type=2&prefix=a", "ListObjectsV2"), ("GET", .bucket, "list-type=1", "ListObjects"),
        ("GET", .bucket, "location", "GetBucketLocation"), ("GET", .bucket, "uploads=", "ListMultipartUploads"),
        ("GET", .bucket, "lifecycle", "GetBucketLifecycleConfiguration"), ("PUT", .bucket, "lifecycle", "PutBucketLifecycleConfiguration"),
        ("GET", .bucket, "notification", "GetBucketNotificationConfiguration"), ("GET", .bucket, "versions", "ListObjectVersions"),
        ("PUT", .bucket, "", "CreateBucket"), ("HEAD", .bucket, "", "HeadBucket"), ("DELETE", .bucket, "", "DeleteBucket"),
        ("DELETE", .bucket, "tagging", "DeleteBucketTagging"), ("POST", .bucket, "delete", "DeleteObjects"),
        ("GET", .object, "", "GetObject"),
        ("GET", .object, "x-id=GetObject&versionId=1&nonsense=2", "GetObject"), ("GET", .object, "uploadId=u", "ListParts"),
        ("GET", .object, "attributes", "GetObjectAttributes"), ("HEAD", .object, "", "HeadObject"), ("PUT", .object, "", "PutObject"),
        ("PUT", .object, "partNumber=1&uploadId=u", "UploadPart"), ("PUT", .object, "partNumber=1", "PutObject"),
        ("PUT", .object, "acl", "PutObjectAcl"), ("POST", .object, "uploads", "CreateMultipartUpload"),
        ("POST", .object, "uploadId=u", "CompleteMultipartUpload"), ("DELETE", .object, "uploadId=u", "AbortMultipartUpload"),
        ("DELETE", .object, "", "DeleteObject"), ("POST", .object, "select&select-type=2", "SelectObjectContent"),
    ]) func operationsAreToldByTheirQuery(method: String, subject: ObjectRoutes.Subject, query: String, name: String) throws {
        let query = try #require(FormDecoder.pairs(query))
        #expect(model.objectRoutes.match(method: method, subject, query: query) { _ in false } == name)
    }

    @Test func copiesAreToldByTheirSource() {
        let match = { (query: [(String, String)]) in
            model.objectRoutes.match(method: "PUT", .object, query: query) { $0 == "x-amz-copy-source" }
        }
        #expect(match([]) == "CopyObject" && match([("partNumber", "1"), ("uploadId", "u")]) == "UploadPartCopy")
        #expect(model.objectRoutes.match(method: "POST", .bucket, query: []) { _ in false } == nil)
        #expect(model.objectRoutes.match(method: "PATCH", .object, query: []) { _ in false } == nil)
    }

    @Test func inputsComeFromLabelsQueryHeadersAndHeaderMaps() throws {
        let read = try input(
            "PutObject", query: "x-amz-meta-q=2&X-Amz-Acl=private",
            headers: [
                ("content-type", "text/plain"), ("content-length", "3"), ("x-amz-meta-a", "1"), ("x-amz-meta-b", "2"),
                ("x-amz-meta-b", "3"),
                ("x-amz-tagging", "t=1"), ("expires", "nonsense"), ("x-amz-server-side-encryption-bucket-key-enabled", "true"),
            ])
        #expect(read.string("Bucket") == "b" && read.string("Key") == "k" && read.string("ContentType") == "text/plain")
        #expect(read.integer("ContentLength") == 3 && read.string("ACL") == "private" && read.bool("BucketKeyEnabled") == true)
        #expect(read.stringMap("Metadata").map { "\($0)=\($1)" } == ["a=1", "b=2,3", "q=2"])
        #expect(!read.contains("Body"))
    }

    @Test func numbersThatAreNoneAreInvalidArguments() {
        #expect {
            try input("ListObjectsV2", query: "max-keys=many")
        } throws: { error in
            let error = error as? APIError
            return error?.code == "InvalidArgument" && error?.fields.string("ArgumentName") == "max-keys"
                && error?.fields.string("ArgumentValue") == "many"
        }
    }

    @Test func documentsAreReadByTheirPayload() throws {
        let read = try input(
            "DeleteObjects", query: "delete",
            body: """
                <?xml version="1.0" encoding="UTF-8"?><Delete xmlns="http://s3.amazonaws.com/doc/2006-03-01/">
                <Object><Key> a&amp;b </Key></Object><Object><Key>c</Key><VersionId>null</VersionId></Object><Quiet> true </Quiet></Delete>
                """)
        let delete = try #require(read.structure("Delete"))
        #expect(delete.structures("Objects").map { $0.string("Key") } == [" a&b ", "c"])
        #expect(delete.bool("Quiet") == true && delete.structures("Objects")[1].string("VersionId") == "null")
    }

    @Test func attributesAndNestedListsAreRead() throws {
        let read = try input(
            "PutBucketAcl", query: "acl",
            body: """
                <AccessControlPolicy><Owner><ID>o</ID></Owner><AccessControlList><Grant>
                <Grantee xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="CanonicalUser"><ID>g</ID></Grantee>
                <Permission>READ</Permission></Grant></AccessControlList></AccessControlPolicy>
                """)
        let grant = try #require(read.structure("AccessControlPolicy")?.structures("Grants").first)
        #expect(grant.structure("Grantee") == ["ID": "g", "Type": "CanonicalUser"] && grant.string("Permission") == "READ")
    }

    @Test(arguments: [
        "<Other/>", "<VersioningConfiguration><Status>Sometimes</Status></VersioningConfiguration>", "<VersioningConfiguration>", "{}",
    ]) func documentsOfTheWrongFormAreMalformed(body: String) {
        #expect(
            throws: APIError(
                "MalformedXML", "The XML you provided was not well-formed or did not validate against our published schema", httpStatus: 400
            )
        ) {
            try input("PutBucketVersioning", query: "versioning", body: body)
        }
    }

    @Test func answersHaveS3sOwnElements() throws {
        let answer = codec.encode(
            [
                "Name": "b", "Prefix": "", "KeyCount": 1, "MaxKeys": 1_000, "IsTruncated": false,
                "Contents": [["Key": "a<\u{1}>", "LastModified": .timestamp(1_800_000_000_123), "ETag": "\"e\"", "Size": 3]],
                "CommonPrefixes": [["Prefix": "p/"], ["Prefix": "q/"]], "NextContinuationToken": nil,
            ], of: try operation("ListObjectsV2"), requestID: "r-1")
        #expect(answer.status == 200 && answer.header("x-amz-request-id") == "r-1" && answer.header("content-type") == "application/xml")
        #expect(
            String(decoding: answer.body, as: UTF8.self) == """
                <?xml version="1.0" encoding="UTF-8"?>
                <ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>b</Name><Prefix></Prefix><KeyCount>1</KeyCount>\
                <MaxKeys>1000</MaxKeys><IsTruncated>false</IsTruncated><Contents><Key>a&lt;&#x1;&gt;</Key>\
                <LastModified>2027-01-15T08:00:00.123Z</LastModified><ETag>&quot;e&quot;</ETag><Size>3</Size></Contents>\
                <CommonPrefixes><Prefix>p/</Prefix></CommonPrefixes><CommonPrefixes><Prefix>q/</Prefix></CommonPrefixes></ListBucketResult>
                """)
    }

    @Test func aLocationIsTheTextOfItsElement() throws {
        let text = { (output: APIStructure) in
            String(decoding: codec.encode(output, of: try operation("GetBucketLocation"), requestID: "r").body, as: UTF8.self)
        }
        #expect(try text([:]).hasSuffix(#"<LocationConstraint xmlns="http://s3.amazonaws.com/doc/2006-03-01/"></LocationConstraint>"#))
        #expect(try text(["LocationConstraint": "eu-west-1"]).hasSuffix(">eu-west-1</LocationConstraint>"))
    }

    @Test func aGranteeDeclaresTheNamespaceOfItsType() throws {
        let answer = codec.encode(
            ["Grants": [["Grantee": ["Type": "Group", "URI": "u"], "Permission": "READ"]]], of: try operation("GetBucketAcl"),
            requestID: "r")
        #expect(
            String(decoding: answer.body, as: UTF8.self).contains(
                #"<Grantee xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="Group"><URI>u</URI></Grantee>"#))
    }

    @Test func objectsAreToldByHeaders() throws {
        let output: APIStructure = [
            "ContentLength": 2, "ContentRange": "bytes 0-1/9", "LastModified": .timestamp(1_800_000_000_000), "ETag": "\"e\"",
            "Metadata": ["a": "1"], "Body": .blob([1, 2]), "DeleteMarker": false,
        ]
        let answer = codec.encode(output, of: try operation("GetObject"), requestID: "r")
        #expect(answer.status == 206 && answer.body == [1, 2] && answer.header("x-amz-meta-a") == "1")
        #expect(answer.header("last-modified") == "Fri, 15 Jan 2027 08:00:00 GMT" && answer.header("x-amz-delete-marker") == "false")
        let deleted = codec.encode(["VersionId": "v"], of: try operation("DeleteObject"), requestID: "r")
        #expect(deleted.status == 204 && deleted.body.isEmpty && deleted.header("x-amz-version-id") == "v")
        let policy = codec.encode(["Policy": "{}"], of: try operation("GetBucketPolicy"), requestID: "r")
        #expect(policy.body == Array("{}".utf8) && policy.header("content-type") == "application/json")
    }

    @Test func errorsHaveS3sForm() throws {
        let error = APIError("NoSuchKey", "The specified key does not exist.", fields: ["Key": "k&"])
        let answer = codec.encode(error, of: try operation("GetObject"), resource: "/b/k&", isHead: false, requestID: "r")
        #expect(answer.status == 404)
        #expect(
            String(decoding: answer.body, as: UTF8.self) == """
                <?xml version="1.0" encoding="UTF-8"?>
                <Error><Code>NoSuchKey</Code><Message>The specified key does not exist.</Message><Key>k&amp;</Key><Resource>/b/k&amp;</Resource>\
                <RequestId>r</RequestId><HostId>cg==</HostId></Error>
                """)
        let head = codec.encode(error, of: nil, resource: "/b/k", isHead: true, requestID: "r")
        #expect(head.status == 404 && head.body.isEmpty)
        let unchanged = codec.encode(
            APIError("NotModified", "", fields: ["ETag": "\"e\""]), of: try operation("GetObject"), resource: "/b/k", isHead: false,
            requestID: "r")
        #expect(unchanged.status == 304 && unchanged.body.isEmpty && unchanged.header("etag") == "\"e\"")
        let absent = codec.encode(
            .unsupportedOperation(service: "S3", operation: "X"), of: nil, resource: "/", isHead: false, requestID: "r")
        #expect(absent.status == 501 && String(decoding: absent.body, as: UTF8.self).contains("<Code>NotImplemented</Code>"))
    }

    /// What goes to another S3 and what comes back: every operation with every member, written by one side and read by the other.
    @Test func bothSidesOfTheProtocolAgree() throws {
        for operation in model.operations.values.sorted(by: { $0.name < $1.name }) where !operation.isShapeless {
            if let layout = operation.input.flatMap({ model.shapes[$0].layout }) {
                let input = complete(layout)
                let request = codec.objectRequest(operation, input)
                let path = request.path.split(separator: "/", maxSplits: 1).map { PercentEncoding.decode($0) ?? "" }
                let read = try codec.decode(request, operation, labels: Array(zip(["Bucket", "Key"], path)))
                for member in input.members { #expect(read[member.name] == member.value, "\(operation.name) \(member.name)") }
                let subject: ObjectRoutes.Subject = path.count == 2 ? .object : path.count == 1 ? .bucket : .service
                let query = try #require(FormDecoder.pairs(request.query))
                let required = Set(layout.members.filter(\.isRequired).map(\.wireName))
                let name = model.objectRoutes.match(
                    method: request.method, subject, query: query.filter { operation.path.contains($0.0) || required.contains($0.0) }
                ) { request.header($0) != nil }
                #expect(name == operation.name)
            }
            if let layout = operation.output.flatMap({ model.shapes[$0].layout }) {
                let output = complete(layout)
                let read = try codec.objectOutput(operation, codec.encode(output, of: operation, requestID: "r"))
                for member in output.members where operation.successStatus != 204 || layout.member(named: member.name)?.location == .header
                {
                    #expect(read[member.name] == member.value, "\(operation.name) \(member.name)")
                }
            }
        }
    }

    @Test func errorsOfAnotherS3AreReadAsTheyWereWritten() throws {
        let error = APIError("NoSuchKey", "It's not <there>", fields: ["Key": "k&"], httpStatus: 404)
        let operation = try operation("GetObject")
        let answer = codec.encode(error, of: operation, resource: "/b/k", isHead: false, requestID: "r")
        #expect(throws: error) { try codec.objectOutput(operation, answer) }
        var late = answer
        late.status = 200
        #expect(throws: APIError.self) { try codec.objectOutput(try self.operation("CompleteMultipartUpload"), late) }
        #expect(throws: APIError("NoSuchKey", "The object store answered with status 404.", httpStatus: 404)) {
            try codec.objectOutput(try self.operation("HeadObject"), WireResponse(status: 404))
        }
    }

    /// A structure with all of its members, but those that are an object's bytes.
    private func complete(_ layout: StructureLayout, depth: Int = 0) -> APIStructure {
        var structure = APIStructure()
        for member in layout.members where depth < 8 {
            let shape = model.shape(of: member)
            if case .blob = shape.kind { continue }
            if member.location == .uri, member.name == "Bucket" {
                structure.append(member.name, "bucket")
                continue
            }
            structure.append(member.name, value(shape, isHeader: member.location != .body, depth: depth + 1))
        }
        return structure
    }

    private func value(_ shape: Shape, isHeader: Bool, depth: Int) -> APIValue {
        switch shape.kind {
        case .structure(let layout): .structure(complete(layout, depth: depth))
        case .list(let element):
            .list([
                value(model.shape(of: element), isHeader: isHeader, depth: depth),
                value(model.shape(of: element), isHeader: isHeader, depth: depth),
            ])
        case .map: .stringMap([("a", "1"), ("b-c", "2 3")])
        case .string: .string(shape.constraints.values.first ?? (isHeader ? "a b/c+d%&" : " a<b>&\"c\" é\n"))
        case .integer, .long: 7
        case .double: 1.5
        case .boolean: true
        case .timestamp: .timestamp(1_800_000_000_000)
        case .blob, .document: nil
        }
    }
}
