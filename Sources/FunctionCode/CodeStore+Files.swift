import CZlib
import FoundationEssentials
import Glibc

extension CodeStore {
    /// Makes a folder with this mode, its parents too; one that exists gets the mode.
    static func makeFolder(_ path: String, mode: mode_t) throws(CodeError) {
        do {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        } catch {
            throw .storage("cannot make the folder \(path): \(error)")
        }
        guard chmod(path, mode) == 0 else { throw CodeFolder.failure("set the mode of", path) }
    }

    /// Moves a file or folder to its place for good.
    static func move(_ path: String, to place: String, in folder: String) throws(CodeError) {
        guard rename(path, place) == 0 else { throw CodeFolder.failure("move to", place) }
        try synchronise(folder, by: { fsync($0) })
    }

    /// Waits until everything written to the file system of a folder is on the disk: code has thousands of small files, and a call for
    /// each would take seconds.
    static func synchroniseAll(in folder: String) throws(CodeError) {
        try synchronise(folder, by: { syncfs($0) })
    }

    private static func synchronise(_ folder: String, by call: (Int32) -> Int32) throws(CodeError) {
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw CodeFolder.failure("open", folder) }
        defer { Glibc.close(descriptor) }
        guard call(descriptor) == 0 else { throw CodeFolder.failure("synchronise", folder) }
    }

    /// The names in a folder, none when it cannot be read.
    static func names(in folder: String) -> [String] {
        (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    }

    /// A file's bytes, nil when it does not exist.
    static func contents(of path: String) throws(CodeError) -> [UInt8]? {
        guard access(path, F_OK) == 0 else { return nil }
        guard let data = FileManager.default.contents(atPath: path) else { throw CodeFolder.failure("read", path) }
        return Array(data)
    }

    /// Removes a file, or a folder with all that it holds; links are not followed. What cannot be removed stays for the next time.
    static func remove(_ path: String) {
        try? FileManager.default.removeItem(atPath: path)
    }

    /// Empties a folder.
    static func removeContents(of folder: String) {
        for name in names(in: folder) { remove(folder + "/" + name) }
    }
}
