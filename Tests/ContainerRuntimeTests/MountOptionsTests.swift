import Linux
import Testing

@testable import ContainerRuntime

@Suite struct MountOptionsTests {
    @Test func flagsAndTheirOpposites() {
        #expect(MountOptions(["ro", "nosuid", "suid", "mode=755"]).flags == .readOnly)
        #expect(MountOptions(["ro", "rw"]).flags == [])
        #expect(MountOptions(["ro", "size=1m", "odd"]).data == ["size=1m", "odd"])
        #expect(MountOptions(["defaults", "z", "nocopy"]).data == [])
    }

    @Test func whatHoldsBelowToo() {
        let options = MountOptions(["rbind", "rro", "rnosuid", "rsuid", "rnoatime"])
        #expect(options.recursive.adding == MountAttributes.readOnly | 0x10 && options.recursive.clearing == 0x2 | 0x70)
        #expect(options.flags.contains(.readOnly))
        #expect(MountOptions(["rro", "rrw"]).recursive.adding == 0)
        #expect(MountOptions(["bind"]).recursive.isEmpty)
    }

    @Test func everyNameThatIsToldIsKnown() {
        for name in SupportedMountOptions.names { #expect(MountOptions([name]).data.isEmpty, "\(name)") }
    }
}
