internal import Diagnostics

/// What the `local` driver takes for a volume: its name and options, in Docker's words.
enum VolumeRules {
    /// The longest name: it becomes a file name.
    static let nameLimit = 255
    static let options: Set<String> = ["type", "o", "device", "size"]

    /// Throws unless `name` can be a volume's name. This is also what keeps a name from leading anywhere but into the volumes' directory.
    static func checkName(_ name: String) throws(Fault) {
        if name.utf8.count == 1 {
            throw Fault(.invalid, "create \(name): volume name is too short, names should be at least two alphanumeric characters")
        }
        let rest = name.utf8.dropFirst()
        guard let first = name.utf8.first, isAlphanumeric(first), rest.allSatisfy({ isAlphanumeric($0) || "_.-".utf8.contains($0) }) else {
            throw Fault(
                .invalid,
                "create \(name): \"\(name)\" includes invalid characters for a local volume name, only \"[a-zA-Z0-9][a-zA-Z0-9_.-]\" are "
                    + "allowed. If you intended to pass a host directory, use absolute path")
        }
        guard name.utf8.count <= nameLimit else {
            throw Fault(.invalid, "create \(name): volume name is too long, names should be no more than \(nameLimit) characters")
        }
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        switch byte {
        case 48...57, 65...90, 97...122: true
        default: false
        }
    }

    /// Throws unless `driver` is the one there is, and knows the options.
    static func check(driver: String, options: [String: String], of name: String) throws(Fault) {
        guard driver == "local" else {
            throw Fault(.notFound, "create \(name): error looking up volume plugin \(driver): plugin \"\(driver)\" not found")
        }
        for key in options.keys.sorted() where !Self.options.contains(key) {
            throw Fault(.invalid, "create \(name): invalid option: \"\(key)\"")
        }
        for (key, needed) in [("device", ["type"]), ("o", ["device", "type"]), ("type", ["device"])] where options[key] != nil {
            for other in needed where options[other] == nil {
                throw Fault(.invalid, "create \(name): missing required option: \"\(other)\"")
            }
        }
        if options["size"] != nil { throw Fault(.invalid, "create \(name): quota size requested but no quota support") }
    }
}
