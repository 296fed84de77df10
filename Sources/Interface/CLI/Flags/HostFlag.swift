internal import Arguments
internal import Values

/// `--add-host name:address` or `name=address`.
enum HostFlag {
    /// As the engine takes it: `name:address`, an IPv6 address without brackets.
    static func parse(_ value: String) throws(Invalid) -> String {
        guard let (name, address) = value.cut("=") ?? value.cut(":"), !name.isEmpty, !name.contains(":") else {
            throw Invalid("bad format for add-host: \(Syntax.quoted(value))")
        }
        let isBracketed = address.utf8.count > 2 && address.hasPrefix("[") && address.hasSuffix("]")
        let bare = isBracketed ? String(address.dropFirst().dropLast()) : address
        guard bare == "host-gateway" || IPAddress(bare) != nil else { throw Invalid("invalid IP address in add-host: \(Syntax.quoted(bare))") }
        return "\(name):\(bare)"
    }
}
