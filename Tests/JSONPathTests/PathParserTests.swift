import JSONCore
import JSONPath
import Testing

@Suite struct PathParserTests {
    @Test(arguments: [
        ("$", true), ("$$", true), ("$$.Execution.Id", true), ("$name", true), ("$name.a[0]", true), ("$.a", true), ("$.a.b-c", true),
        ("$['a b']", true), ("$[\"a\"]['b']", true), ("$.a[0]", true), ("$.a[-1]", true), ("$.[0]", true), ("$.['a','b']", true),
        ("$.@type", true), ("$.xmlns:x", true), ("$.größe", true), ("$.list.length()", true), ("$..a.sum()", true),
        ("$.a[*]", false), ("$.*", false), ("$..a", false), ("$..*", false), ("$.a[0,1]", false), ("$.a[1:]", false), ("$.a[:2]", false),
        ("$.a[1:5:2]", false), ("$.a[?(@.b)]", false), ("$.a[?(@.b == 'c' && (@.d > 1 || !@.e))].f", false), ("$[*].length()", false),
        ("$.Labels[?(@.Name==Receipt)]", false), ("$.a[?(@.b in ['x', 'y'])]", false), ("$.a[?(@.b == $.c)].d", false),
        ("$.[*].['bucket', 'key']", false),
    ])
    func `reads paths and tells the definite ones`(text: String, isDefinite: Bool) throws {
        #expect(try Path(parsing: text).isDefinite == isDefinite)
    }

    @Test func `tells what a path starts from`() throws {
        #expect(try Path(parsing: "$.a").root == .input)
        #expect(try Path(parsing: "$$.a").root == .context)
        #expect(try Path(parsing: "$größe.a").root == .variable("größe"))
        #expect(try Path(parsing: "$$").isRootOnly)
    }

    @Test(arguments: [
        ("", 0), ("a", 0), ("a.b", 0), (" $", 0), ("$.", 2), ("$..", 3), ("$...a", 3), ("$.a.", 4), ("$.a b", 3), ("$.a[", 4), ("$.a[]", 4),
        ("$.a[0", 5), ("$.a['b", 4), ("$.a['b'", 7), ("$.a[b]", 4), ("$.a]", 3), ("$a b", 2), ("$.a[1.5]", 5), ("$.a[-]", 5),
        ("$.a[99999999999]", 4), ("$.a[:]", 5), ("$.a[?]", 5), ("$.a[?(]", 6), ("$.a[?()]", 6), ("$.a[?(@.b]", 9), ("$.a[?(@.b ==)]", 12),
        ("$.a[?(@.b ~ 1)]", 10), ("$.a[?(@.b like 1)]", 10), ("$.a[?(1)]", 6), ("$.a[?(@.b =~ /x/)]", 10), ("$.a[?($$.b)]", 6),
        ("$.a.nope()", 4), ("$.a.length(", 11), ("$.a.length().b", 14), ("$.a['\\u12']", 5), ("$.a[(@.length-1)]", 4), ("$x.", 3), ("$-", 1),
    ])
    func `says where a path is wrong`(text: String, offset: Int) {
        #expect { try Path(parsing: text) } throws: { error in
            (error as? PathParseError)?.offset == offset
        }
    }

    @Test func `bounds the nesting of filters`() {
        let deep = "$[?(" + String(repeating: "(", count: 100_000)
        #expect(throws: PathParseError.self) { try Path(parsing: deep) }
        #expect(throws: PathParseError.self) { try Path(parsing: "$[?(" + String(repeating: "!", count: 100_000)) }
        #expect(throws: PathParseError.self) { try Path(parsing: "$[?(@ in " + String(repeating: "[", count: 100_000)) }
        #expect(throws: PathParseError.self) { try Path(parsing: String(repeating: "$[?(@.length(", count: 100_000)) }
    }

    @Test func `random texts never trap, and what parses is evaluated`() {
        var words = SeededWords(seed: 42)
        let pieces = [
            "$", "$$", "@", ".", "..", "[", "]", "(", ")", "?(", "*", "a", "b", "'a'", "\"b\"", "'", "0", "-1", ":", ",", "==", "<", "&&", "||",
            "!", " ", "in", "['a']", "length()", "\\", "é", "{", "}", "1e5", "true", "null", "size", "\u{1}",
        ]
        let document = store
        for _ in 0..<5_000 {
            var text = "$"
            for _ in 0..<Int.random(in: 0..<12, using: &words) { text += pieces.randomElement(using: &words) ?? "" }
            guard let path = try? Path(parsing: text) else { continue }
            #expect(path.description == text)
            _ = try? path.evaluate(in: document, limits: PathLimits(steps: 10_000))
        }
    }
}
