import ConfigQueries
import JSONCore
import Testing

@Suite struct QueryResultTests {
    private static let items: [JSONValue] = [
        [
            "resourceId": "a", "resourceType": "Host", "awsRegion": "eu-central-1", "secret": 1, "tags": [["key": "env", "value": "prod"], ["key": "x", "value": "y"]],
            "configuration": [
                "size": 10, "on": true, "kind": "big", "ips": ["10.0.0.5", "192.0.2.0/24"], "association": ["publicIp": "198.51.100.7"],
                "AWS:Application": ["Content": ["curl": ["Name": "curl", "Version": "7.88"], "vim": ["Name": "vim", "Version": "9.0"]]],
            ],
        ],
        ["resourceId": "b", "resourceType": "Host", "configuration": ["size": 9, "on": false, "kind": "big", "ips": ["2001:db8::1"], "text": "12"]],
        ["resourceId": "c", "resourceType": "Disk", "configuration": ["size": 1.5, "kind": "small", "text": "9"]],
    ]

    private func run(_ text: String) throws -> [String] {
        var result = QueryResult(try Query(text))
        for item in QueryResultTests.items { result.add(item) }
        return result.sorted().map { JSONWriter.text(of: $0) }
    }

    @Test(arguments: [
        ("resourceType = 'Host'", "ab"), ("resourceType != 'Host'", "c"), ("resourceType = 'host'", ""), ("configuration.size > 9", "a"),
        ("configuration.size >= 9 AND configuration.size < 10", "b"), ("configuration.size BETWEEN 1 AND 9", "bc"), ("configuration.size = '10'", "a"),
        ("configuration.on = true", "a"), ("configuration.on = FALSE", "b"), ("configuration.on = 'true'", "a"), ("NOT configuration.on = true", "bc"),
        ("resourceId IN ('a', 'c')", "ac"), ("resourceId NOT IN ('a', 'c')", "b"), ("configuration.kind LIKE 'b%'", "ab"),
        ("configuration.kind LIKE '%mal_'", "c"), ("configuration.kind NOT LIKE 'b%'", "c"), ("configuration.absent = 'x'", ""),
        ("configuration.absent <> 'x'", "abc"), ("configuration.association.publicIp > '0.0.0.0'", "a"), ("configuration.text > 10", "b"),
        // One of the elements, and each condition for itself.
        ("tags.key = 'env' AND tags.value = 'y'", "a"), ("tags.value = 'prod'", "a"),
        // Entries by name, and all of them.
        ("configuration.AWS:Application.Content.curl.Version = '7.88'", "a"), ("configuration.'AWS:Application'.Content.Name = 'vim'", "a"),
        ("configuration.'AWS:Application'.Content.curl.Version = '9.0'", ""), ("configuration.'AWS:Application'.Content.Version > '8'", "a"),
        // Blocks of addresses, on either side.
        ("configuration.ips = '192.0.2.77'", "a"), ("configuration.ips = '10.0.0.0/8'", "a"), ("configuration.ips = '10.0.0.6'", ""),
        ("configuration.ips BETWEEN '192.0.2.255' AND '192.0.3.9'", "a"), ("configuration.ips < '10.0.0.5'", ""), ("configuration.ips < '10.0.0.10'", "a"),
        ("configuration.ips = '2001:db8::/32'", "b"), ("configuration.ips > '2001:db8::'", "b"), ("configuration.ips = '0.0.0.0/0'", "a"),
        ("configuration.ips = '2001:DB8:0:0::1'", "b"), ("resourceType = 'Host' OR resourceType = 'Disk' AND resourceId = 'x'", "ab"),
        ("(resourceType = 'Host' OR resourceType = 'Disk') AND resourceId = 'c'", "c"),
    ])
    func whereFinds(_ condition: String, _ ids: String) throws {
        #expect(try run("SELECT resourceId WHERE \(condition)") == ids.map { #"{"resourceId":"\#($0)"}"# }, "\(condition)")
    }

