import JSONCore

/// Values' hash codes as Java computes them, and the order that follows from them.
///
/// `States.ArrayUnique` answers in the order of a `java.util.HashSet`; recorded on AWS: `[true,false]` comes out as
/// `[false,true]` and `[[1,2],[2,1]]` as `[[2,1],[1,2]]`.
enum JavaHash {
    /// The different values in the order in which a hash set made from the array iterates over them.
    static func unique(_ values: [JSONValue]) -> [JSONValue] {
        var seen: Set<JSONValue> = []
        let kept = values.filter { seen.insert($0).inserted }
        // HashSet(Collection): room for all elements at load factor 0.75, a power of two.
        var buckets = 16
        while buckets < Int(Double(values.count) / 0.75) + 1 { buckets *= 2 }
        let placed = kept.enumerated().map { position, value -> (bucket: UInt32, position: Int) in
            let code = UInt32(bitPattern: hash(of: value))
            return ((code ^ (code >> 16)) & UInt32(buckets - 1), position)
        }
        return placed.sorted { $0 < $1 }.map { kept[$0.position] }
    }

    /// `hashCode()` of the Java value that stands for the JSON value.
    static func hash(of value: JSONValue) -> Int32 {
        switch value {
        case .null: 0
        case .bool(let flag): flag ? 1231 : 1237
        case .number(let number): hash(of: number)
        case .string(let text): text.utf16.reduce(0) { $0 &* 31 &+ Int32($1) }
        case .array(let elements): elements.reduce(1) { $0 &* 31 &+ hash(of: $1) }
        case .object(let object):
            object.members.reduce(0) { $0 &+ (hash(of: .string($1.key)) ^ hash(of: $1.value)) }
        }
    }

    private static func hash(of number: JSONNumber) -> Int32 {
        if number.isIntegerLiteral, let integer = number.integer {
            if let small = Int32(exactly: integer) { return small }
            return folded(UInt64(bitPattern: integer))
        }
        return folded(number.double.bitPattern)
    }

    private static func folded(_ bits: UInt64) -> Int32 {
        Int32(truncatingIfNeeded: bits ^ (bits >> 32))
    }
}
