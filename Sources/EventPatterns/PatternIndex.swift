package import JSONCore

/// Finds those of many patterns that an event may match, without looking at each of them.
///
/// Of the fields that a pattern demands, the one that tells it best from the others is its *anchor*: an event that has none of the
/// anchor's values cannot match. The anchors of all patterns stand in one tree of field names, through which an event is walked once, so
/// that a thousand patterns on different values cost about as much as one. Patterns without an anchor (only `anything-but`, `numeric`,
/// `exists` …) are candidates always.
package struct PatternIndex: Sendable {
    private var nodes: [Node] = [Node()]
    private var unanchored: [Int] = []

    /// Indexes patterns; results are their positions in this list.
    package init(_ patterns: [EventPattern]) {
        var frequency: [PatternAnchor.Place: Int] = [:]
        for pattern in patterns {
            for anchor in pattern.possibleAnchors {
                for place in anchor.places { frequency[place, default: 0] += 1 }
            }
        }
        for (position, pattern) in patterns.enumerated() {
            guard let anchor = pattern.anchor(cost: { frequency[$0] ?? 0 }) else {
                unanchored.append(position)
                continue
            }
            for place in anchor.places { insert(place, position) }
        }
    }

    /// The positions of all patterns that may match the event, ascending; those left out do not match.
    /// - Parameter event: an event as `EventPattern.prepared` gives it.
    package func candidates(for event: JSONValue) -> [Int] {
        var found = unanchored
        collect(event, node: 0, into: &found)
        guard found.count > 1 else { return found }
        found.sort()
        var last = -1
        found.removeAll { position in
            defer { last = position }
            return position == last
        }
        return found
    }

    /// A field on the way to anchors, or with anchors.
    private struct Node {
        var children: [JSONString: Int] = [:]
        var values: [JSONValue: [Int]] = [:]
        var folded: [[UInt8]: [Int]] = [:]
        var prefixes = AffixTable()
        var suffixes = AffixTable()
    }

    /// Beginnings or ends of strings, found by their lengths.
    private struct AffixTable {
        private var lengths: [Int] = []
        private var patterns: [[UInt8]: [Int]] = [:]

        var isEmpty: Bool { lengths.isEmpty }

        mutating func insert(_ affix: [UInt8], _ position: Int) {
            if !lengths.contains(affix.count) { lengths.append(affix.count) }
            patterns[affix, default: []].append(position)
        }

        /// - Parameter affix: what a string begins or ends with, in so many bytes.
        func collect(_ count: Int, into found: inout [Int], _ affix: (Int) -> [UInt8]) {
            for length in lengths where length <= count {
                if let positions = patterns[affix(length)] { found += positions }
            }
        }
    }

    private mutating func insert(_ place: PatternAnchor.Place, _ position: Int) {
        var index = 0
        for name in place.path {
            if let child = nodes[index].children[name] {
                index = child
            } else {
                nodes.append(Node())
                nodes[index].children[name] = nodes.count - 1
                index = nodes.count - 1
            }
        }
        switch place.key {
        case .value(let value): nodes[index].values[value, default: []].append(position)
        case .folded(let text): nodes[index].folded[text, default: []].append(position)
        case .prefix(let text): nodes[index].prefixes.insert(text, position)
        case .suffix(let text): nodes[index].suffixes.insert(text, position)
        }
    }

    private func collect(_ value: JSONValue, node index: Int, into found: inout [Int]) {
        switch value {
        case .object(let object):
            // Whichever is shorter: the event's members, or the names that anchors have here.
            if object.count <= nodes[index].children.count {
                for member in object.members {
                    if let child = nodes[index].children[member.key] { collect(member.value, node: child, into: &found) }
                }
            } else {
                for (name, child) in nodes[index].children {
                    if let value = object[name] { collect(value, node: child, into: &found) }
                }
            }
        case .array(let elements):
            for element in elements { collect(element, node: index, into: &found) }
        default:
            collectLeaf(value, node: index, into: &found)
        }
    }

    private func collectLeaf(_ value: JSONValue, node index: Int, into found: inout [Int]) {
        if !nodes[index].values.isEmpty, let positions = nodes[index].values[value] { found += positions }
        guard let string = value.string else { return }
        if !nodes[index].folded.isEmpty, let positions = nodes[index].folded[ValueMatcher.folded(string)] { found += positions }
        if nodes[index].prefixes.isEmpty, nodes[index].suffixes.isEmpty { return }
        let bytes = string.bytes
        nodes[index].prefixes.collect(bytes.count, into: &found) { Array(bytes.prefix($0)) }
        nodes[index].suffixes.collect(bytes.count, into: &found) { Array(bytes.suffix($0)) }
    }
}
