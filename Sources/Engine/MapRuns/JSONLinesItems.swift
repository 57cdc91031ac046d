import JSONCore
import StatesInterpreter

/// The lines of an object as items, each a JSON text; empty lines are none.
final class JSONLinesItems: ItemSource {
    private let bytes: ObjectBytes
    private(set) var position: ItemPosition

    /// The lines of an object from a position on.
    init(_ objects: any ObjectStore, _ name: ObjectName, from position: ItemPosition) {
        bytes = ObjectBytes(objects, name, from: position.offset, tag: position.tag)
        self.position = position
    }

    var total: Int64? { nil }

    func next() async throws(MapRunItems.Failure) -> JSONValue? {
        while let line = try await line() {
            guard line.contains(where: { !JSONLinesItems.blanks.contains($0) }) else { continue }
            guard let value = try? JSONParser.parse(line) else {
                throw .itemReader("Line \(position.items + 1) of the object is not a JSON text.")
            }
            position.items += 1
            position.offset = bytes.offset
            position.tag = bytes.tag
            return value
        }
        return nil
    }

    private static let blanks: Set<UInt8> = [0x20, 0x09, 0x0D, 0x0A]

    private func line() async throws(MapRunItems.Failure) -> [UInt8]? {
        var searched = 0
        while true {
            let from = bytes.start
            if let end = bytes.buffer[(from + searched)...].firstIndex(of: 0x0A) {
                bytes.take(upTo: end + 1)
                return Array(bytes.buffer[from..<end])
            }
            searched = bytes.buffer.count - from
            if bytes.hasAll {
                guard searched > 0 else { return nil }
                bytes.take(upTo: bytes.buffer.count)
                return Array(bytes.buffer[from...])
            }
            _ = try await bytes.fill()
        }
    }
}
