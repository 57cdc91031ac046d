package import Store

/// Which objects to list.
package struct ObjectListing: Sendable {
    /// Where a listing goes on.
    package enum Position: Sendable, Hashable {
        /// Behind a key.
        case after(ObjectKey)
        /// Behind all keys that begin with this.
        case afterPrefix(ObjectKey)
    }

    /// Keys begin with this.
    package var prefix: ObjectKey
    /// Keys with this behind the prefix are shown as one common prefix, up to and with it; nil shows all keys.
    package var delimiter: [UInt8]?
    /// Where to go on; nil from the beginning.
    package var position: Position?
    /// How many keys and common prefixes.
    package var limit: Int

    /// A listing.
    package init(prefix: ObjectKey, delimiter: [UInt8]?, position: Position?, limit: Int) {
        self.prefix = prefix
        self.delimiter = delimiter
        self.position = position
        self.limit = limit
    }

    /// The key up to and with the first delimiter behind the prefix; nil when there is none.
    package func commonPrefix(of key: ObjectKey) -> ObjectKey? {
        guard let delimiter, let first = delimiter.first, key.hasPrefix(prefix) else { return nil }
        let bytes = key.bytes
        var index = prefix.bytes.count
        while index + delimiter.count <= bytes.count {
            if bytes[index] == first, bytes[index..<(index + delimiter.count)].elementsEqual(delimiter) {
                return ObjectKey(bytes: Array(bytes[..<(index + delimiter.count)]))
            }
            index += 1
        }
        return nil
    }
}

/// A page of a listing.
package struct ObjectPage: Sendable {
    /// The objects, in order.
    package var objects: [ObjectRecord] = []
    /// The common prefixes, in order.
    package var prefixes: [ObjectKey] = []
    /// Where the next page begins; nil at the end.
    package var next: ObjectListing.Position?
}

extension ObjectRepository {
    /// A page of the objects of a bucket, in the order of their keys.
    ///
    /// All keys below a common prefix cost one step, however many they are: the next query begins behind them.
    package func list(_ listing: ObjectListing, in bucket: String, account: String) async throws -> ObjectPage {
        try await database.read { transaction in
            guard let bucket = try BucketStore.find(bucket, account: account, in: transaction) else {
                throw ObjectError.noSuchBucket(bucket)
            }
            return try ObjectRepository.page(listing, in: bucket.id, transaction)
        }
    }

    private static func page(
        _ listing: ObjectListing, in bucket: Int64, _ transaction: any ReadTransaction
    ) throws(StoreError) -> ObjectPage {
        var page = ObjectPage()
        guard listing.limit > 0, var start = first(of: listing) else { return page }
        let end = listing.prefix.endOfPrefix
        // Small steps where prefixes are likely: rows behind the first of a prefix are read in vain.
        var step = listing.delimiter == nil ? min(listing.limit + 1, 1001) : 8
        var last: ObjectListing.Position?
        while true {
            let rows = try ObjectRecordStore.list(bucket, from: start, before: end, limit: step, in: transaction)
            var skips = false
            for row in rows where row.key >= start {
                if page.objects.count + page.prefixes.count == listing.limit {
                    page.next = last
                    return page
                }
                if let common = listing.commonPrefix(of: row.key) {
                    page.prefixes.append(common)
                    last = .afterPrefix(common)
                    guard let behind = common.endOfPrefix else { return page }
                    start = behind
                    skips = true
                } else {
                    page.objects.append(row)
                    last = .after(row.key)
                    start = row.key.next
                }
            }
            if rows.count < step { return page }
            step = skips ? 8 : min(step * 2, 1001)
        }
    }

    /// The first key that may be shown; nil when there can be none.
    private static func first(of listing: ObjectListing) -> ObjectKey? {
        switch listing.position {
        case nil: listing.prefix
        case .after(let key): max(key.next, listing.prefix)
        case .afterPrefix(let prefix): prefix.endOfPrefix.map { max($0, listing.prefix) }
        }
    }
}
