/// The third line of a canonical request.
enum CanonicalQuery {
    /// One parameter of a query, decoded.
    struct Parameter {
        /// The name.
        var name: [UInt8]
        /// The value; empty when there is no equals sign.
        var value: [UInt8]
    }

    /// The parameters of a query as it stands on the request line, in its order. Empty parts between ampersands do not count.
    static func parameters(_ query: [UInt8]) -> [Parameter] {
        query.split(separator: UInt8(ascii: "&")).map { part in
            let equals = part.firstIndex(of: UInt8(ascii: "=")) ?? part.endIndex
            return Parameter(
                name: PercentEncoding.decode(part[..<equals], plusIsSpace: true),
                value: PercentEncoding.decode(part[equals...].dropFirst(), plusIsSpace: true))
        }
    }

    /// Appends the canonical form: each name and value encoded anew, sorted by name and then by value, without the signature itself.
    static func append(_ query: [UInt8], to out: inout [UInt8]) {
        guard !query.isEmpty else { return }
        var encoded: [(name: [UInt8], value: [UInt8])] = []
        for parameter in parameters(query) where !parameter.name.elementsEqual("X-Amz-Signature".utf8) {
            var (name, value): ([UInt8], [UInt8]) = ([], [])
            PercentEncoding.append(parameter.name, to: &name)
            PercentEncoding.append(parameter.value, to: &value)
            encoded.append((name, value))
        }
        // By the encoded bytes, the name first: `a=b` and `a-=b` would change places if whole parameters were compared.
        encoded.sort { left, right in
            left.name == right.name
                ? left.value.lexicographicallyPrecedes(right.value) : left.name.lexicographicallyPrecedes(right.name)
        }
        for (index, parameter) in encoded.enumerated() {
            if index > 0 { out.append(UInt8(ascii: "&")) }
            out.append(contentsOf: parameter.name)
            out.append(UInt8(ascii: "="))
            out.append(contentsOf: parameter.value)
        }
    }
}
