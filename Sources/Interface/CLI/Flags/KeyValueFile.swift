internal import Linux
internal import Values

/// Files of `--env-file` and `--label-file`: `NAME=value` a line, `#` begins a comment line, values are taken as they stand.
enum KeyValueFile {
    /// The longest file.
    static let limit = 4 << 20

    /// `lookup` gives the value of names that stand alone; such names are left out when it gives none.
    static func read(_ path: String, lookup: (String) -> String?) throws -> [String] {
        let bytes: [UInt8]
        do throws(SyscallError) {
            bytes = try FileSystem.read(path, limit: limit)
        } catch  where error.errno == .isDirectory {
            throw Invalid("invalid env file (\(path)): read \(path): is a directory")
        } catch { throw Invalid("open \(path): \(error.errno)") }
        do {
            return try parse(bytes, lookup: lookup)
        } catch { throw Invalid("invalid env file (\(path)): \(error)") }
    }

    static func parse(_ bytes: [UInt8], lookup: (String) -> String?) throws -> [String] {
        var entries: [String] = []
        for (number, raw) in bytes.split(separator: 10, omittingEmptySubsequences: false).enumerated() {
            guard var line = String(validating: raw, as: UTF8.self).map({ Substring($0) }) else {
                throw Invalid("invalid utf8 bytes at line \(number + 1): [\(raw.map { "\($0)" }.joined(separator: " "))]")
            }
            if number == 0, line.unicodeScalars.first == "\u{FEFF}" { line.unicodeScalars.removeFirst() }
            if line.utf8.last == 13 { line.unicodeScalars.removeLast() }
            line = line.drop { $0.isWhitespace }
            if line.isEmpty || line.first == "#" { continue }
            let name = line.cut("=")?.0 ?? String(line)
            if name.isEmpty { throw Invalid("no variable name on line '\(line)'") }
            if name.contains(where: { $0 == " " || $0 == "\t" }) { throw Invalid("variable '\(name)' contains whitespaces") }
            if line.contains("=") { entries.append(String(line)) } else if let value = lookup(name) { entries.append("\(name)=\(value)") }
        }
        return entries
    }
}
