import DockerAPI
import Linux

/// /etc/hosts of a container.
enum HostsFile {
    static func text(_ record: ContainerRecord) -> String {
        if record.hostConfig.networkMode == "host", let bytes = try? FileSystem.read("/etc/hosts", limit: 1 << 20) {
            // The host's own names, when they can be read; else the usual ones.
            return String(decoding: bytes, as: UTF8.self) + extra(record)
        }
        return """
            127.0.0.1\tlocalhost
            ::1\tlocalhost ip6-localhost ip6-loopback
            fe00::\tip6-localnet
            ff00::\tip6-mcastprefix
            ff02::1\tip6-allnodes
            ff02::2\tip6-allrouters

            """ + extra(record)
    }

    /// `--add-host name:address`.
    private static func extra(_ record: ContainerRecord) -> String {
        (record.hostConfig.extraHosts ?? []).compactMap { entry in
            guard let colon = entry.firstIndex(where: { $0 == ":" || $0 == "=" }) else { return nil }
            return "\(entry[entry.index(after: colon)...])\t\(entry[..<colon])\n"
        }.joined()
    }
}

/// /etc/resolv.conf of a container.
enum ResolverFile {
    static func text(_ record: ContainerRecord) throws(SyscallError) -> [UInt8] {
        let host = record.hostConfig
        if (host.dns ?? []).isEmpty, (host.dnsSearch ?? []).isEmpty, (host.dnsOptions ?? []).isEmpty {
            return try FileSystem.readIfPresent("/etc/resolv.conf", limit: 1 << 20) ?? []
        }
        var text = ""
        for server in host.dns ?? [] { text += "nameserver \(server)\n" }
        if let search = host.dnsSearch, !search.isEmpty { text += "search \(search.joined(separator: " "))\n" }
        if let options = host.dnsOptions, !options.isEmpty { text += "options \(options.joined(separator: " "))\n" }
        return Array(text.utf8)
    }
}
