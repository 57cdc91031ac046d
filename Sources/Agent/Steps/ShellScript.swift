import AgentProtocol

/// How the lines of an `aws:runShellScript` step become a process.
///
/// The script is handed over in memory as descriptor 3 and read by its interpreter from `/proc/self/fd/3`: it may hold secrets, so it is
/// never on a disk nor in a list of arguments. As with Systems Manager's agent a first line `#!…` chooses the interpreter.
struct ShellScript: Equatable {
    /// Where the job finds its script.
    static let path = "/proc/self/fd/3"

    let program: String
    let arguments: [String]
    let bytes: [UInt8]

    /// The script of these lines.
    init(commands: [String]) {
        let text = commands.joined(separator: "\n") + "\n"
        bytes = Array(text.utf8)
        if let (interpreter, argument) = Self.interpreter(of: text) {
            program = interpreter
            arguments = [interpreter] + (argument.map { [$0] } ?? []) + [Self.path]
        } else {
            program = "/bin/sh"
            arguments = ["sh", Self.path]
        }
    }

    /// execve(2), "Interpreter scripts": an absolute path and at most one argument, the rest of the line as it stands.
    private static func interpreter(of text: String) -> (String, String?)? {
        guard text.hasPrefix("#!") else { return nil }
        // By bytes: to Swift "\r\n" is one character and no "\n".
        let isBlank: (UInt8) -> Bool = { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }
        let line = text.utf8.dropFirst(2).prefix { $0 != 0x0A }.drop(while: isBlank)
        let path = line.prefix { !isBlank($0) }
        guard path.first == 0x2F else { return nil }
        var argument = line.dropFirst(path.count).drop(while: isBlank)
        while let last = argument.last, isBlank(last) { argument.removeLast() }
        return (String(decoding: path, as: UTF8.self), argument.isEmpty ? nil : String(decoding: argument, as: UTF8.self))
    }
}
