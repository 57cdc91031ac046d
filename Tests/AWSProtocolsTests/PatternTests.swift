import AWSProtocols
import Testing

@Suite struct PatternTests {
    @Test(arguments: [
        ("[a-z]+", ["a", "abc"], ["", "A", "a1"]),
        ("^[a-zA-Z0-9_\\-.]{3,8}$", ["a.b", "a_-B1234"], ["ab", "a b", "a_-B12345"]),
        ("[\\w+=,.@-]*", ["", "a@b.c-d"], ["a b"]),
        ("(^i-(\\w{8}|\\w{17})$)|(^mi-\\w{17}$)", ["i-12345678", "mi-0123456789abcdef0"], ["i-1", "mi-123"]),
        ("^([\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*)$", ["", "ключ 1", "a=b"], ["a#b"]),
        ("^(?!\\s*$).+", ["a", " a"], ["", "  "]),
        ("(?=.*[a-z])[a-z0-9]+", ["1a", "a"], ["11"]),
        ("[0-9A-Za-z.]*(?<!\\.)", ["a.b", ""], ["a."]),
        ("(arn:(aws[a-zA-Z-]*)?:lambda:)?(function:)?([a-z]+)(:(\\$LATEST|[0-9]+))?",
            ["check", "function:check:$LATEST", "arn:aws:lambda:function:check:7"], ["check:", "a b"]),
        ("[^\\s]+", ["ab"], ["a b", ""]),
        ("[\\s\\S]*\\S[\\s\\S]*", ["a\n", " x "], [" \n"]),
        ("(a|b)*c{2,}", ["cc", "ababccc"], ["abc"]),
        ("(?i)all|[0-9]{2}", ["ALL", "aLl", "12"], ["al"]),
        ("[\\u0009\\u0020-\\u00FF]+", ["é\t"], ["€"]),
        ("(|[a-z]+)", ["", "a"], ["1"]),
        (".*", ["", "a b"], ["a\nb"]),
        ("[^:*]*", ["é"], ["a:"]),
    ] as [(String, [String], [String])])
    func aPatternMatchesTheWholeText(pattern: String, matching: [String], others: [String]) {
        let compiled = TextPattern(pattern)
        #expect(compiled.isChecked)
        for text in matching { #expect(compiled.matches(text), "\(pattern) should match \(text)") }
        for text in others { #expect(!compiled.matches(text), "\(pattern) should not match \(text)") }
    }

    @Test func aPatternBuiltToBacktrackEndsSoon() {
        let text = String(repeating: "a", count: 2_000) + "!"
        #expect(!TextPattern("((a+)+)+b").matches(text))
    }

    @Test func whatIsNotSupportedMatchesEverything() {
        let pattern = TextPattern("(a)\\1")
        #expect(!pattern.isChecked)
        #expect(pattern.matches("zzz"))
    }
}
