import JSONCore
import JSONPath
import Testing

@Suite struct ReferencePathTests {
    @Test(arguments: ["$.a[*]", "$..a", "$.a[1:]", "$.a[?(@.b)]", "$['a','b']", "$.a[0,1]", "$.a.length()", "$.a[-1]", "a"])
    func `refuses what may lead to several places`(text: String) {
        #expect(throws: PathParseError.self) { try ReferencePath(parsing: text) }
    }

    @Test(arguments: [
        ("$", #"{"a":1}"#, #""R""#), ("$.b", #"{"a":1}"#, #"{"a":1,"b":"R"}"#), ("$.a", #"{"a":1,"b":2}"#, #"{"a":"R","b":2}"#),
        ("$.x.y.z", #"{"a":1}"#, #"{"a":1,"x":{"y":{"z":"R"}}}"#), ("$.a[1]", #"{"a":[1,2]}"#, #"{"a":[1,"R"]}"#),
        ("$[0].b", #"[{"a":1}]"#, #"[{"a":1,"b":"R"}]"#), ("$['a b']", "{}", #"{"a b":"R"}"#), ("$.a.b", #"{"a":{"c":1}}"#, #"{"a":{"c":1,"b":"R"}}"#),
    ])
    func `puts a value and makes missing objects`(path: String, document: String, expected: String) throws {
        var value = try json(document)
        let reference = try ReferencePath(parsing: path)
        try reference.set("R", into: &value)
        #expect(value.description == expected)
        #expect(reference.get(from: value) == "R")
    }

    @Test(arguments: [
        ("$.a", "1"), ("$.a", "[1]"), ("$.a", "null"), ("$.a.b", #"{"a":1}"#), ("$.a.b", #"{"a":null}"#), ("$[0]", "{}"),
        ("$.a[0]", #"{"a":[]}"#), ("$.a[0]", "{}"), ("$.a[1].b", #"{"a":[{}]}"#), ("$.x.y[0]", #"{"a":1}"#),
    ])
    func `refuses what does not fit and leaves the document alone`(path: String, document: String) throws {
        var value = try json(document)
        let reference = try ReferencePath(parsing: path)
        #expect(throws: ResultPathMatchFailure.self) { try reference.set("R", into: &value) }
        #expect(value.description == document)
        #expect(reference.get(from: value) == nil)
    }
}