    @Test(arguments: [
        ("SELECT * WHERE resourceId = 'a'", [#"{"awsRegion":"eu-central-1","resourceId":"a","resourceType":"Host"}"#]),
        ("SELECT resourceId, configuration.size, configuration.kind, nothing WHERE resourceId = 'b'", [#"{"resourceId":"b","configuration":{"size":9,"kind":"big"}}"#]),
        ("SELECT tags.key, tags.value WHERE resourceId = 'a'", [#"{"tags":[{"key":"env","value":"prod"},{"key":"x","value":"y"}]}"#]),
        (
            "SELECT configuration.AWS:Application.Content.Version WHERE resourceId = 'a'",
            [#"{"configuration":{"AWS:Application":{"Content":{"curl":{"Version":"7.88"},"vim":{"Version":"9.0"}}}}}"#]
        ),
        ("SELECT resourceId ORDER BY configuration.size", [#"{"resourceId":"c"}"#, #"{"resourceId":"b"}"#, #"{"resourceId":"a"}"#]),
        ("SELECT resourceId ORDER BY configuration.text DESC", [#"{"resourceId":"b"}"#, #"{"resourceId":"c"}"#, #"{"resourceId":"a"}"#]),
        ("SELECT resourceId ORDER BY configuration.kind DESC, resourceId DESC", [#"{"resourceId":"c"}"#, #"{"resourceId":"b"}"#, #"{"resourceId":"a"}"#]),
        ("SELECT COUNT(*)", [#"{"COUNT(*)":3}"#]), ("SELECT COUNT(*) WHERE resourceId = 'x'", [#"{"COUNT(*)":0}"#]),
        (
            "SELECT configuration.kind, COUNT(*), SUM(configuration.size), AVG(configuration.size) GROUP BY configuration.kind",
            [
                #"{"configuration":{"kind":"big"},"COUNT(*)":2,"SUM(configuration.size)":19,"AVG(configuration.size)":9.5}"#,
                #"{"configuration":{"kind":"small"},"COUNT(*)":1,"SUM(configuration.size)":1.5,"AVG(configuration.size)":1.5}"#,
            ]
        ),
        ("SELECT MIN(configuration.size), MAX(configuration.size), COUNT(configuration.text)", [#"{"MIN(configuration.size)":1.5,"MAX(configuration.size)":10,"COUNT(configuration.text)":2}"#]),
        ("SELECT MAX(configuration.text)", [#"{"MAX(configuration.text)":"12"}"#]),
        ("SELECT resourceType GROUP BY resourceType ORDER BY COUNT(*) DESC", [#"{"resourceType":"Host"}"#, #"{"resourceType":"Disk"}"#]),
        ("SELECT tags.key, COUNT(*) GROUP BY tags.key ORDER BY tags.key DESC", [#"{"tags":{"key":"x"},"COUNT(*)":1}"#, #"{"tags":{"key":"env"},"COUNT(*)":1}"#]),
    ])
    func selectShows(_ query: String, _ rows: [String]) throws {
        #expect(try run(query) == rows)
    }

    @Test(arguments: [
        ("1.2.3.4", true), ("1.2.3.4/24", true), ("0.0.0.0/0", true), ("::", true), ("::/0", true), ("::1", true), ("1::", true), ("::ffff:1.2.3.4", true),
        ("1:2:3:4:5:6:7:8", true), ("fe80::1/64", true), ("1.2.3", false), ("1.2.3.256", false), ("1.2.3.4/33", false), ("1.2.3.4/", false), ("1::2::3", false),
        ("1:2:3:4:5:6:7", false), ("1:2:3:4:5:6:7:8:9", false), (":1", false), ("12345::", false), ("", false), ("abc", false), ("1.2.3.4/+8", false), ("1:", false), (":::", false),
    ])
    func addressesAreKnown(_ text: String, _ isOne: Bool) {
        #expect((AddressRange(text) != nil) == isOne, "\(text)")
    }

    @Test(arguments: [("a%c", "abbc", true), ("a%c", "abcd", false), ("%", "", true), ("_", "", false), ("%%b%", "aba", true), ("a_c", "aéc", true), ("", "", true)])
    func likeMatches(_ pattern: String, _ text: String, _ isMatch: Bool) {
        #expect(LikePattern(pattern).matches(text) == isMatch)
    }
}
