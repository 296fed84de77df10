package import Linux
package import Values

/// Who is on a network and what it is called there, told by files in the network's run directory:
///
///     names/<name>/<container's id>       one for each container that has the name
///     addresses/<address>/<container's id>
///
/// All files of one container are the same file, by hard links. It holds the container's names in a line and its addresses in another, and
/// the supervisor that wrote it keeps it locked, flock(2), as long as it lives: a file that is not locked tells of nobody. So a look-up
/// is one directory read and needs no cache, and what a killed supervisor leaves is seen through at once, whoever removes it later.
package struct NetworkNames: Sendable {
    /// `…/networks/<id>`.
    package let directory: String

    /// Containers read for one name.
    static let limit = 256
    /// Bytes of one container's file.
    private static let fileLimit = 16 << 10

    package init(directory: String) { self.directory = directory }

    /// Whether `name` can be a name here: what a host name may be made of, in lower case, and what a file may be called.
    package static func isValid(_ name: String) -> Bool {
        (1...253).contains(name.utf8.count)
            && name.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).allSatisfy { label in
                (1...63).contains(label.count)
                    && label.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_") }
            }
    }

    // MARK: - Looking up

    /// The addresses of all who have the name; nil when nobody has. `name` comes from containers: it is looked up only if valid.
    package func addresses(of name: String) throws(SyscallError) -> [IPAddress]? {
        guard Self.isValid(name) else { return nil }
        let found = try living("names/\(name)")
        return found.isEmpty ? nil : found.flatMap(\.addresses).sorted()
    }

    /// What the holder of the address is called first of all.
    package func name(of address: IPAddress) throws(SyscallError) -> String? {
        try living("addresses/\(address)").first { $0.addresses.contains(address) }?.names.first
    }

    /// Everybody on the network, by the container's id.
    package func all() throws(SyscallError) -> [String: (names: [String], addresses: [IPAddress])] {
        var result: [String: (names: [String], addresses: [IPAddress])] = [:]
        do throws(SyscallError) {
            for address in try open("addresses").entries() {
                let folder = try open("addresses/\(address)")
                for id in try folder.entries() where result[id] == nil {
                    // Gone in between: the next look tells.
                    guard let file = try? folder.open(id, [.noFollow, .nonBlocking]), try file.isHeld() else { continue }
                    let entry = Entry(try file.readToEnd(limit: Self.fileLimit))
                    result[id] = (entry.names, entry.addresses)
                }
            }
        } catch  where error.errno == .noEntry {}
        return result
    }

    /// One container on this network.
    private struct Entry {
        var names: [String]
        var addresses: [IPAddress]

        init(_ names: [String], _ addresses: [IPAddress]) {
            self.names = names
            self.addresses = addresses
        }

        init(_ text: [UInt8]) {
            let lines = text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map { String(decoding: $0, as: UTF8.self) }
            names = lines.first.map { $0.split(separator: " ").map(String.init) } ?? []
            addresses = lines.dropFirst().first.map { $0.split(separator: " ").compactMap { IPAddress($0) } } ?? []
        }

        var text: [UInt8] { Array("\(names.joined(separator: " "))\n\(addresses.map(\.description).joined(separator: " "))\n".utf8) }
    }

    private func living(_ place: String) throws(SyscallError) -> [Entry] {
        do throws(SyscallError) {
            let folder = try open(place)
            var result: [Entry] = []
            for id in try folder.entries().prefix(Self.limit) {
                // Gone in between, or being replaced: the next question finds it.
                guard let file = try? folder.open(id, [.noFollow, .nonBlocking]), try file.isHeld() else { continue }
                result.append(Entry(try file.readToEnd(limit: Self.fileLimit)))
            }
            return result
        } catch  where error.errno == .noEntry { return [] }
    }

    /// Below our own directory, through no link, whatever `place` is.
    private func open(_ place: String) throws(SyscallError) -> FileDescriptor {
        try FileDescriptor.open(directory, [.path, .directory]).open(place, [.directory], resolve: [.beneath, .noSymbolicLinks])
    }

    // MARK: - Writing

    /// A container's presence on the network; it ends with this value's owner, at the latest.
    package final class Member {
        fileprivate let names: NetworkNames
        fileprivate let id: String
        fileprivate let file: FileDescriptor
        fileprivate let places: Set<String>

        fileprivate init(_ names: NetworkNames, _ id: String, _ file: consuming FileDescriptor, _ places: Set<String>) {
            self.names = names
            self.id = id
            self.file = file
            self.places = places
        }

        /// Removes the files.
        package func leave() throws(SyscallError) { try names.remove(id, from: places) }
    }

    /// Tells of a container, instead of what was told of it before. Names that are not valid are left out: nobody could ask for them.
    package func join(_ id: String, names: [String], addresses: [IPAddress], replacing old: Member? = nil) throws(SyscallError) -> Member {
        let valid = names.filter(Self.isValid)
        let places = Set(valid.map { "names/\($0)" } + addresses.map { "addresses/\($0)" })
        for folder in ["names", "addresses"] { try FileSystem.makeDirectories("\(directory)/\(folder)") }
        let root = try FileDescriptor.open(directory, [.path, .directory])
        let beside = "\(id).\(Process.id)~"
        let file = try root.open(beside, [.readWrite, .create, .truncate, .noFollow], mode: 0o600)
        _ = try file.lock(exclusive: true, wait: false)
        try file.writeAll(Entry(valid, addresses).text)
        let member = Member(self, id, file, places)
        do throws(SyscallError) {
            for place in places { try link(beside, in: root, to: place, id) }
            try root.removeFile(beside)
        } catch {
            // What cannot be removed says nothing once the lock is gone.
            try? root.removeFile(beside)
            try? member.leave()
            throw error
        }
        if let old { try remove(id, from: old.places.subtracting(places)) }
        return member
    }

    private func link(_ file: String, in root: borrowing FileDescriptor, to place: String, _ id: String) throws(SyscallError) {
        for attempt in 1...100 {
            do throws(SyscallError) {
                do throws(SyscallError) { try root.makeDirectory(place) } catch  where error.errno == .exists {}
                let folder = try root.open(place, [.path, .directory], resolve: [.beneath, .noSymbolicLinks])
                // Of a supervisor before this one, or of this one under its older names.
                do throws(SyscallError) { try folder.removeFile(id) } catch  where error.errno == .noEntry {}
                return try folder.makeHardLink(id, to: file, in: root)
            } catch  where error.errno == .noEntry && attempt < 100 {
                // The last other container of that name left just now, and took the directory along.
            }
        }
    }

    /// Goes on when something is missing: two may be at it.
    private func remove(_ id: String, from places: some Sequence<String>) throws(SyscallError) {
        let root = try FileDescriptor.open(directory, [.path, .directory])
        for place in places {
            do throws(SyscallError) {
                try root.open(place, [.path, .directory], resolve: [.beneath, .noSymbolicLinks]).removeFile(id)
            } catch  where error.errno == .noEntry {}
            do throws(SyscallError) { try root.removeDirectory(place) } catch  where [.notEmpty, .noEntry].contains(error.errno) {}
        }
    }

    // MARK: - Recovery

    /// Removes what is told of a container whose supervisor is dead, whatever names it had. Nothing there is right.
    package func forget(_ id: String) throws(SyscallError) {
        do throws(SyscallError) {
            for folder in ["names", "addresses"] { try remove(id, from: try open(folder).entries().map { "\(folder)/\($0)" }) }
            let root = try FileDescriptor.open(directory, [.directory])
            for name in try root.entries() where name.hasPrefix("\(id).") { try root.removeFile(name) }
        } catch  where error.errno == .noEntry { return }
    }
}

extension FileDescriptor {
    /// Whether another process holds the lock of this file: flock(2). Looking does not get in anyone's way: holders of these locks never
    /// wait for them and take them before the file has a name that others know.
    fileprivate borrowing func isHeld() throws(SyscallError) -> Bool {
        if try lock(exclusive: false, wait: false) {
            try unlock()
            return false
        }
        return true
    }
}
