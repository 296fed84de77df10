import Linux
package import OCI

/// Turns the `user[:group]` that an image or a user gave into numbers, by the passwd(5) and group(5) files of a container's root.
package struct UserLookup {
    /// Files past this size are refused: nobody has that many users.
    private static let limit = 4 << 20

    /// Who to be, and that user's home directory.
    package struct Result {
        package var user: RuntimeUser
        package var home: String
    }

    /// `root` is what this process sees as the container's root directory.
    package static func resolve(_ text: String, additionalGroups: [String], in root: String = "/") throws(RuntimeError) -> Result {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let userText = parts.first ?? ""
        let groupText = parts.count > 1 ? parts[1] : ""
        let directory = try at("look up users") { () throws(SyscallError) in try FileDescriptor.open(root, [.path, .directory]) }
        let users = try lines("/etc/passwd", in: directory)
        let groups = try lines("/etc/group", in: directory)

        var result = Result(user: RuntimeUser(), home: "/")
        var name = userText
        // A name is looked for first; a number that nobody has is taken as it is.
        let entry = users.first { field($0, 0) == userText } ?? users.first { UInt32(userText) != nil && field($0, 2) == userText }
        if userText.isEmpty || userText == "0" {
            if let root = users.first(where: { field($0, 2) == "0" }) {
                name = field(root, 0)
                result.home = field(root, 5)
            } else {
                result.home = "/root"
            }
        } else if let entry {
            guard let uid = UInt32(field(entry, 2)), let gid = UInt32(field(entry, 3)) else {
                throw RuntimeError("unable to find user \(userText): its line in /etc/passwd is malformed")
            }
            result.user.uid = uid
            result.user.gid = gid
            result.home = field(entry, 5)
            name = field(entry, 0)
        } else if let uid = try number(userText) {
            result.user.uid = uid
        } else {
            throw RuntimeError("unable to find user \(userText): no matching entries in passwd file")
        }
        if result.home.isEmpty { result.home = "/" }

        if !groupText.isEmpty {
            result.user.gid = try group(groupText, in: groups)
        } else {
            let ids = groups.filter { line in
                field(line, 3).split(separator: ",").contains { $0 == name }
            }.compactMap { UInt32(field($0, 2)) }
            result.user.additionalGids = ids.isEmpty ? nil : ids
        }
        for text in additionalGroups {
            let id = try group(text, in: groups)
            if !(result.user.additionalGids ?? []).contains(id) { result.user.additionalGids = (result.user.additionalGids ?? []) + [id] }
        }
        // Who drops the first group must not gain what is denied to it: CVE-2022-36109.
        result.user.additionalGids = [result.user.gid] + (result.user.additionalGids ?? []).filter { $0 != result.user.gid }
        return result
    }

    private static func group(_ text: String, in groups: [[Substring]]) throws(RuntimeError) -> UInt32 {
        if let line = groups.first(where: { field($0, 0) == text }), let id = UInt32(field(line, 2)) { return id }
        if let id = try number(text) { return id }
        throw RuntimeError("unable to find group \(text): no matching entries in group file")
    }

    /// Docker's range: what a signed 32-bit number holds. Nil for what is no number at all.
    private static func number(_ text: String) throws(RuntimeError) -> UInt32? {
        guard let value = Int(text) else { return nil }
        guard (0...Int(Int32.max)).contains(value) else { throw RuntimeError("uids and gids must be in range 0-\(Int32.max)") }
        return UInt32(value)
    }

    private static func lines(_ path: String, in root: borrowing FileDescriptor) throws(RuntimeError) -> [[Substring]] {
        let bytes: [UInt8]
        do throws(SyscallError) {
            // An image's file, or that of a container which runs, may be one that keeps who opens or reads it waiting for ever.
            let file = try root.open(path, [.readOnly, .nonBlocking], resolve: .inRoot)
            guard try file.status().kind == .regular else { return [] }
            bytes = try file.readToEnd(limit: limit)
        } catch  where error.errno == .noEntry || error.errno == .notDirectory || error.errno == .isDirectory {
            return []
        } catch {
            throw RuntimeError("look up users", error)
        }
        // By bytes: this is on the way of every start.
        return String(decoding: bytes, as: UTF8.self).utf8.split(separator: UInt8(ascii: "\n")).compactMap { line in
            line.first == UInt8(ascii: "#")
                ? nil : line.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false).map { Substring($0) }
        }
    }

    private static func field(_ line: [Substring], _ index: Int) -> String { index < line.count ? String(line[index]) : "" }
}
