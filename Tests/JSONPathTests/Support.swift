import JSONCore
import JSONPath

/// The bookshop of the Jayway README.
let store: JSONValue = [
    "store": [
        "book": [
            ["category": "reference", "author": "Nigel Rees", "title": "Sayings of the Century", "price": 8.95],
            ["category": "fiction", "author": "Evelyn Waugh", "title": "Sword of Honour", "price": 12.99],
            ["category": "fiction", "author": "Herman Melville", "title": "Moby Dick", "isbn": "0-553-21311-3", "price": 8.99],
            [
                "category": "fiction", "author": "J. R. R. Tolkien", "title": "The Lord of the Rings",
                "isbn": "0-395-19395-8", "price": 22.99,
            ],
        ],
        "bicycle": ["color": "red", "price": 19.95],
    ],
    "expensive": 10,
]

/// The JSON value of a text.
func json(_ text: String) throws -> JSONValue { try JSONParser.parse(text) }

/// What a path finds, printed; nil when it leads nowhere.
func found(_ path: String, in document: JSONValue) throws -> String? {
    try Path(parsing: path).evaluate(in: document).value?.description
}

/// The value of a template's expression.
func evaluated(
    _ expression: String, input: JSONValue = [:], context: JSONValue = [:], random: () -> UInt64 = { 7 }
) throws -> JSONValue {
    try PayloadExpression(parsing: expression).evaluate(random: random) { root in
        switch root {
        case .input: input
        case .context: context
        case .variable("x"): ["y": 5]
        case .variable: nil
        }
    }
}

/// What AWS prints when the expression fails; nil when it does not.
func failure(_ expression: String, input: JSONValue = [:]) throws -> String? {
    let parsed = try PayloadExpression(parsing: expression)
    let document: (PathRoot) -> JSONValue? = { root in
        switch root {
        case .input: input
        case .context: ["State": "S"]
        case .variable: nil
        }
    }
    do {
        _ = try parsed.evaluate(random: { 1 }, document: document)
        return nil
    } catch {
        return parsed.cause(of: error, field: "v.$", document: document)
    }
}

/// A generator of words that are the same in every run (SplitMix64).
struct SeededWords: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }
}
