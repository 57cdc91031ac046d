import JSONCore

/// Values at fields of which an event must have at least one to match a pattern.
struct PatternAnchor: Sendable {
    /// What a value must be, in a form that can be looked up.
    enum Key: Hashable, Sendable {
        case value(JSONValue)
        /// The value in lower case.
        case folded([UInt8])
        case prefix([UInt8])
        case suffix([UInt8])
    }

    /// A value at a field.
    struct Place: Hashable, Sendable {
        /// The names from the event's root down to the field.
        var path: [JSONString]
        var key: Key
    }

    /// The values. A field with a list of values has several, so has a `$or` over different fields.
    var places: [Place]
}

extension EventPattern {
    /// The anchor that the fewest other patterns share; nil for a pattern that has none.
    /// - Parameter cost: how many patterns have this place in one of their anchors.
    func anchor(cost: (PatternAnchor.Place) -> Int) -> PatternAnchor? {
        root.anchor(cost: cost)
    }

    /// Every anchor that could be chosen.
    var possibleAnchors: [PatternAnchor] { root.possibleAnchors }
}

extension ObjectPattern {
    /// The best anchor of this object: of a field that must match, or of a `$or` each of whose alternatives has one.
    fileprivate func anchor(cost: (PatternAnchor.Place) -> Int) -> PatternAnchor? {
        var best: (anchor: PatternAnchor, cost: Int)?
        func consider(_ anchor: PatternAnchor?) {
            guard let anchor else { return }
            let sum = anchor.places.reduce(0) { $0 + cost($1) }
            if best.map({ sum < $0.cost }) ?? true { best = (anchor, sum) }
        }
        for field in fields {
            switch field.condition {
            case .object(let pattern): consider(pattern.anchor(cost: cost))
            case .values(let matchers): consider(PatternAnchor(of: matchers, at: field.path))
            }
        }
        if !alternatives.isEmpty {
            var places: [PatternAnchor.Place] = []
            for alternative in alternatives {
                guard let anchor = alternative.anchor(cost: cost) else { return best?.anchor }
                places += anchor.places
            }
            consider(PatternAnchor(places: places))
        }
        return best?.anchor
    }

    fileprivate var possibleAnchors: [PatternAnchor] {
        let own = fields.flatMap { field in
            switch field.condition {
            case .object(let pattern): pattern.possibleAnchors
            case .values(let matchers): PatternAnchor(of: matchers, at: field.path).map { [$0] } ?? []
            }
        }
        return own + alternatives.flatMap(\.possibleAnchors)
    }
}

extension PatternAnchor {
    /// The anchor of a field's values; nil when one of them is nothing that can be looked up.
    fileprivate init?(of matchers: [ValueMatcher], at path: [JSONString]) {
        places = []
        for matcher in matchers {
            switch matcher {
            case .exactly(let value): places.append(Place(path: path, key: .value(value)))
            case .equalsIgnoringCase(let text): places.append(Place(path: path, key: .folded(text)))
            case .prefix(let text): places.append(Place(path: path, key: .prefix(text)))
            case .suffix(let text): places.append(Place(path: path, key: .suffix(text)))
            default: return nil
            }
        }
    }
}
