package import JSONCore
import Yams

/// Reads a YAML text as the JSON value that it stands for; mappings keep their order.
///
/// Plain scalars are resolved by YAML 1.2's core schema in JSON's range: `null` and `~`, `true` and `false`, decimal numbers. All else
/// is text, also `yes`, `0644` and dates, which older parsers turn into something that nobody wrote.
package enum YAMLReader {
    /// How deep collections may be nested.
    static let depthLimit = 100
    /// How many values a text may stand for, aliases expanded.
    static let valueLimit = 200_000

    /// The value of a text with a single YAML document.
    /// - Throws: `YAMLParseError` for what is not YAML, keys that are no scalars or stand twice, tags of applications, and texts
    ///   that are nested too deeply or expand too far.
    package static func parse(_ text: String) throws(YAMLParseError) -> JSONValue {
        try AliasGuard.check(text)
        let root: Node?
        do {
            root = try Parser(yaml: text).singleRoot()
        } catch let error as YamlError {
            throw YAMLParseError(error)
        } catch {
            throw YAMLParseError("the text cannot be read")
        }
        guard let root else { return .null }
        var conversion = YAMLConversion()
        return try conversion.value(of: root, depth: 0)
    }
}

extension YAMLParseError {
    init(_ error: YamlError) {
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _), .composer(_, let problem, let mark, _):
            self.init(problem, line: mark.line, column: mark.column)
        case .duplicatedKeysInMapping(let duplicates, let context):
            self.init(
                "the key \(duplicates.first ?? "") stands twice in a mapping", line: context.mark.line, column: context.mark.column)
        case .reader(let problem, _, _, _):
            self.init(problem)
        default:
            self.init("the text cannot be read")
        }
    }
}
