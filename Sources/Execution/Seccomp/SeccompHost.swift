internal import Linux

/// What a profile's conditions ask about the machine.
package struct SeccompHost: Sendable, Hashable {
    package var architecture: SeccompArchitecture
    package var kernel: KernelVersion
    /// The kernel's whole release, which compiled filters are kept under.
    package var release: String

    /// Throws when `release` does not begin with `<number>.<number>`.
    package init(architecture: SeccompArchitecture, release: String) throws(SeccompError) {
        guard let kernel = KernelVersion(release: release) else { throw SeccompError("unreadable kernel release \"\(release)\"") }
        self.architecture = architecture
        self.kernel = kernel
        self.release = release
    }

    /// The machine that this program was built for, and the kernel that it runs on.
    package static func current() throws -> SeccompHost {
        #if arch(x86_64)
            let architecture = SeccompArchitecture.x86_64
        #elseif arch(arm64)
            let architecture = SeccompArchitecture.aarch64
        #else
            #error("which SeccompArchitecture is this?")
        #endif
        return try SeccompHost(architecture: architecture, release: try KernelName.current().release)
    }
}

/// A kernel's version as far as profiles compare it: `6.1` of `6.1.0-18-amd64`.
package struct KernelVersion: Sendable, Hashable, Comparable {
    package var kernel: Int
    package var major: Int

    package init(_ kernel: Int, _ major: Int) {
        self.kernel = kernel
        self.major = major
    }

    /// Of a kernel's release, whatever follows the two numbers.
    init?(release: String) {
        let parts = release.split(separator: ".", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count >= 2, let kernel = Self.number(parts[0]), let major = Self.number(parts[1].prefix { $0.isNumber }) else {
            return nil
        }
        self.init(kernel, major)
    }

    /// As profiles write it: exactly two numbers under 256 that are not both 0.
    init?(exactly text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, let kernel = Self.number(parts[0]), let major = Self.number(parts[1]) else { return nil }
        guard kernel < 256, major < 256, kernel + major > 0 else { return nil }
        self.init(kernel, major)
    }

    package static func < (left: KernelVersion, right: KernelVersion) -> Bool {
        (left.kernel, left.major) < (right.kernel, right.major)
    }

    /// Digits only (`Int` alone would take a sign), few enough that nothing overflows.
    private static func number(_ text: Substring) -> Int? {
        guard (1...9).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return Int(text)
    }
}
