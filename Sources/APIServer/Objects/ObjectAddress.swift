import AWSProtocols

/// What an S3 request addresses, in the path (`/BUCKET/KEY`) or with the bucket in the host's name.
struct ObjectAddress: Sendable, Equatable {
    /// The bucket; nil addresses the service.
    let bucket: String?
    /// The key; nil addresses the bucket. Every byte of it counts: slashes at its ends, dots, plus signs.
    let key: String?
    /// Whether the bucket stands in the host's name and not in the path.
    let isVirtualHosted: Bool

    /// The address of a request; nil when its path is not the encoding of a text.
    init?(_ head: WireRequest, hosts: ObjectHosts) {
        guard head.path.isEmpty || head.path.hasPrefix("/") else { return nil }
        let path = head.path.dropFirst()
        if let bucket = head.header("host").flatMap(hosts.bucket) {
            guard let key = PercentEncoding.decode(path) else { return nil }
            self.bucket = bucket
            self.key = key.isEmpty ? nil : key
            isVirtualHosted = true
            return
        }
        let slash = path.firstIndex(of: "/") ?? path.endIndex
        guard let bucket = PercentEncoding.decode(path[..<slash]), let key = PercentEncoding.decode(path[slash...].dropFirst()) else {
            return nil
        }
        self.bucket = bucket.isEmpty ? nil : bucket
        self.key = bucket.isEmpty || key.isEmpty ? nil : key
        isVirtualHosted = false
    }

    /// What the address is one of.
    var subject: ObjectRoutes.Subject {
        bucket == nil ? .service : key == nil ? .bucket : .object
    }

    /// The values of the labels in the model's paths.
    var labels: [(String, String)] {
        [("Bucket", bucket), ("Key", key)].compactMap { name, value in value.map { (name, $0) } }
    }

    /// Whether a text may be a bucket's name ("General purpose bucket naming rules" in the Amazon S3 user guide, the coarse part).
    static func isBucketName(_ text: some StringProtocol) -> Bool {
        (3...63).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) || byte == 0x2D || byte == 0x2E
            }
    }
}
