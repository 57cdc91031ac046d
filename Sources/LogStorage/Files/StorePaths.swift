/// Where things lie: `ROOT/<group>/group`, `…/index`, `…/<stream>-<segment>.log`; groups, streams and segments are numbers of 8
/// hexadecimal digits.
struct StorePaths: Sendable {
    /// The store's directory.
    let root: String

    /// The directory of a group.
    func directory(ofGroup group: Int) -> String { root + "/" + hexadecimal(group) }
    /// The description of a group.
    func groupFile(_ group: Int) -> String { directory(ofGroup: group) + "/group" }
    /// The index of a group.
    func indexFile(_ group: Int) -> String { directory(ofGroup: group) + "/index" }
    /// Where a deleted group's directory waits for its removal.
    func trash(ofGroup group: Int) -> String { root + "/trash-" + hexadecimal(group) }

    /// The file of a segment.
    func segment(_ key: SegmentKey) -> String {
        directory(ofGroup: key.group) + "/" + hexadecimal(key.stream) + "-" + hexadecimal(key.segment) + ".log"
    }

    /// A file whose presence says that the stream is being deleted, segment by segment.
    func deletionMark(group: Int, stream: Int) -> String { directory(ofGroup: group) + "/" + hexadecimal(stream) + ".deleted" }

    /// What a name in a group's directory stands for.
    enum Entry: Equatable {
        case segment(stream: Int, segment: Int)
        case deletionMark(stream: Int)
        case other
    }

    /// What a file name stands for.
    static func entry(_ name: String) -> Entry {
        if name.hasSuffix(".log"), name.utf8.count == 21, let stream = number(name.prefix(8)),
            let segment = number(name.dropFirst(9).prefix(8))
        {
            return .segment(stream: stream, segment: segment)
        }
        if name.hasSuffix(".deleted"), let stream = number(name.dropLast(8)) { return .deletionMark(stream: stream) }
        return .other
    }

    /// The number of a directory of a group, of a trashed one too.
    static func number(_ name: some StringProtocol) -> Int? {
        name.utf8.count == 8 ? Int(name, radix: 16) : nil
    }

    private func hexadecimal(_ number: Int) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: max(0, 8 - digits.utf8.count)) + digits
    }
}

/// One segment file.
struct SegmentKey: Hashable, Sendable {
    /// The group's number.
    var group: Int
    /// The stream's number in the group.
    var stream: Int
    /// The segment's number in the stream, from 0.
    var segment: Int
}
