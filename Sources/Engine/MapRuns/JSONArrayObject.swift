import JSONCore
import StatesInterpreter

/// Reads a JSON object in storage whole: the array in it, or that a pointer leads to.
enum JSONArrayObject {
    /// Bytes of an object that is read whole.
    static let limit = 256 << 20

    /// The items of an object from a position on.
    static func items(
        _ objects: any ObjectStore, _ name: ObjectName, pointer: String?, from position: ItemPosition
    ) async throws(MapRunItems.Failure) -> ArrayItems {
        let bytes = ObjectBytes(objects, name, from: 0, tag: position.tag)
        let text = try await bytes.all(limit: limit)
        guard var value = try? JSONParser.parse(text) else {
            throw .itemReader("Attempting to map over an object that is not a JSON text.")
        }
        if let pointer {
            guard let found = JSONPointer(pointer)?.value(in: value) else {
                throw .itemReader("The ItemsPointer '\(pointer)' does not lead to a value of the object.")
            }
            value = found
        }
        guard let items = value.array else { throw .itemReader("Attempting to map over non-iterable node.") }
        var position = position
        position.tag = bytes.tag
        return ArrayItems(items, from: position)
    }
}
