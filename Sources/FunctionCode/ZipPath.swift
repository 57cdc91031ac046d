/// The rules of names inside of archives: nothing leads out of the folder that an archive is unpacked to.
enum ZipPath {
    /// The parts of an entry's name; empty for the root itself.
    static func parts(of name: ArraySlice<UInt8>) throws(CodeError) -> [String] {
        let text = String(decoding: name, as: UTF8.self)
        guard !name.isEmpty, name.first != UInt8(ascii: "/"), !name.contains(0) else { throw .unsafe(text) }
        var parts: [String] = []
        for part in name.split(separator: UInt8(ascii: "/")) {
            if part.elementsEqual(".".utf8) { continue }
            guard !part.elementsEqual("..".utf8), part.count <= 255 else { throw .unsafe(text) }
            parts.append(String(decoding: part, as: UTF8.self))
        }
        return parts
    }

    /// Whether a link at `path` may have this target.
    ///
    /// Steps up are allowed at its begin alone and only as far as the root: behind another link `..` would lead elsewhere than it reads.
    static func allows(target: String, ofLinkAt path: [String]) -> Bool {
        guard !target.isEmpty, !target.utf8.starts(with: "/".utf8), !target.utf8.contains(0) else { return false }
        let parts = target.utf8.split(separator: UInt8(ascii: "/")).filter { !$0.elementsEqual(".".utf8) }
        let steps = parts.prefix { $0.elementsEqual("..".utf8) }.count
        return steps < path.count && !parts.dropFirst(steps).contains { $0.elementsEqual("..".utf8) }
    }
}
