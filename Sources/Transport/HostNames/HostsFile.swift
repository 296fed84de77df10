package import Values

/// What hosts(5) says.
package enum HostsFile {
    /// The addresses of `name` in the file's order.
    package static func addresses(of name: String, in text: String) -> [IPAddress] {
        let wanted = name.lowercased()
        var result: [IPAddress] = []
        for line in text.split(whereSeparator: \.isNewline) {
            let words = line.prefix { $0 != "#" }.split { $0 == " " || $0 == "\t" }
            guard let first = words.first, let address = IPAddress(first), words.dropFirst().contains(where: { $0.lowercased() == wanted }),
                !result.contains(address)
            else { continue }
            result.append(address)
        }
        return result
    }
}
