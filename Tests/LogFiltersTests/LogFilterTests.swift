import Testing

@testable import LogFilters

/// One row: a pattern, messages that it selects, messages that it does not.
struct FilterCase: Sendable, CustomTestStringConvertible {
    let pattern: String
    let selects: [String]
    let rejects: [String]

    init(_ pattern: String, selects: [String] = [], rejects: [String] = []) {
        (self.pattern, self.selects, self.rejects) = (pattern, selects, rejects)
    }

    var testDescription: String { pattern }
}

private let document = #"""
    {"eventType":"UpdateTrail","sourceIPAddress":"111.111.111.111","arrayKey":["value","another value"],
     "objectList":[{"name":"a","id":1},{"name":"b","id":2}],"SomeObject":null,"ThisFlag":true,"Off":false,
     "latency":500.5,"code":"200","number":404,"text":"a \"quoted\" word","user-id":7,"a.b":{"c d":1},
     "coordinates":[[0,1,2],[4,5,6]],"nested":{"deep":{"x":"y"}}}
    """#

struct LogFilterTests {
    // Examples of the User Guide's page "Filter pattern syntax" stand beside ours.
    @Test(arguments: [
        FilterCase("", selects: ["", "anything"]),
        FilterCase("  ", selects: ["anything"]),
        FilterCase(
            "ERROR", selects: ["[ERROR] A fatal exception has occurred", "Exiting with ERRORCODE: -1"], rejects: ["error", "ERRO", ""]),
        FilterCase("ERROR Exception", selects: ["[ERROR] Caught IllegalArgumentException"], rejects: ["[ERROR] x", "Exception"]),
        FilterCase("Failed process the", selects: ["the process Failed"], rejects: ["Failed the"]),
        FilterCase(#""INTERNAL SERVER ERROR""#, selects: ["500 INTERNAL SERVER ERROR"], rejects: ["INTERNAL ERROR SERVER"]),
        FilterCase(#""say \"hi\"""#, selects: [#"they say "hi""#], rejects: ["say hi"]),
        FilterCase(#""C:\temp""#, selects: [#"in C:\temp"#]),
        FilterCase("?ERROR ?WARN", selects: ["ERROR x", "WARN y", "WARN ERROR"], rejects: ["INFO"]),
        FilterCase("?ERROR REQUEST", selects: ["[INFO] REQUEST FAILED"], rejects: ["ERROR"]),
        FilterCase("ERROR -WARN", selects: ["ERROR message"], rejects: ["ERROR WARN", "WARN"]),
        FilterCase(#""ERROR" - "Exiting""#, selects: ["ERROR"], rejects: ["Exiting with ERRORCODE"]),
        FilterCase("-DEBUG", selects: ["INFO", ""], rejects: ["DEBUG x"]),
        FilterCase(#""größer""#, selects: ["wird größer"], rejects: ["grosser"]),
    ])
    func termsOccurAnywhereInTheMessage(row: FilterCase) throws { try check(row) }

    @Test(arguments: [
        FilterCase("%AUTHORIZED%", selects: ["UNAUTHORIZED", "AUTHORIZED"], rejects: ["authorized"]),
        FilterCase(#"%^\[ERROR \d{3}\]%"#, selects: ["[ERROR 404] x"], rejects: [" [ERROR 404]", "[ERROR 40]", "[ERROR 4040]"]),
        FilterCase("%a+b?c*$%", selects: ["xaab", "a", "abccc"], rejects: ["abx", "b"]),
        FilterCase("%cat|dog%", selects: ["a dog", "cats"], rejects: ["cow"]),
        FilterCase("%[a-c]{2,3}[^0-9]%", selects: ["xabz", "cccc"], rejects: ["a1", "ab1"]),
        FilterCase(#"%\x28\w+\x29%"#, selects: ["f(x)"], rejects: ["f()"]),
        FilterCase("%a{2,}% -b", selects: ["aaa"], rejects: ["aab", "a"]),
        FilterCase("%10.10.0.1%", selects: ["10.10.0.1", "10x10y0z1"], rejects: ["10.10.0"]),
    ])
    func regularExpressionsOfTheGuidesSubsetMatch(row: FilterCase) throws { try check(row) }

    @Test(arguments: [
        FilterCase(#"{ $.eventType = "UpdateTrail" }"#, selects: [document], rejects: ["", "UpdateTrail", "{}", "[1]"]),
        FilterCase("{$.eventType=UpdateTrail}", selects: [document]),
        FilterCase(#"{ $.eventType = "Update*" }"#, selects: [document]),
        FilterCase("{ $.eventType = *Trail }", selects: [document]),
        FilterCase("{ $.eventType = *date* }", selects: [document], rejects: [#"{"eventType":"x"}"#]),
        FilterCase("{ $.eventType = Up*ail }", rejects: [document]),
        FilterCase("{ $.sourceIPAddress != 123.123.* }", selects: [document], rejects: [#"{"sourceIPAddress":"123.123.1.1"}"#, "{}"]),
        FilterCase(#"{ $.arrayKey[0] = "value" }"#, selects: [document], rejects: [#"{"arrayKey":"value"}"#]),
        FilterCase(#"{ $.arrayKey[*] = "another value" }"#, selects: [document], rejects: [#"{"arrayKey":[]}"#]),
        FilterCase("{ $.objectList[1].id = 2 }", selects: [document], rejects: [#"{"objectList":[{"id":2}]}"#]),
        FilterCase("{ $.SomeObject IS NULL }", selects: [document], rejects: ["{}", #"{"SomeObject":0}"#]),
        FilterCase("{ $.SomeOtherObject NOT EXISTS }", selects: [document, "{}"], rejects: [#"{"SomeOtherObject":null}"#]),
        FilterCase("{ $.ThisFlag IS TRUE && $.Off is false }", selects: [document], rejects: [#"{"ThisFlag":"true","Off":false}"#]),
        FilterCase("{ $.latency > 500 && $.latency < 1e3 && $.latency >= 500.5 && $.latency <= +500.5 }", selects: [document]),
        FilterCase("{ $.number = 404.0 }", selects: [document], rejects: [#"{"number":"404.0x"}"#]),
        FilterCase("{ $.number = 4* }", selects: [document], rejects: [#"{"number":500}"#]),
        FilterCase("{ $.number != 404 }", selects: [#"{"number":1}"#, #"{"number":"x"}"#], rejects: [document, "{}"]),
        FilterCase("{ $.code = 200 }", selects: [document, #"{"code":200}"#]),
        FilterCase("{ $.code > 100 }", rejects: [document]),
        FilterCase("{ $.latency = * }", selects: [document], rejects: ["{}"]),
        FilterCase(#"{ $.text = "a \"quoted\" word" }"#, selects: [document]),
        FilterCase("{ $.user-id = 7 }", selects: [document]),
        FilterCase(#"{ $.['a.b']["c d"] = 1 }"#, selects: [document]),
        FilterCase("{ $.nested.*.x = y }", selects: [document]),
        FilterCase("{ $.coordinates[1][2] = 6 }", selects: [document]),
        FilterCase("{ $.coordinates = 1 }", rejects: [document]),
        FilterCase("{ $.coordinates != 1 }", rejects: [document]),
        FilterCase("{ $.eventType = x || $.number = 404 && $.ThisFlag IS TRUE }", selects: [document]),
        FilterCase("{ ($.number = 404 || $.eventType = x) && $.ThisFlag IS FALSE }", rejects: [document]),
        FilterCase("{ ($.a = x && ($.b > 3 || $.c NOT EXISTS)) }", selects: [#"{"a":"x"}"#, #"{"a":"x","b":4,"c":1}"#], rejects: [#"{"a":"x","b":3,"c":1}"#]),
        FilterCase(#"{ $.sourceIPAddress = %^111\.% }"#, selects: [document], rejects: [#"{"sourceIPAddress":"112."}"#]),
    ])
    func jsonConditionsCompareSelectedValues(row: FilterCase) throws { try check(row) }

    private static let request = #"127.0.0.1 - frank [10/Oct/2000:13:25:15 -0700] "GET /index.html HTTP/1.0" 404 1534"#

    @Test(arguments: [
        FilterCase("[ip, user, username, timestamp, request, status_code, bytes]", selects: [request], rejects: ["a b", request + " x"]),
        FilterCase("[ip, user, username, timestamp, request, status_code, bytes > 1000]", selects: [request]),
        FilterCase("[ip, user, username, timestamp, request, status_code, bytes > 2000]", rejects: [request]),
        FilterCase("[ip, user, username, timestamp, request = *html*, status_code = 4*, bytes]", selects: [request]),
        FilterCase("[ip, user, username, timestamp, request, status_code = 4* && status_code != 403, bytes]", selects: [request]),
        FilterCase("[..., status_code = 500, bytes]", rejects: [request]),
        FilterCase("[..., request=*.html*, status_code=4*,]", selects: [request]),
        FilterCase("[ip=127.0.0.1, ...]", selects: [request, "127.0.0.1"], rejects: ["127.0.0.2", ""]),
        FilterCase("[ip, user=-, ..., bytes]", selects: [request]),
        FilterCase("[w1=ERROR, w2]", selects: ["ERROR message"], rejects: ["ERROR WARN message", "WARN message"]),
        FilterCase("[w1=ERROR || w1=WARN, w2]", selects: ["ERROR message", "WARN message"], rejects: ["INFO message"]),
        FilterCase("[w1=!ERROR&&w1=!WARN, w2]", selects: ["INFO message"], rejects: ["ERROR message"]),
        FilterCase(#"[a="b c", d]"#, selects: [#""b c" d"#, "[b c] d"], rejects: ["b c d"]),
        FilterCase("[(a=1 || a=2) && a!=2, b]", selects: ["1 x", "1.0 x"], rejects: ["2 x", "3 x"]),
        FilterCase("[a,,]", selects: ["1 2 3"], rejects: ["1 2"]),
    ])
    func fieldsAreSplitAtSpaces(row: FilterCase) throws { try check(row) }

    @Test(arguments: [
        ("user@example.com", "Invalid character(s) in term 'user@example.com'"),
        ("foo-bar", "Invalid character(s) in term 'foo-bar'"),
        (#""""#, #"Invalid character(s) in term '""'"#),
        ("?", "Invalid character(s) in term ''"),
        ("ERROR -", "Invalid character(s) in term ''"),
        (#""open"#, "Invalid filter pattern"),
        ("{ $.a = 1", "If a filter pattern starts with '{' it must end with '}'"),
        ("{ $.a = 1 } x", "If a filter pattern starts with '{' it must end with '}'"),
        ("{ $.a = 1 } }", "Invalid filter pattern"),
        ("{ $.a }", "Invalid filter pattern"),
        ("{ a = 1 }", "Invalid filter pattern"),
        ("{ $ = 1 }", "Invalid filter pattern"),
        ("{ $.a > abc }", "Invalid filter pattern"),
        ("{ $.a > inf }", "Invalid filter pattern"),
        ("{ $.a IS MAYBE }", "Invalid filter pattern"),
        ("{ $.a = 1 && }", "Invalid filter pattern"),
        ("{ ($.a = 1 }", "Invalid filter pattern"),
        ("{ $.a[x] = 1 }", "Invalid filter pattern"),
        ("{$.kubernetes.name=abc", "If a filter pattern starts with '{' it must end with '}'"),
        ("[a, b", "Invalid filter pattern"),
        ("[..., a, ...]", "Invalid filter pattern"),
        ("[status = 4* && bytes > 1000]", "Invalid filter pattern"),
        ("[a = ]", "Invalid filter pattern"),
        ("%abc", "Invalid filter pattern"),
        ("%a(b)%", "Invalid character(s) in term '('"),
        ("%a{9999}%", "Invalid filter pattern"),
        ("%[]%", "Invalid filter pattern"),
    ])
    func brokenPatternsAreRefusedInTheServicesWords(pattern: String, message: String) {
        #expect(throws: LogFilterError(message: message)) { try LogFilter(pattern) }
    }

    @Test func patternsOfMoreThan1024CharactersAreRefused() throws {
        _ = try LogFilter(String(repeating: "a", count: 1024))
        #expect(throws: LogFilterError.self) { try LogFilter(String(repeating: "a", count: 1025)) }
    }

    @Test func onlyABlankPatternMatchesEverything() throws {
        #expect(try LogFilter(" ").matchesEverything)
        #expect(try !LogFilter("a").matchesEverything)
    }

    @Test func deepParenthesesAreNoDanger() throws {
        let depth = 500
        let pattern = "{" + String(repeating: "(", count: depth) + "$.a=1" + String(repeating: ")", count: depth) + "}"
        #expect(try LogFilter(pattern).matches(Array(#"{"a":1}"#.utf8)[...]))
    }

    /// Mutated patterns either compile or throw, and what compiles can be evaluated.
    @Test func mutatedPatternsNeverTrap() {
        let seeds = [#"{ ($.a[0].b = "x*" || $.c >= 1e3) && $.d NOT EXISTS }"#, "[a=1 && a!=2, ..., b=*x*]", #"?a -"b c" %^[a-z]+\d{1,3}$%"#]
        var state: UInt64 = 20_260_101
        func random(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
        let alphabet = Array(#"{}[]()$.*"'\%=<>!&|?-, a1"#.utf8)
        for _ in 0..<20_000 {
            var bytes = Array(seeds[random(seeds.count)].utf8)
            for _ in 0...random(4) {
                let place = random(bytes.count)
                switch random(3) {
                case 0: bytes[place] = alphabet[random(alphabet.count)]
                case 1: bytes.insert(alphabet[random(alphabet.count)], at: place)
                default: if bytes.count > 1 { bytes.remove(at: place) }
                }
            }
            if let filter = try? LogFilter(String(decoding: bytes, as: UTF8.self)) {
                for message in [#"{"a":[{"b":"xy"}],"c":2000}"#, "1 2 x", "", "abc 12"] { _ = filter.matches(Array(message.utf8)[...]) }
            }
        }
    }

    private func check(_ row: FilterCase) throws {
        let filter = try LogFilter(row.pattern)
        for message in row.selects { #expect(filter.matches(Array(message.utf8)[...]), "should select: \(message)") }
        for message in row.rejects { #expect(!filter.matches(Array(message.utf8)[...]), "should reject: \(message)") }
    }
}
