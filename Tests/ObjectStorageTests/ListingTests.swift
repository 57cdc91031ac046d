import ObjectStorage
import Store
import Testing

struct ListingTests {
    private func page(
        _ shelf: Shelf, prefix: String = "", delimiter: String? = nil, at position: ObjectListing.Position? = nil, limit: Int = 1000
    ) async throws -> ObjectPage {
        try await shelf.repository.list(
            ObjectListing(
                prefix: ObjectKey(prefix), delimiter: delimiter.map { Array($0.utf8) }, position: position, limit: limit),
            in: "bucket", account: Shelf.account)
    }

    private func walk(_ shelf: Shelf, prefix: String = "", delimiter: String? = nil, limit: Int) async throws -> [String] {
        var found: [String] = []
        var position: ObjectListing.Position?
        repeat {
            let page = try await page(shelf, prefix: prefix, delimiter: delimiter, at: position, limit: limit)
            #expect(page.objects.count + page.prefixes.count <= limit)
            found += (page.objects.map(\.key) + page.prefixes).sorted().map(\.text)
            position = page.next
        } while position != nil
        return found
    }

    private func expected(_ keys: [String], prefix: String, delimiter: String?) -> [String] {
        var found: [ObjectKey] = []
        for key in keys.map({ ObjectKey($0) }).sorted() where key.hasPrefix(ObjectKey(prefix)) {
            var shown = key
            if let delimiter = delimiter.map({ Array($0.utf8) }) {
                let rest = Array(key.bytes[prefix.utf8.count...])
                for index in rest.indices where rest[index...].starts(with: delimiter) {
                    shown = ObjectKey(bytes: Array(prefix.utf8) + rest[..<(index + delimiter.count)])
                    break
                }
            }
            if found.last != shown { found.append(shown) }
        }
        return found.map(\.text)
    }

    @Test func pagesOfEverySizeShowTheSame() async throws {
        let shelf = try await Shelf()
        var keys = ["a", "a/", "a/b", "a/b/c", "a/c", "b", "b--1", "b--2", "c/d", "c/e", "é", "e\u{301}", "z\u{10FFFF}"]
        keys += (0..<30).map { "many/\($0)" } + (0..<30).map { "many\($0)/x" }
        for key in keys { try await shelf.put(key) }
        for prefix in ["", "a", "a/", "many", "many/", "b-", "zz"] {
            for delimiter in [nil, "/", "--", "\u{10FFFF}", "a"] {
                let all = expected(keys, prefix: prefix, delimiter: delimiter)
                for limit in [1, 2, 3, 7, 50, 1000] {
                    #expect(try await walk(shelf, prefix: prefix, delimiter: delimiter, limit: limit) == all)
                }
            }
        }
    }

    @Test func theLastPageSaysThatItIsTheLast() async throws {
        let shelf = try await Shelf()
        for key in ["a/1", "a/2", "b"] { try await shelf.put(key) }
        #expect(try await page(shelf, limit: 3).next == nil)
        #expect(try await page(shelf, delimiter: "/", limit: 2).next == nil)
        #expect(try await page(shelf, delimiter: "/", limit: 1).next == .afterPrefix(ObjectKey("a/")))
        #expect(try await page(shelf, limit: 0).next == nil)
    }

    @Test func aListingBeginsBehindAKey() async throws {
        let shelf = try await Shelf()
        for key in ["a", "b", "b!", "c"] { try await shelf.put(key) }
        #expect(try await page(shelf, at: .after(ObjectKey("b"))).objects.map(\.key.text) == ["b!", "c"])
    }
}
