internal import Values

extension Mounts {
    /// Mounts an overlay; `options` one by one, as the kernel's overlayfs.rst has them.
    ///
    /// mount(2) takes one page of them, which the paths of some 50 layers fill: longer lists name the layers by descriptor.
    package static func mountOverlay(_ options: [String], on target: String, _ flags: MountFlags = []) throws(SyscallError) {
        var lowers: [OpenFile] = []
        let data = options.joined(separator: ",").utf8.count < 4000 ? options : try shortened(options, keeping: &lowers)
        defer { withExtendedLifetime(lowers) {} }
        try mount("overlay", on: target, type: "overlay", flags, options: data.joined(separator: ","))
    }

    private static func shortened(_ options: [String], keeping lowers: inout [OpenFile]) throws(SyscallError) -> [String] {
        var short: [String] = []
        for option in options {
            guard option.hasPrefix("lowerdir=") else {
                short.append(option)
                continue
            }
            var paths: [String] = []
            for path in option.dropFirst("lowerdir=".count).split(separator: ":") {
                let file = try FileDescriptor.open(String(path), [.path, .directory])
                paths.append(file.procPath)
                lowers.append(OpenFile(file))
            }
            short.append("lowerdir=" + paths.joined(separator: ":"))
        }
        return short
    }
}
