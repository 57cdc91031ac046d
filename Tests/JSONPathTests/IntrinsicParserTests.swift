import JSONCore
import JSONPath
import Testing

@Suite struct IntrinsicParserTests {
    @Test(arguments: [
        "States.UUID()", "States.Array( $.a , $.b )", "States.ArrayRange(1,5,1)", "States.Format('{}', States.MathAdd($$.a.b, -1))",
        "States.ArrayLength($.a[?(@.b == 'x, y)')])", "States.Array($x, $x.y[0], $['a,b)'].c, $.l.length())", "States.Array(1.5e3, true, null)",
        #"States.Format('it\'s \{\} and \\ {}', $.a)"#, #"States.StringToJson('{"a": "b"}')"#, " States.Array('é') ",
    ])
    func `reads calls and keeps their text`(text: String) throws {
        #expect(try IntrinsicExpression(parsing: text).description == text)
    }

    @Test(arguments: [
        ("", 0), ("States", 0), ("States.Nope()", 0), ("states.Array()", 0), ("States.Array", 12), ("States.Array(", 13), ("States.Array(1", 14),
        ("States.Array(1,)", 15), ("States.Array(,1)", 13), ("States.Array(1) x", 16), ("States.Array('a)", 13), (#"States.Array('\n')"#, 14),
        (#"States.Format('He said, \"Hello\"')"#, 24), ("States.Array([1])", 13), ("States.Array(1.)", 13), ("States.Array(.5)", 13),
        ("States.Array(\"a\")", 13), ("States.Array($.a[)", 17), ("States.Array($.a $.b)", 17), ("States.Array(1e999)", 13),
        ("States.Array(nul)", 13), ("States.Array(States.Nope())", 13),
    ])
    func `says where a call is wrong`(text: String, offset: Int) {
        #expect { try IntrinsicExpression(parsing: text) } throws: { error in
            (error as? PathParseError)?.offset == offset
        }
    }

    @Test func `bounds the number of nested calls`() throws {
        func nested(_ count: Int) -> String {
            String(repeating: "States.Array(", count: count) + String(repeating: ")", count: count)
        }
        _ = try IntrinsicExpression(parsing: nested(10))
        #expect(throws: PathParseError.self) { try IntrinsicExpression(parsing: nested(11)) }
        #expect(throws: PathParseError.self) { try IntrinsicExpression(parsing: nested(100_000)) }
    }

    @Test func `lists the paths of a call and its nested calls`() throws {
        let call = try IntrinsicExpression(parsing: "States.Array($.a, States.MathAdd($x.y, $$.c), 'd')")
        #expect(call.paths.map(\.description) == ["$.a", "$x.y", "$$.c"])
        #expect(!call.drawsRandomness)
        #expect(try IntrinsicExpression(parsing: "States.Array(States.UUID())").drawsRandomness)
        #expect(try !IntrinsicExpression(parsing: "States.MathRandom(1, 2, 3)").drawsRandomness)
    }

    @Test func `a wrong number of arguments is a warning, not an error`() throws {
        let call = try IntrinsicExpression(parsing: "States.Array(States.MathAdd(1), States.UUID(2), States.Format())")
        #expect(
            call.argumentProblems == [
                "States.MathAdd takes 2 arguments, not 1", "States.UUID takes 0 arguments, not 1",
                "States.Format takes at least 1 arguments, not 0",
            ])
    }

    @Test func `random texts never trap`() {
        var words = SeededWords(seed: 7)
        let pieces = [
            "States.", "Format", "Array", "Hash", "(", ")", "'", ",", "$", "$.a", "$$.b", "$x", "1", "-", "'{}'", "\\", "'a'", " ", "null", "[", "]",
            "StringToJson('{')", "States.UUID()", "MathAdd(1,2)", "é", "{}",
        ]
        for _ in 0..<5_000 {
            var text = "States."
            for _ in 0..<Int.random(in: 0..<12, using: &words) { text += pieces.randomElement(using: &words) ?? "" }
            guard let expression = try? PayloadExpression(parsing: text) else { continue }
            _ = try? expression.evaluate(random: { 3 }) { _ in ["a": [1, "{}"], "b": "x"] }
        }
    }
}
