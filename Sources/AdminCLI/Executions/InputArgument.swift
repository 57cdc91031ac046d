import ArgumentParser
import JSONCore

/// The value of `--input`: JSON text, `@file`, or `-` for standard input.
enum InputArgument {
    /// The JSON text that the argument stands for.
    /// - Throws: `ValidationError` with the place of what is not JSON.
    static func text(
        _ argument: String, read: (String) throws(FileProblem) -> [UInt8] = TextFile.bytes
    ) throws -> String {
        let (bytes, name): ([UInt8], String)
        switch argument {
        case "-": (bytes, name) = (try file("-", "standard input", read), "standard input")
        case let path where path.hasPrefix("@"):
            let path = String(path.dropFirst())
            (bytes, name) = (try file(path, path, read), path)
        default: (bytes, name) = (Array(argument.utf8), "--input")
        }
        do throws(JSONParseError) {
            _ = try JSONParser.parse(bytes)
        } catch {
            let place = error.position(in: bytes)
            throw ValidationError(
                "\(name):\(place.line):\(place.column): not JSON: \(error.reason.rawValue)\(InputArgument.hint(argument))")
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func file(
        _ path: String, _ name: String, _ read: (String) throws(FileProblem) -> [UInt8]
    ) throws -> [UInt8] {
        do throws(FileProblem) {
            return try read(path)
        } catch {
            throw ValidationError("--input: \(name) \(error)")
        }
    }

    private static func hint(_ argument: String) -> String {
        argument == "-" || "{[\"@".contains(argument.first ?? "{")
            ? "" : "\nA file is given as --input @FILE, a text in quotes as --input '\"text\"'."
    }
}
