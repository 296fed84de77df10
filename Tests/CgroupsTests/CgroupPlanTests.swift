@testable import Cgroups
import OCI
import Testing

@Suite struct CgroupPlanTests {
    @Test func hybridKeepsEachControllerInOneTree() {
        let found = CgroupHierarchies.parse(
            mountInfo: """
                31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755
                32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,relatime shared:3 - cgroup cgroup rw,cpu,cpuacct
                35 31 0:32 / /mnt/else\\040where rw - cgroup cgroup rw,memory
                35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory
                40 31 0:37 / /sys/fs/cgroup/systemd rw,relatime - cgroup cgroup rw,name=systemd
                41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw
                garbage - cgroup
                """)
        #expect(found.all.map(\.name) == ["cpu,cpuacct", "memory", "unified"])
        #expect(found[.cpuacct]?.mountPoint == "/sys/fs/cgroup/cpu,cpuacct" && found[.pids] == nil && !found.isPureVersion2)
        let pure = CgroupHierarchies.parse(mountInfo: "30 23 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw,nsdelegate")
        #expect(pure.isPureVersion2 && pure.all[0].mountPoint == "/sys/fs/cgroup")
        #expect(CgroupHierarchies.parse(mountInfo: "1 2 0:1 / /a\\040b rw - cgroup x rw,pids").all.first?.mountPoint == "/a b")
    }

    @Test(arguments: ["", "/", "a/../b", "..", "a//b", "./a", "a/", "a\nb"]) func badPaths(path: String) {
        #expect(throws: CgroupError.self) { try Cgroup(path: path, hierarchies: CgroupHierarchies(all: [])) }
    }

    @Test func limitsInBothVersions() throws {
        let resources = LinuxResources(
            memory: LinuxMemory(limit: 64 << 20, reservation: 32 << 20, swap: 96 << 20), cpu: LinuxCPU(shares: 512, quota: 50_000, cpus: "0-1"),
            pids: LinuxPids(limit: -1), blockIO: LinuxBlockIO(weight: 500))
        func table(_ settings: [CgroupSetting]) -> [String: String] { Dictionary(settings.map { ($0.file, $0.value) }) { $1 } }
        let one = table(try CgroupSetting.version1(resources))
        #expect(one["memory.limit_in_bytes"] == "67108864" && one["memory.memsw.limit_in_bytes"] == "100663296")
        #expect(one["cpu.shares"] == "512" && one["cpu.cfs_quota_us"] == "50000" && one["cpu.cfs_period_us"] == nil)
        #expect(one["pids.max"] == "max" && one["cpuset.cpus"] == "0-1" && one["blkio.bfq.weight"] == "500")
        let two = table(try CgroupSetting.version2(resources))
        #expect(two["memory.max"] == "67108864" && two["memory.swap.max"] == "33554432" && two["memory.low"] == "33554432")
        #expect(two["cpu.max"] == "50000 100000" && two["cpu.weight"] == "20" && two["io.weight"] == "default 4950")
        #expect(throws: CgroupError.self) { try CgroupSetting.version2(LinuxResources(memory: LinuxMemory(limit: 10, swap: 5))) }
        #expect(throws: CgroupError.self) { try CgroupSetting.unified(["../x": "1"]) }
        #expect(try CgroupSetting.unified(["memory.high": "5"]).first?.controller == .memory)
    }

    @Test func weightsStayInRange() {
        #expect(CgroupSetting.weight(shares: 0) == 1 && CgroupSetting.weight(shares: 1024) == 39 && CgroupSetting.weight(shares: .max) == 10_000)
        #expect(CgroupSetting.ioWeight(0) == 1 && CgroupSetting.ioWeight(.max) == 10_000)
    }

