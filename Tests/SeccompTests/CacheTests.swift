import Testing

import Linux
import Seccomp

@Suite struct CacheTests {
    /// A directory that goes when the closure ends.
    private func withDirectory(_ body: (String) throws -> Void) throws {
        let directory = "/tmp/davit-seccomp-\(UInt64.random(in: 0 ... .max))"
        defer {
            // Nothing depends on its being gone.
            try? FileSystem.removeTree(directory)
        }
        try body(directory)
    }

    @Test func keepsWhatItCompiled() throws {
        try withDirectory { directory in
            let cache = directory + "/cache/seccomp"
            let path = try #require(
                try SeccompFilter.path(profile: .default, capabilities: ["CAP_KILL", "CAP_CHOWN"], cacheDirectory: cache))
            let bytes = try FileSystem.read(path)
            #expect(bytes.count % 8 == 0)
            #expect(Kernel(bytes).verdict(0) == .allow)
            let first = try FileSystem.status(path)
            #expect(try SeccompFilter.path(profile: .default, capabilities: ["CAP_CHOWN", "CAP_KILL"], cacheDirectory: cache) == path)
            #expect(try SeccompFilter.bytes(profile: .default, capabilities: ["CAP_KILL", "CAP_CHOWN"], cacheDirectory: cache) == bytes)
            #expect(try FileSystem.status(path)?.inode == first?.inode, "it was not written again")
            #expect(try FileSystem.status(path)?.permissions == 0o600)
            #expect(try FileSystem.status(cache)?.permissions == 0o700)
            #expect(try SeccompFilter.path(profile: .default, capabilities: ["CAP_SYS_ADMIN"], cacheDirectory: cache) != path)
        }
    }

    @Test func damageIsRepaired() throws {
        try withDirectory { directory in
            let profile = SeccompProfile.json(
                Array(#"{"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [{"name": "read", "action": "SCMP_ACT_ALLOW"}]}"#.utf8))
            func path() throws -> String? { try SeccompFilter.path(profile: profile, capabilities: [], cacheDirectory: directory) }
            let file = try #require(try path())
            let sound = try FileSystem.read(file)
            var flipped = sound
            flipped[sound.count / 2] ^= 1
            for damaged in [
                flipped, [], Array(sound.dropLast()), Array(sound.dropLast(8)), sound + sound, [UInt8](repeating: 0, count: 1 << 20),
            ] {
                try FileSystem.replace(file, with: damaged)
                #expect(try path() == file)
                #expect(try FileSystem.read(file) == sound)
            }
        }
    }

    @Test func errorsLeaveNothing() throws {
        try withDirectory { directory in
            #expect(throws: SeccompError.self) {
                try SeccompFilter.path(profile: .json(Array("{".utf8)), capabilities: [], cacheDirectory: directory)
            }
            #expect(try SeccompFilter.path(profile: .json(Array("{}".utf8)), capabilities: [], cacheDirectory: directory) == nil)
            let left = FileSystem.exists(directory) ? try FileDescriptor.open(directory, [.directory]).entries() : []
            #expect(left.isEmpty)
        }
    }
}
