/// Which versions of the conversation there are, and how both sides agree on one.
///
/// The agent names all that it speaks, in `register` and in `session`; the server answers with the highest that it
/// speaks too, or refuses with `UnsupportedProtocol`. Within a version fields and message types may be added: readers ignore what they do
/// not know. A change that an old reader would misunderstand is a new version; where only some steps use it, their `action` says so
/// (`PluginStep`), and an agent that does not know it refuses those and runs the others.
package enum ProtocolVersion {
    /// The versions that this build speaks, ascending.
    package static let supported: [Int] = [1]

    /// The highest version that both speak, or nil.
    package static func negotiate(offered: [Int], supported: [Int] = supported) -> Int? {
        supported.filter(offered.contains).max()
    }
}
