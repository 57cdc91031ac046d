/// Splits an expression into tokens.
struct Lexer {
    private let characters: [Unicode.Scalar]
    private var position = 0
    private var place = QueryError.Place()

    init(_ text: String) {
        characters = Array(text.unicodeScalars)
    }

    /// All tokens; the last one is `.end`.
    mutating func tokens() throws(QueryError) -> [Token] {
        var tokens: [Token] = []
        while true {
            while let next = peek, next.properties.isWhitespace { advance() }
            let start = place
            let kind = try token()
            tokens.append(Token(kind: kind, place: start))
            if kind == .end { return tokens }
        }
    }

    private mutating func token() throws(QueryError) -> Token.Kind {
        guard let first = peek else { return .end }
        switch first {
        case ",": return sign(.comma)
        case "(": return sign(.opening)
        case ")": return sign(.closing)
        case "*": return sign(.star)
        case "=": return sign(.comparison(.equal))
        case "!":
            let start = place
            advance()
            guard peek == "=" else { throw QueryError(at: start) }
            return sign(.comparison(.notEqual))
        case "<":
            advance()
            if peek == "=" { return sign(.comparison(.lessOrEqual)) }
            if peek == ">" { return sign(.comparison(.notEqual)) }
            return .comparison(.less)
        case ">":
            advance()
            if peek == "=" { return sign(.comparison(.greaterOrEqual)) }
            return .comparison(.greater)
        case "'": return .string(try quoted(by: "'"))
        case "-", "0"..."9": return try number()
        default: return try path()
        }
    }

    private mutating func sign(_ kind: Token.Kind) -> Token.Kind {
        advance()
        return kind
    }

    /// A text between quotes; a doubled quote in it is one.
    private mutating func quoted(by quote: Unicode.Scalar) throws(QueryError) -> String {
        let start = place
        advance()
        var text = String.UnicodeScalarView()
        while let next = peek {
            advance()
            if next != quote {
                text.append(next)
            } else if peek == quote {
                text.append(quote)
                advance()
            } else {
                return String(text)
            }
        }
        throw QueryError(at: start)
    }

    private mutating func number() throws(QueryError) -> Token.Kind {
        let start = place
        var text = ""
        while let next = peek, Lexer.isNumeric(next) {
            text.unicodeScalars.append(next)
            advance()
        }
        // A name that begins with a digit must be quoted.
        guard let value = Double(text), value.isFinite, peek.map({ !Lexer.isName($0) }) ?? true else { throw QueryError(at: start) }
        return .number(text)
    }

    /// Names between dots. Signs that inventory types and tags are made of need no quotes: `configuration.AWS:Network.Content`.
    private mutating func path() throws(QueryError) -> Token.Kind {
        var names: [String] = []
        var isQuoted = false
        while true {
            let start = place
            // Behind a dot also single quotes hold a name; in front they hold a value.
            if let quote = peek, quote == "\"" || quote == "`" || (quote == "'" && !names.isEmpty) {
                isQuoted = true
                names.append(try quoted(by: quote))
            } else {
                var name = ""
                while let next = peek, Lexer.isName(next) {
                    name.unicodeScalars.append(next)
                    advance()
                }
                names.append(name)
            }
            guard names.last?.isEmpty == false else { throw QueryError(at: start) }
            guard peek == "." else { return .path(PropertyPath(names), isQuoted: isQuoted) }
            advance()
        }
    }

    private static func isNumeric(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "0"..."9", ".", "-", "+", "e", "E": true
        default: false
        }
    }

    private static func isName(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "a"..."z", "A"..."Z", "0"..."9", "_", ":", "-", "/", "@", "$": true
        default: scalar.value > 0x7F && scalar.properties.isAlphabetic
        }
    }

    private var peek: Unicode.Scalar? { position < characters.count ? characters[position] : nil }

    private mutating func advance() {
        if characters[position] == "\n" {
            place.line += 1
            place.column = 1
        } else {
            place.column += 1
        }
        position += 1
    }
}
