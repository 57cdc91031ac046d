/// The functions that may end a path.
///
/// Source: Jayway JsonPath README, "Functions".
enum PathFunction: String, Sendable, CaseIterable {
    case length, size, keys, min, max, avg, stddev, sum, concat, append, first, last, index
}
