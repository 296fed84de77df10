import Diagnostics
import Testing
import Values

@testable import Volumes

/// Servers go by addresses: the kernel knows no names.
@Suite struct VolumeServerTests {
    private let known: [String: Result<IPAddress, Fault>] = ["nas": .success(IPAddress(.v4, 0x0a00_0001)), "gone": .failure(Fault(.internal, "gone"))]

    @Test(arguments: [
        ("nfs", ":/x", "addr=nas,rw", ":/x", ["addr=10.0.0.1", "rw"]), ("nfs", ":/x", "addr=1.2.3.4", ":/x", ["addr=1.2.3.4"]),
        ("nfs", ":/x", "addr=", ":/x", ["addr="]), ("cifs", "//nas/share/a", "username=u", "//10.0.0.1/share/a", ["username=u"]),
        ("cifs", "//nas/share", "addr=nas", "//nas/share", ["addr=10.0.0.1"]), ("tmpfs", "tmpfs", "addr=nas", "tmpfs", ["addr=nas"]),
    ])
    func addresses(_ type: String, _ device: String, _ options: String, _ source: String, _ expected: [String]) throws {
        let plan = try VolumeMountPlan.device(device, type: type, options: options).withAddress(known)
        #expect(plan.source == source && plan.options == expected)
    }

    @Test func whoIsNotKnown() {
        #expect(throws: UnknownServer.self) { try VolumeMountPlan.device(":/x", type: "nfs", options: "addr=other").withAddress(known) }
        #expect(throws: Fault.self) { try VolumeMountPlan.device(":/x", type: "nfs4", options: "addr=gone").withAddress(known) }
    }
}
