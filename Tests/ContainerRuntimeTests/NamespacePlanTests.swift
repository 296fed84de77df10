import Linux
import OCI
import Testing

@testable import ContainerRuntime

@Suite struct NamespacePlanTests {
    private func plan(_ namespaces: [LinuxNamespace], _ change: (inout LinuxSpec) -> Void = { _ in }) throws -> NamespacePlan {
        var linux = LinuxSpec(namespaces: namespaces)
        change(&linux)
        return try NamespacePlan(RuntimeSpec(linux: linux))
    }

    @Test func newOnesAndJoinedOnes() throws {
        let plan = try plan([LinuxNamespace(.mount), LinuxNamespace(.pid), LinuxNamespace(.network, path: "/proc/1/ns/net"), LinuxNamespace(.cgroup)])
        #expect(plan.made == [.newMount, .newPID] && plan.makesCgroup && plan.joined.map(\.kind) == [.newNetwork] && !plan.needsOneBetween)
    }

    @Test func usersAndClocksTakeOneBetween() throws {
        let mapping = [LinuxIDMapping(containerID: 0, hostID: 1000, size: 1)]
        let users = try plan([LinuxNamespace(.mount), LinuxNamespace(.user)]) { ($0.uidMappings, $0.gidMappings) = (mapping, mapping) }
        #expect(users.mapsUsers && users.needsOneBetween)
        let joined = try plan([LinuxNamespace(.mount), LinuxNamespace(.user, path: "/proc/1/ns/user")])
        #expect(!joined.mapsUsers && joined.hasUsers && joined.needsOneBetween)
        #expect(try plan([LinuxNamespace(.mount), LinuxNamespace(.time)]).needsOneBetween)
    }

    @Test func whatMakesNoSense() {
        #expect(throws: RuntimeError.self) { try plan([LinuxNamespace(.pid)]) }
        #expect(throws: RuntimeError.self) { try plan([LinuxNamespace(.mount), LinuxNamespace(.mount)]) }
        #expect(throws: RuntimeError.self) { try plan([LinuxNamespace(.mount), LinuxNamespace(.time), LinuxNamespace(.time)]) }
        #expect(throws: RuntimeError.self) { try plan([LinuxNamespace(.mount), LinuxNamespace(.network, path: "net")]) }
        #expect(throws: RuntimeError.self) { try plan([LinuxNamespace(.mount), LinuxNamespace(.user)]) }
        #expect(throws: RuntimeError.self) { try plan([LinuxNamespace(.mount)]) { $0.timeOffsets = ["boottime": LinuxTimeOffset()] } }
    }

    @Test func numbersCrossTheSocketWhole() {
        for number: Int32 in [0, 1, 300, 70_000, 4_194_304, .max] { #expect(ChildMessage.number(ChildMessage.bytes(number)) == number) }
    }
}
