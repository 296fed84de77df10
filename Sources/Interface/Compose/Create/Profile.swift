internal import ComposeFile
internal import JSON
internal import Linux

/// A seccomp profile that a service names: the engine gets its text.
enum Profile {
    static func compact(_ path: String, named name: String) throws -> String {
        let bytes: [UInt8]
        do throws(SyscallError) { bytes = try FileSystem.read(path, limit: 1 << 20) } catch {
            throw ComposeFileError("opening seccomp profile (\(name)) failed: open \(path): \(error.errno)")
        }
        do throws(JSONError) { return try JSONValue(parsing: bytes).compactText } catch {
            throw ComposeFileError("compacting json for seccomp profile (\(name)) failed: \(error)")
        }
    }
}
