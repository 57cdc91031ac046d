/// The objects that the `path` of a downloadContent step of source type S3 names: a URL of the forms that S3 knows.
///
/// `https://s3.REGION.amazonaws.com/BUCKET/KEY`, `https://BUCKET.s3.REGION.amazonaws.com/KEY`, `s3://BUCKET/KEY`, and with any other
/// host, such as this server's, `http://HOST/BUCKET/KEY`. A key that is empty or ends in `/` is a folder: all objects below it.
package struct ContentSource: Hashable, Sendable {
    package var bucket: String
    /// Without a slash at its beginning.
    package var key: String

    /// Whether all objects below `key` are meant.
    package var isFolder: Bool { key.isEmpty || key.hasSuffix("/") }

    /// The name that a single object has where it is put into a folder: what is behind the last slash.
    package var name: String { key.lastIndex(of: "/").map { String(key[key.index(after: $0)...]) } ?? key }

    /// Reads a URL; nil when it names no bucket.
    package init?(url: String) {
        guard let separator = url.utf8.firstIndex(of: UInt8(ascii: ":")), url[separator...].hasPrefix("://") else { return nil }
        let rest = url[url.index(separator, offsetBy: 3)...].prefix { $0 != "?" && $0 != "#" }
        let host = rest.prefix { $0 != "/" }
        guard !host.isEmpty, let path = PercentEncoding.decode(rest.dropFirst(host.count).drop { $0 == "/" }) else { return nil }
        if url[..<separator].lowercased() == "s3" {
            self.init(named: String(host), key: path)
        } else if let bucket = ContentSource.virtualBucket(of: host.lowercased()) {
            self.init(named: bucket, key: path)
        } else {
            let bucket = path.prefix { $0 != "/" }
            self.init(named: String(bucket), key: String(path.dropFirst(bucket.count + 1)))
        }
    }

    package init(bucket: String, key: String) {
        self.bucket = bucket
        self.key = key
    }

    private init?(named bucket: String, key: String) {
        guard !bucket.isEmpty else { return nil }
        self.init(bucket: bucket, key: key)
    }

    /// The bucket that a host of AWS's names: `BUCKET.s3.amazonaws.com`, `BUCKET.s3.REGION.amazonaws.com`,
    /// `BUCKET.s3-REGION.amazonaws.com`.
    private static func virtualBucket(of host: String) -> String? {
        guard host.hasSuffix(".amazonaws.com") else { return nil }
        let labels = host.split(separator: ".", omittingEmptySubsequences: false)
        guard let service = labels.lastIndex(where: { $0 == "s3" || $0.hasPrefix("s3-") }), service > 0 else { return nil }
        return labels[..<service].joined(separator: ".")
    }
}
