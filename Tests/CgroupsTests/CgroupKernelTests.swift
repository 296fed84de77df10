@testable import Cgroups
import Linux
import OCI
import Testing

/// Against the machine's own trees; needs root, and says so when it is skipped.
@Suite(.enabled(if: FileSystem.exists("/sys/fs/cgroup") && Credentials.effectiveUser == 0, "needs root and cgroups"), .serialized)
struct CgroupKernelTests {
    /// A cgroup of this test alone, gone when the body ends.
    private func withCgroup(
        _ resources: LinuxResources = LinuxResources(), in hierarchies: CgroupHierarchies? = nil, _ body: (Cgroup) throws -> Void
    ) throws {
        let cgroup = try Cgroup(path: "davit-test-\(Process.id)/one", hierarchies: hierarchies)
        defer {
            // The body's own failure is the one to see.
            try? cgroup.killAll()
            try? cgroup.remove()
            try? Cgroup(path: "davit-test-\(Process.id)", hierarchies: hierarchies).remove()
        }
        try cgroup.create(resources)
        try body(cgroup)
        try cgroup.killAll()
        try cgroup.remove()
        #expect(!cgroup.exists)
    }

    /// A shell that stands still until it has been moved into the cgroup.
    private func shell(_ script: String, in cgroup: Cgroup) throws -> ChildProcess {
        let child = try Spawn("/bin/sh", ["sh", "-c", "kill -STOP $$; \(script)"], environment: ["PATH=/usr/bin:/bin"]).start()
        try cgroup.add(child.pid)
        // Waits for the STOP, which may not have come yet: a CONT before it would be lost.
        while String(decoding: try FileSystem.read("/proc/\(child.pid)/stat"), as: UTF8.self).split(separator: " ")[2] != "T" {}
        try child.signal(18)
        return child
    }

    /// The machine's trees, and its version 2 tree as if there were nothing else.
    private static func trees() throws -> [CgroupHierarchies] {
        let real = try CgroupHierarchies.detect()
        var two = real
        two.all.removeAll { !$0.isVersion2 }
        if two.all.isEmpty || real.isPureVersion2 { return [real] }
        two.all[0].controllers.formUnion([.devices, .freezer])
        return [real, two]
    }

    @Test func limitsAreWritten() throws {
        let resources = LinuxResources(memory: LinuxMemory(limit: 32 << 20, swap: 64 << 20), cpu: LinuxCPU(shares: 512, quota: 20_000), pids: LinuxPids(limit: 7))
        try withCgroup(resources) { cgroup in
            let statistics = try cgroup.statistics()
            #expect(statistics.memory.limit == 32 << 20 && statistics.pids.limit == 7)
            // Up past the old sum, and down below it.
            try cgroup.update(LinuxResources(memory: LinuxMemory(limit: 128 << 20, swap: 256 << 20)))
            #expect(try cgroup.statistics().memory.limit == 128 << 20)
            try cgroup.update(LinuxResources(memory: LinuxMemory(limit: 16 << 20, swap: 16 << 20), cpu: LinuxCPU(cpus: "0")))
            #expect(try cgroup.statistics().memory.limit == 16 << 20)
        }
    }

    @Test func aShorterPeriodWaitsForItsQuota() throws {
        try withCgroup(LinuxResources(cpu: LinuxCPU(quota: 50_000))) { cgroup in
            let below = try Cgroup(path: "\(cgroup.path)/below")
            try below.create(LinuxResources(cpu: LinuxCPU(quota: 40_000)))
            var cpu = LinuxCPU(quota: 3_000)
            cpu.period = 10_000
            // The old quota in the new period would be four processors, where the group above has half of one.
            try below.update(LinuxResources(cpu: cpu))
            try below.remove()
        }
    }

    @Test func memoryHogIsKilledAndCounted() throws {
        try withCgroup(LinuxResources(memory: LinuxMemory(limit: 16 << 20, swap: 16 << 20))) { cgroup in
            #expect(try cgroup.oomKills() == 0)
            let child = try shell("exec tail /dev/zero", in: cgroup)
            #expect(try child.wait() == .signaled(9))
            #expect(try cgroup.oomKills() == 1)
        }
    }

    @Test func frozenProcessesStandStillAndDie() throws {
        for tree in try Self.trees() {
            try withCgroup(in: tree) { cgroup in
                let child = try shell("while :; do :; done", in: cgroup)
                #expect(try !cgroup.isFrozen())
                try cgroup.freeze()
                #expect(try cgroup.isFrozen())
                try cgroup.thaw()
                #expect(try !cgroup.isFrozen())
                try cgroup.freeze()
                try cgroup.killAll()
                #expect(try child.wait() == .signaled(9))
            }
        }
    }

    @Test func killReachesDescendants() throws {
        for tree in try Self.trees() {
            try withCgroup(in: tree) { cgroup in
                let child = try shell("(sleep 1000; true) & (sleep 1000; true) & sleep 1000; true", in: cgroup)
                while try cgroup.processes().count < 6 {}
                try cgroup.killAll()
                #expect(try child.wait() == .signaled(9))
            }
        }
    }

    @Test func devicesAreDenied() throws {
        let rules = [
            LinuxDeviceCgroup(allow: false), LinuxDeviceCgroup(allow: true, type: "c", major: 1, minor: 3, access: "rwm"),
            LinuxDeviceCgroup(allow: true, type: "c", major: 1, minor: 5, access: "r"),
        ]
        for tree in try Self.trees() {
            try withCgroup(LinuxResources(devices: rules), in: tree) { cgroup in
                let script = "head -c1 /dev/zero >/dev/null || exit 2; (: >/dev/zero) 2>/dev/null && exit 3; (: </dev/urandom) 2>/dev/null && exit 4; exit 5"
                #expect(try shell(script, in: cgroup).wait() == .exited(5))
                try cgroup.update(LinuxResources(devices: [LinuxDeviceCgroup(allow: true)]))
                #expect(try shell(script, in: cgroup).wait() == .exited(3))
            }
        }
    }

    @Test func leftoversAreReplacedAndUsedOnesKept() throws {
        try withCgroup { cgroup in
            let again = try Cgroup(path: cgroup.path)
            try again.create()
            let child = try shell("sleep 1000", in: cgroup)
            #expect(throws: CgroupError.self) { try again.create() }
            #expect(try cgroup.processes().contains(child.pid))
            try child.signal(9)
            _ = try child.wait()
        }
    }

    @Test func timing() throws {
        let clock = ContinuousClock()
        let best = try (0..<30).map { _ in
            try clock.measure {
                let cgroup = try Cgroup(path: "davit-test-\(Process.id)/two")
                try cgroup.create(LinuxResources(memory: LinuxMemory(limit: 32 << 20, swap: 64 << 20), pids: LinuxPids(limit: 7)))
                try cgroup.remove()
            }
        }.min()
        try Cgroup(path: "davit-test-\(Process.id)").remove()
        print("detect, create, remove:", best as Any)
    }
}
