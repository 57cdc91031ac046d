import JSONCore
import JSONPath
import Testing

@Suite struct PathEvaluationTests {
    @Test(arguments: [
        ("$.store.book[*].author", #"["Nigel Rees","Evelyn Waugh","Herman Melville","J. R. R. Tolkien"]"#),
        ("$..author", #"["Nigel Rees","Evelyn Waugh","Herman Melville","J. R. R. Tolkien"]"#),
        ("$.store..price", "[8.95,12.99,8.99,22.99,19.95]"),
        ("$..book[2].title", #"["Moby Dick"]"#),
        ("$..book[-2].title", #"["Moby Dick"]"#),
        ("$..book[0,1].title", #"["Sayings of the Century","Sword of Honour"]"#),
        ("$..book[:2].title", #"["Sayings of the Century","Sword of Honour"]"#),
        ("$..book[1:2].title", #"["Sword of Honour"]"#),
        ("$..book[-2:].title", #"["Moby Dick","The Lord of the Rings"]"#),
        ("$..book[2:].title", #"["Moby Dick","The Lord of the Rings"]"#),
        ("$..book[?(@.isbn)].title", #"["Moby Dick","The Lord of the Rings"]"#),
        ("$.store.book[?(@.price < 10)].title", #"["Sayings of the Century","Moby Dick"]"#),
        ("$..book[?(@.price <= $['expensive'])].title", #"["Sayings of the Century","Moby Dick"]"#),
        ("$..book[?(@.price < 10 && @.category == 'fiction')].title", #"["Moby Dick"]"#),
        ("$..book[?(@.category == 'reference' || @.price > 20)].price", "[8.95,22.99]"),
        ("$..book[?(!(@.isbn))].price", "[8.95,12.99]"),
        ("$..book[?(!@.isbn)].price", "[8.95,12.99]"),
        ("$..book.length()", "1"),
        ("$.store.book.length()", "4"),
        ("$.store.length()", "2"),
        ("$..price.max()", "22.99"),
        ("$..price.min()", "8.95"),
        ("$.store.bicycle.keys()", #"["color","price"]"#),
        ("$.store.bicycle['color','price']", #"{"color":"red","price":19.95}"#),
        ("$.store.bicycle.*", #"["red",19.95]"#),
        ("$.store.*[0].price", "[8.95]"),
        ("$..bicycle[?(@.price > 1)].color", #"["red"]"#),
    ])
    func `answers the examples of the Jayway README`(path: String, expected: String) throws {
        #expect(try found(path, in: store) == expected)
    }

    static let things = """
        {"l":[{"k":"a","n":1,"t":["x","y"]},{"k":"b","n":2,"t":[]},{"k":"c","n":"2","s":"","z":null},{"n":3.0,"f":false}],
         "m":{"é":1,"e\u{301}":2,"a.b":{"c d":3},"":4},"n":[[1,2],[3]],"q":[3,1,2]}
        """

    @Test(arguments: [
        ("$.l[?(@.n == 2)].k", #"["b","c"]"#), ("$.l[?(@.n === 2)].k", #"["b"]"#), ("$.l[?(@.n != 2)].k", #"["a"]"#),
        ("$.l[?(@.n !== 2)].k", #"["a","c"]"#), ("$.l[?(@.n == 3)].n", "[3.0]"), ("$.l[?(@.n > 1)].n", "[2,3.0]"),
        ("$.l[?(@.k in ['a','c'])].k", #"["a","c"]"#), ("$.l[?(@.k nin ['a','c'])].n", "[2,3.0]"),
        ("$.l[?('x' in @.t)].k", #"["a"]"#), ("$.l[?(@.t contains 'y')].k", #"["a"]"#), ("$.l[?(@.t size 2)].k", #"["a"]"#),
        ("$.l[?(@.t empty true)].k", #"["b"]"#), ("$.l[?(@.s empty true)].k", #"["c"]"#), ("$.l[?(@.t empty false)].k", #"["a"]"#),
        ("$.l[?(@.t subsetof ['x','y','z'])].k", #"["a","b"]"#), ("$.l[?(@.t anyof ['x','z'])].k", #"["a"]"#),
        ("$.l[?(@.t noneof ['x'])].k", #"["b"]"#), ("$.l[?(@.t all ['x','y'])].k", #"["a"]"#), ("$.l[?(@.k == a)].n", "[1]"),
        ("$.l[?(@.z)].k", #"["c"]"#), ("$.l[?(@.z == null)].k", #"["c"]"#), ("$.l[?(@.f == false)].n", "[3.0]"), ("$.l[?(@.f)].n", "[3.0]"),
        ("$.l[?(@.k >= 'b')].k", #"["b","c"]"#), ("$.l[?(@.k < @.n)].k", "[]"), ("$.l[?(@.t[0] == 'x')].k", #"["a"]"#),
        ("$.q[?(@ > 1)]", "[3,2]"), ("$.q[?($.q[1] == @)]", "[1]"), ("$.l[?(@.t[*])].k", #"["a"]"#), ("$.l[?(@.t.length() == 2)].k", #"["a"]"#),
        ("$.m.é", "1"), ("$.m['e\u{301}']", "2"), (#"$.m['\u00e9']"#, "1"), ("$.m['a.b']['c d']", "3"), ("$.m['']", "4"), ("$.n[*][*]", "[1,2,3]"),
        ("$.n[-1][0]", "3"), ("$.q[-3:-1]", "[3,1]"), ("$.q[1:-1]", "[]"), ("$.q[:-1]", "[3,1]"), ("$.q[0,5,1]", "[3,1]"), ("$.q[5:]", "[]"),
        ("$.q.sum()", "6.0"), ("$.q.avg()", "2.0"), ("$.q.stddev()", "0.8164965809277263"), ("$.q.first()", "3"), ("$.q.last()", "2"),
        ("$.q.index(1)", "1"), ("$.q.append(9)", "[3,1,2,9]"), ("$.l[*].t.length()", "[2,0]"), ("$.l[0].t.concat('-', $.l[1].k)", #""xy-b""#),
        ("$.l[*]['k','n']", #"[{"k":"a","n":1},{"k":"b","n":2},{"k":"c","n":"2"},{"n":3.0}]"#), ("$..[?(@.n == 1)].k", #"["a"]"#),
        ("$..[?(@ == 3)]", "[3,3]"), ("$.l[0].k.length()", "null"),
    ])
    func `filters, slices and functions`(path: String, expected: String) throws {
        #expect(try found(path, in: json(Self.things)) == expected)
    }

    @Test(arguments: ["$.item.items[*]", "$.item.items[1:5].itemValue", "$.items[1:]", "$.items[:1].itemValue", "$[*]", "$..a", "$.a[?(@.b)]"])
    func `an indefinite path that leads nowhere is an empty array`(path: String) throws {
        #expect(try found(path, in: [:]) == "[]")
    }

    @Test(arguments: [
        ("$.x", "No results for path: $['x']"), ("$.a.x", "No results for path: $['a']['x']"),
        ("$.no.such.path", "Missing property in path $['no']"), ("$.a.no.b", "Missing property in path $['a']['no']"),
        ("$.n.x", "Property ['x'] not found in path $['n']"), ("$.n[0].b", "Filter: [0]['b'] can only be applied to arrays. Current context is: 1"),
        ("$.a[0]", "Filter: [0] can only be applied to arrays. Current context is: {k=[1, z], m=null}"), ("$.z[0]", "The path $['z'] is null"),
        ("$.l[5]", "No results for path: $['l'][5]"), ("$.l[5].x", "Property ['x'] not found in path $['l'][5]"),
        ("$.l[5][0]", "The path $['l'][5] is null"), ("$['a','n'].k", "Multi properties can only be used as path leafs: $['a', 'n']"),
    ])
    func `says why a definite path leads nowhere in the words of AWS`(path: String, expected: String) throws {
        let document = try json(#"{"a":{"k":[1,"z"],"m":null},"n":1,"z":null,"l":[1]}"#)
        guard case .missing(let reason) = try Path(parsing: path).evaluate(in: document) else {
            Issue.record("the path found something")
            return
        }
        #expect(reason.description == expected)
    }

    @Test func `a null is found`() throws {
        #expect(try found("$.a", in: ["a": nil]) == "null")
    }

    @Test func `the work of a path is bounded`() throws {
        var document: JSONValue = 1
        for _ in 0..<12 { document = .array(Array(repeating: document, count: 2)) }
        let path = try Path(parsing: "$..*..*..*")
        #expect(throws: PathFailure.tooManySteps) { try path.evaluate(in: document, limits: PathLimits(steps: 50_000)) }
        let many = JSONValue.array((0..<2000).map { JSONValue.integer($0) })
        let quadratic = try Path(parsing: "$[?(@ in $)]")
        #expect(throws: PathFailure.tooManySteps) { try quadratic.evaluate(in: many, limits: PathLimits(steps: 50_000)) }
    }

    @Test func `an aggregate of nothing is a failure`() throws {
        let path = try Path(parsing: "$.a.max()")
        #expect(throws: PathFailure.self) { try path.evaluate(in: ["a": []]) }
    }
}