    @Test func missingControllerIsNamed() throws {
        let cgroup = try Cgroup(path: "a", hierarchies: CgroupHierarchies(all: []))
        #expect(throws: CgroupError.missingController(.memory, setting: "memory.max")) {
            try cgroup.plan(LinuxResources(memory: LinuxMemory(limit: 1 << 20)))
        }
    }

    @Test func deviceRulesDecideAsVersion1Does() throws {
        let docker = [
            LinuxDeviceCgroup(allow: false, access: "rwm"), LinuxDeviceCgroup(allow: true, type: "c", access: "m"),
            LinuxDeviceCgroup(allow: true, type: "c", major: 1, minor: 3, access: "rwm"), LinuxDeviceCgroup(allow: true, type: "c", major: 136, access: "rwm"),
            LinuxDeviceCgroup(allow: true, type: "b", major: 8, minor: 0, access: "r"),
        ]
        let program = try DeviceRules.compile(docker)
        func allows(_ type: UInt32, _ access: UInt32, _ major: UInt32, _ minor: UInt32) -> Bool {
            run(program, context: [access << 16 | type, major, minor]) == 1
        }
        #expect(allows(2, 6, 1, 3) && allows(2, 1, 9, 9) && allows(2, 4, 136, 77) && allows(1, 2, 8, 0))
        #expect(!allows(2, 2, 1, 5) && !allows(1, 4, 8, 0) && !allows(1, 6, 8, 0) && !allows(1, 1, 8, 1) && !allows(2, 3, 9, 9))
        let partial = try DeviceRules.compile([LinuxDeviceCgroup(allow: false, type: "c", major: 1, minor: 3, access: "w")])
        #expect(run(partial, context: [2 << 16 | 2, 1, 3]) == 1 && run(partial, context: [6 << 16 | 2, 1, 3]) == 0 && run(partial, context: [4 << 16 | 2, 1, 4]) == 1)
        #expect(try DeviceRules.version1(docker[3]) == "c 136:* rwm" && DeviceRules.version1(docker[0]) == "a")
        #expect(try DeviceRules.version1(LinuxDeviceCgroup(allow: true, type: "c", major: 1, minor: 11, access: "rwa")) == "c 1:11 rw")
        for bad in [
            LinuxDeviceCgroup(allow: true, type: "x"), LinuxDeviceCgroup(allow: true, type: "c", access: "rz"),
            LinuxDeviceCgroup(allow: true, type: "c", major: .max),
        ] {
            #expect(throws: CgroupError.self) { try DeviceRules.compile([bad]) }
        }
    }

    /// As much of the BPF machine as the programs use.
    private func run(_ program: [UInt64], context: [UInt32]) -> UInt32 {
        var registers = [UInt32](repeating: 0, count: 11)
        var next = 0
        while program.indices.contains(next) {
            let word = program[next]
            let to = Int(word >> 8 & 15), from = Int(word >> 12 & 15), value = UInt32(word >> 32)
            let offset = Int(Int16(bitPattern: UInt16(word >> 16 & 0xffff)))
            next += 1
            switch word & 0xff {
            case 0x61: registers[to] = context[offset / 4]
            case 0xbc: registers[to] = registers[from]
            case 0xb4: registers[to] = value
            case 0x74: registers[to] >>= value
            case 0x54: registers[to] &= value
            case 0x16: if registers[to] == value { next += offset }
            case 0x56: if registers[to] != value { next += offset }
            case 0x95: return registers[0]
            default: return .max
            }
        }
        return .max
    }

    @Test func blockStatistics() {
        let one = CgroupStatistics.blockIO(version1: "8:0 Read 4096\n8:0 Total 4096\nTotal 4096\n")
        #expect(one == [.init(major: 8, minor: 0, operation: "Read", value: 4096), .init(major: 8, minor: 0, operation: "Total", value: 4096)])
        let two = CgroupStatistics.blockIO(version2: "254:16 rbytes=1 wbytes=2 rios=3 wios=4 dbytes=0\nx\n")
        #expect(two.bytes.map(\.value) == [1, 2] && two.operations.map(\.value) == [3, 4])
    }
}
