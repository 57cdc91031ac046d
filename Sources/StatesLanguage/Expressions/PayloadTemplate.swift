package import JSONCore
package import JSONPath

/// A compiled payload template: `Parameters`, `ResultSelector`, `ItemSelector`, `Assign`.
///
/// A member whose key ends in `.$` takes the value of its expression; everything else stands as it is.
/// Source: Amazon States Language, "Payload Template".
package indirect enum PayloadTemplate: Hashable, Sendable {
    /// A part without expressions.
    case literal(JSONValue)
    /// An object with an expression somewhere inside.
    case object([Member])
    /// An array with an expression somewhere inside.
    case array([PayloadTemplate])
    /// The value of a member with `.$`; `field` is its key as written.
    case expression(PayloadExpression, field: JSONString)

    /// One member of an object, its key without `.$`.
    package struct Member: Hashable, Sendable {
        /// The key of the result.
        package let key: JSONString
        /// What makes the value.
        package let template: PayloadTemplate
    }

    /// The value of the template. `document` answers what a path's root stands for; `random` gives fresh bits.
    package func evaluate(
        random: () -> UInt64, document: (PathRoot) -> JSONValue?
    ) throws(TemplateFailure) -> JSONValue {
        switch self {
        case .literal(let value): return value
        case .object(let members):
            var object = JSONObject(capacity: members.count)
            for member in members {
                object.set(member.key, try member.template.evaluate(random: random, document: document))
            }
            return .object(object)
        case .array(let elements):
            var values: [JSONValue] = []
            values.reserveCapacity(elements.count)
            for element in elements { values.append(try element.evaluate(random: random, document: document)) }
            return .array(values)
        case .expression(let expression, let field):
            do throws(IntrinsicFailure) {
                return try expression.evaluate(random: random, document: document)
            } catch {
                throw TemplateFailure(field: field, expression: expression, failure: error)
            }
        }
    }
}

/// Why a template has no value, and in which field.
package struct TemplateFailure: Error, Hashable, Sendable {
    /// The key as written, with `.$`.
    package let field: JSONString
    /// What stood there.
    package let expression: PayloadExpression
    /// Why it has no value.
    package let failure: IntrinsicFailure
}
