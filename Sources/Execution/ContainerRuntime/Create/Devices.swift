import Linux
import OCI

extension RootFileSystem {
    /// The nodes and links that every container has (config-linux.md, "Default Devices" and "Dev symbolic links").
    private static let standard: [LinuxDevice] = [
        LinuxDevice(path: "/dev/null", type: "c", major: 1, minor: 3, fileMode: 0o666),
        LinuxDevice(path: "/dev/zero", type: "c", major: 1, minor: 5, fileMode: 0o666),
        LinuxDevice(path: "/dev/full", type: "c", major: 1, minor: 7, fileMode: 0o666),
        LinuxDevice(path: "/dev/random", type: "c", major: 1, minor: 8, fileMode: 0o666),
        LinuxDevice(path: "/dev/urandom", type: "c", major: 1, minor: 9, fileMode: 0o666),
        LinuxDevice(path: "/dev/tty", type: "c", major: 5, minor: 0, fileMode: 0o666),
    ]

    private static let links = [
        ("fd", "/proc/self/fd"), ("stdin", "/proc/self/fd/0"), ("stdout", "/proc/self/fd/1"), ("stderr", "/proc/self/fd/2"),
        ("core", "/proc/kcore"), ("ptmx", "pts/ptmx"),
    ]

    /// Fills /dev. Does nothing where the host's /dev is bound over it.
    func makeDevices(in root: borrowing FileDescriptor) throws(RuntimeError) {
        let isBound = spec.mounts?.contains { $0.destination == "/dev" && ($0.options ?? []).contains { $0 == "bind" || $0 == "rbind" } } ?? false
        if isBound { return }
        // The kernel applies the mask to mknod(2) too.
        Process.setFileModeMask(0)
        defer { Process.setFileModeMask(0o022) }
        let dev = try at("open /dev") { () throws(SyscallError) in try root.makePath("/dev", directory: true) }
        let extra = spec.linux?.devices ?? []
        for device in Self.standard where !extra.contains(where: { $0.path == device.path }) {
            try make(device, named: String(device.path.dropFirst("/dev/".count)), in: dev)
        }
        for device in extra {
            let slash = device.path.lastIndex(of: "/") ?? device.path.startIndex
            let parent = try at("make \(device.path)") { () throws(SyscallError) in
                try root.makePath(String(device.path[..<slash]), directory: true)
            }
            try make(device, named: String(device.path[slash...].dropFirst()), in: parent)
        }
        for (name, target) in Self.links {
            do throws(SyscallError) { try dev.makeSymbolicLink(name, to: target) } catch  where error.errno == .exists { continue } catch {
                throw RuntimeError("link /dev/\(name)", error)
            }
        }
    }

    private func make(_ device: LinuxDevice, named name: String, in directory: borrowing FileDescriptor) throws(RuntimeError) {
        let kind: UInt32 =
            switch device.type {
            case "c", "u": 0o020000
            case "b": 0o060000
            case "p": 0o010000
            default: throw RuntimeError("device \(device.path): unknown type \(device.type)")
            }
        guard let major = UInt32(exactly: device.major ?? 0), let minor = UInt32(exactly: device.minor ?? 0) else {
            throw RuntimeError("device \(device.path): numbers \(device.major ?? 0):\(device.minor ?? 0) out of range")
        }
        let number = DeviceNumber(major: major, minor: minor)
        try at("make device \(device.path)") { () throws(SyscallError) in
            var isBound = false
            do throws(SyscallError) {
                try directory.makeNode(name, mode: kind | (device.fileMode ?? 0o666) & 0o7777, device: number)
            } catch  where error.errno == .notPermitted {
                // The root of a user namespace makes no devices; the host's will do.
                try bind(device, named: name, in: directory)
                isBound = true
            } catch  where error.errno == .exists {
                // Only the very device may be there already; an image cannot slip in another. Directories stay: they may be a volume's.
                let status = try directory.status(of: name)
                if status.mode & 0o170000 != kind || status.deviceNumber != number {
                    try directory.removeFile(name)
                    try directory.makeNode(name, mode: kind | (device.fileMode ?? 0o666) & 0o7777, device: number)
                }
            }
            if isBound { return }
            if device.uid ?? 0 != 0 || device.gid ?? 0 != 0 {
                try directory.changeOwner(name, user: device.uid ?? 0, group: device.gid ?? 0)
            }
        }
    }

    private func bind(_ device: LinuxDevice, named name: String, in directory: borrowing FileDescriptor) throws(SyscallError) {
        let source = try FileDescriptor.open(device.path, [.path])
        do throws(SyscallError) { _ = try directory.open(name, [.writeOnly, .create, .exclusive, .noFollow], mode: 0) } catch  where error.errno == .exists {}
        try Mounts.mount(source.procPath, on: try directory.open(name, [.path, .noFollow]), .bind)
    }
}
