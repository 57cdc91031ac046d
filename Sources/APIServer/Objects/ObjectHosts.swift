/// The names under which the server is reached by clients of S3, so that `Host: BUCKET.NAME` can be told from `Host: NAME`.
///
/// A host that ends with none of them names no bucket: addresses in numbers, names of the machine, host prefixes such as `sync-`.
struct ObjectHosts: Sendable {
    /// The names in lower case, the longest first, so that `b.s3.localhost` is the bucket `b` and not `b.s3`.
    private let names: [String]

    /// The configured names, and those that need no configuration: of this machine, and AWS's own for networks that send those here.
    init(configured: [String], region: String) {
        let own = ["localhost", "s3.localhost", "s3.amazonaws.com", "s3.\(region).amazonaws.com"]
        names = Set(configured.map { $0.lowercased() } + own).sorted { left, right in
            left.utf8.count == right.utf8.count ? left < right : left.utf8.count > right.utf8.count
        }
    }

    /// The bucket that a `Host` header names before one of our own names; nil when it names none.
    func bucket(inHost header: String) -> String? {
        let host = ObjectHosts.withoutPort(header).lowercased()
        guard !names.contains(host) else { return nil }
        for name in names where host.hasSuffix("." + name) {
            let bucket = host.dropLast(name.utf8.count + 1)
            return bucket.isEmpty ? nil : String(bucket)
        }
        return nil
    }

    /// The `Host` header without its bucket, port included.
    func endpoint(ofHost header: String) -> String {
        guard let bucket = bucket(inHost: header) else { return header }
        return String(header.dropFirst(bucket.utf8.count + 1))
    }

    private static func withoutPort(_ header: String) -> String {
        // An address of version 6 stands in brackets and is never a name.
        guard !header.hasPrefix("["), let colon = header.lastIndex(of: ":") else { return header }
        return String(header[..<colon])
    }
}
